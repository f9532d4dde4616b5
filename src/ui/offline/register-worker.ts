/** @file Registration of the service worker, which isolates the page, seals its workers and keeps it for offline use. */

const reloadedKey = 'evolvarium:reloaded-for-isolation';

/** Longest wait for the service worker, in milliseconds. */
const patienceMs = 2000;

let settle = (): void => undefined;
const settled = new Promise<void>((resolve) => (settle = resolve));

/**
 * Resolves when the service worker rules the page, or will not, or takes too long. A worker begun before that would
 * load its parts past it: they would be missing offline, and would come without its policy.
 */
export const workerInPlace = (): Promise<void> => Promise.race([settled, pause(patienceMs)]);

/**
 * Registers the service worker of a built page; null if there is none here.
 *
 * On a host without isolation headers the page reloads once, at the first visit, to get threads. If
 * there is no service worker (plain http, private windows) it stays as it is, on one thread.
 */
export async function registerWorker(): Promise<ServiceWorkerRegistration | null> {
	// `undefined` outside a secure context, whatever the types say
	const container = Reflect.get(navigator, 'serviceWorker') as ServiceWorkerContainer | undefined;
	try {
		if (import.meta.env.DEV || container === undefined) return null;
		await container.register(new URL('service-worker.js', document.baseURI));
		const registration = await container.ready;
		if (!crossOriginIsolated && reloadOnce()) return null;
		await ruling(container);
		return registration;
	} catch {
		return null; // not allowed here: the page works without, on one thread and only online
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

/** The next visit may reload for isolation again. */
export function forgetReload(): void {
	try {
		sessionStorage.removeItem(reloadedKey);
	} catch {
		// storage is blocked: there was no reload
	}
}
