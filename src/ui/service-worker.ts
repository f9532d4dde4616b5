/**
 * @file The service worker: seals every response of the site by headers, on hosts that send none too, keeps the site for
 * offline use, and tells the pages which requests went to the network.
 *
 * Built to `service-worker.js` beside `index.html`, since a worker rules only the folder it lies in.
 */
import { Kept } from './offline/kept.ts';
import type { Order, Report, SiteFile } from './offline/messages.ts';
import { sealed } from './offline/response.ts';

declare const self: ServiceWorkerGlobalScope;

// The build writes its name and its list of files here; a new build is thereby a new worker with a cache of its own.
const build = '__BUILD__';
const files = JSON.parse('__FILES__') as readonly SiteFile[];

const { scope } = self.registration;
const kept = new Kept({
	scope,
	build,
	files,
	caches: self.caches,
	fetch: (address, init) => fetch(address, init),
});

// It waits until no page of an older version is left, or one of them asks it to take over.
self.addEventListener('activate', (event) => {
	event.waitUntil(self.clients.claim());
});

self.addEventListener('message', (event: ExtendableMessageEvent) => {
	event.waitUntil(obey(event.data as Order));
});

self.addEventListener('fetch', (event) => {
	const { request } = event;
	if (request.method !== 'GET' || request.headers.has('range') || !request.url.startsWith(scope)) {
		tellRequest(request);
		return;
	}
	event.respondWith(respond(event));
});

async function obey(order: Order): Promise<void> {
	switch (order.type) {
		case 'keep':
			await kept.keep(order.parts, tell);
			await dropUnusedBuilds();
			return;
		case 'look':
			await kept.look(order.parts, tell);
			await dropUnusedBuilds();
			return;
		case 'drop':
			await kept.drop();
			await kept.look(order.parts, tell);
			return;
		case 'used':
			await kept.keepUsed(order.addresses);
			return;
		case 'take-over':
			await self.skipWaiting();
			return;
		default:
			order satisfies never;
	}
}

/** Files of the build from the cache, then from the network; without a network from what an older build left. */
async function respond(event: FetchEvent): Promise<Response> {
	const { request } = event;
	const address = new URL(request.url);
	const file = kept.fileAt(address);
	const found = file && (await kept.read(file));
	if (found) return sealed(found, address);
	tellRequest(request);
	// Of a navigation, any address of the site is the page.
	const path = request.mode === 'navigate' ? 'index.html' : (file?.path ?? pathOf(address));
	let response: Response;
	try {
		response = await fetch(request);
	} catch (error) {
		const page = request.mode === 'navigate' ? kept.fileAt(new URL(scope)) : undefined;
		const instead = (page && (await kept.read(page))) ?? (await kept.readOlder(path));
		if (instead) return sealed(instead, address);
		throw error;
	}
	if (file) event.waitUntil(kept.write(file, response.clone()));
	// A page of an older version asks for a file that the host no longer has.
	const older = response.status === 404 ? await kept.readOlder(path) : undefined;
	return sealed(older ?? response, address);
}

const pathOf = (address: URL): string =>
	(address.origin + address.pathname).slice(scope.length) || 'index.html';

/** Caches of other builds serve pages that are open still, and give what did not change: they go when neither is wanted. */
async function dropUnusedBuilds(): Promise<void> {
	const { installing, waiting } = self.registration;
	if (installing || waiting) return;
	const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
	if (pages.length <= 1) await kept.dropOlder();
}

function tellRequest({ url }: Request): void {
	tell({ type: 'request', host: new URL(url).host });
}

function tell(report: Report): void {
	void self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((pages) => {
		for (const page of pages) page.postMessage(report);
	});
}
