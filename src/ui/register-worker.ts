/** @file Put the service worker in place: once isolated, always offline-ready, never in the way. */

const reloadedKey = 'evolvarium:reloaded-for-isolation';

/**
 * Register the service worker of a built page.
 *
 * On a host without isolation headers the page reloads once, at the first visit, to get threads. Where
 * there is no service worker (plain http, private windows) it stays as it is, on one thread.
 */
export async function registerWorker(): Promise<void> {
	// `undefined` outside a secure context, whatever the types say
	const container = Reflect.get(navigator, 'serviceWorker') as ServiceWorkerContainer | undefined;
	if (import.meta.env.DEV || container === undefined) return;
	try {
		await container.register(new URL('service-worker.js', document.baseURI));
		const registration = await container.ready;
		if (!crossOriginIsolated && reloadOnce()) return;
		registration.active?.postMessage(seen());
	} catch {
		// not allowed here: the page works without, on one thread and only online
	}
}

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

/** What this page has loaded before the worker ruled it. */
function seen(): readonly string[] {
	const page = new URL('./', document.baseURI).href;
	return [page, ...performance.getEntriesByType('resource').map(({ name }) => name)];
}
