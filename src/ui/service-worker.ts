/**
 * @file The service worker: makes the page cross-origin isolated on hosts that send no headers, binds its
 * workers to the content security policy, and keeps what was seen, so that the page opens offline.
 *
 * Built to `service-worker.js` beside `index.html`, since a worker rules only the folder it lies in.
 */
import { headFor, isCacheable, keepsForever } from './isolation.ts';

declare const self: ServiceWorkerGlobalScope;

// the build writes a hash of its file names here, so that a new build gets a new cache
const build = '__BUILD__';

// likewise the hosts that workers may connect to, which the policy in the HTML does not give them
const policy = '__POLICY__';

const mine = `evolvarium ${self.registration.scope} `;
const cacheName = mine + build;

self.addEventListener('activate', (event) => {
	event.waitUntil(forgetOldBuilds().then(() => self.clients.claim()));
});

// the page loads before its first worker controls it, so it reports the files it has used
self.addEventListener('message', (event: ExtendableMessageEvent) => {
	const urls: unknown = event.data;
	if (!Array.isArray(urls)) return;
	const wanted = urls.filter((url) => typeof url === 'string').filter(isOurs);
	event.waitUntil(Promise.all(wanted.map((url) => remember(url))));
});

self.addEventListener('fetch', (event) => {
	const { request } = event;
	if (request.method !== 'GET' || request.headers.has('range') || !isOurs(request.url)) return;
	event.respondWith(
		keepsForever(new URL(request.url).pathname) ? cacheFirst(request) : networkFirst(request),
	);
});

function isOurs(url: string): boolean {
	return url.startsWith(self.registration.scope);
}

async function cacheFirst(request: Request): Promise<Response> {
	return (await caches.match(request, { cacheName })) ?? (await networkFirst(request));
}

async function networkFirst(request: Request): Promise<Response> {
	const cache = await caches.open(cacheName);
	// the address bar's query holds settings of the page, not another file
	const key = request.mode === 'navigate' ? self.registration.scope : request.url;
	let response: Response;
	try {
		response = await fetch(request);
	} catch (error) {
		const kept = await cache.match(key);
		if (kept !== undefined) return kept;
		throw error;
	}
	const isolated = isolate(response);
	if (isCacheable(response)) {
		const copy = isolated.clone();
		// a full disk must not keep the page from loading
		await cache.put(key, copy).catch(() => undefined);
	}
	return isolated;
}

async function remember(url: string): Promise<void> {
	const cache = await caches.open(cacheName);
	if ((await cache.match(url)) !== undefined) return;
	const response = await fetch(url, { cache: 'force-cache' }).catch(() => null);
	if (response === null || !isCacheable(response)) return;
	await cache.put(url, isolate(response)).catch(() => undefined);
}

async function forgetOldBuilds(): Promise<void> {
	const names = await caches.keys();
	const old = names.filter((name) => name.startsWith(mine) && name !== cacheName);
	await Promise.all(old.map((name) => caches.delete(name)));
}

/** The same answer with the isolation headers; opaque answers cannot be copied and stay as they are. */
function isolate(response: Response): Response {
	if (response.type === 'opaque' || response.type === 'opaqueredirect') return response;
	const { status, statusText } = response;
	const empty = status === 204 || status === 304;
	return new Response(empty ? null : response.body, {
		status,
		statusText,
		headers: headFor(response.headers, policy),
	});
}
