/** @file Registration of the service worker, which isolates the page and makes it work offline. */

const reloadedKey = 'evolvarium:reloaded-for-isolation';

/** Longest wait for the service worker, in milliseconds. */
const patienceMs = 2000;

let settle = (): void => undefined;
const settled = new Promise<void>((resolve) => (settle = resolve));

/**
 * Resolves when the service worker rules the page, or will not, or takes too long. A worker begun before that would
 * load its parts past it, and they would be missing offline.
 */
export const workerInPlace = (): Promise<void> => Promise.race([settled, pause(patienceMs)]);

/**
 * Register the service worker of a built page.
 *
 * On a host without isolation headers the page reloads once, at the first visit, to get threads. If
 * there is no service worker (plain http, private windows) it stays as it is, on one thread.
 */
export async function registerWorker(): Promise<void> {
	// `undefined` outside a secure context, whatever the types say
	const container = Reflect.get(navigator, 'serviceWorker') as ServiceWorkerContainer | undefined;
	try {
		if (import.meta.env.DEV || container === undefined) return;
		await container.register(new URL('service-worker.js', document.baseURI));
		const registration = await container.ready;
		if (!crossOriginIsolated && reloadOnce()) return;
		await ruling(container);
		if (registration.active) tellLoads(registration.active);
	} catch {
		// not allowed here: the page works without, on one thread and only online
	} finally {
		settle();
	}
}

/** Resolves once the page is ruled: after a forced reload it is not, until the next visit. */
async function ruling(container: ServiceWorkerContainer): Promise<void> {
	if (container.controller !== null) return;
	const ruled = new Promise((resolve) => {
		container.addEventListener('controllerchange', resolve, { once: true });
	});
	await Promise.race([ruled, pause(patienceMs)]);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Reload for isolation, unless that was tried in this tab and did not help. */
function reloadOnce(): boolean {
	try {
		if (sessionStorage.getItem(reloadedKey) !== null) return false;
		sessionStorage.setItem(reloadedKey, 'yes');
	} catch {
		return false; // storage is blocked: never risk a reload without end
	}
	location.reload();
	return true;
}

/**
 * Reports files that the page loads past the worker: before it took control, or while it did (requests under way then come
 * later than this).
 */
function tellLoads(worker: ServiceWorker): void {
	worker.postMessage([new URL('./', document.baseURI).href]);
	const observer = new PerformanceObserver((list) => {
		const past = list
			.getEntries()
			.filter((entry) => entry instanceof PerformanceResourceTiming && entry.workerStart === 0)
			.map(({ name }) => name);
		if (past.length > 0) worker.postMessage(past);
	});
	observer.observe({ type: 'resource', buffered: true });
}
