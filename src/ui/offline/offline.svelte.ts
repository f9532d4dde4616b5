/** @file State of what is kept for offline use, of a newer version that waits, and of the requests since the page was loaded. */
import { forgetReload } from './register-worker.ts';
import { findGpu } from '#graph/runtime/gpu.ts';
import type { Order, Report, SitePart } from './messages.ts';

/** Choice of the person about keeping the page; nothing said means yes, but not on a metered connection. */
const answerKey = 'evolvarium:offline';

/** Milliseconds without use after which the page is kept even if the browser is never idle. */
const idleMs = 5000;

export type OfflineState =
	/** No service worker here, or not yet. */
	| 'none'
	/** Nothing or not all is kept, and the person has not been asked or said no. */
	| 'off'
	| 'keeping'
	| 'ready'
	| 'failed';

/** Longest wait for a newer version to take over, in milliseconds. */
const takeOverMs = 3000;

/** The page's side of its service worker. */
export class Offline {
	state = $state<OfflineState>('none');
	/** Bytes kept, and bytes to keep in all. */
	bytes = $state(0);
	of = $state(0);
	failure = $state('');
	/** A newer version is there, and takes over when it is asked to. */
	hasUpdate = $state(false);
	/** Requests to the network by host since the page was loaded, its own files for offline use left out. */
	requests = $state.raw<ReadonlyMap<string, number>>(new Map());
	readonly count = $derived([...this.requests.values()].reduce((sum, count) => sum + count, 0));

	#registration: ServiceWorkerRegistration | null = null;
	#parts: readonly SitePart[] = ['core'];

	/** Follows the service worker; keeps the page in idle time unless the person or a metered connection forbids it. */
	async follow(registration: ServiceWorkerRegistration | null): Promise<void> {
		if (!registration) {
			this.#countOwnRequests();
			return;
		}
		this.#registration = registration;
		navigator.serviceWorker.addEventListener('message', (event: MessageEvent<Report>) => {
			// A version that waits keeps its files too; the page shows those of its own.
			if (event.source === navigator.serviceWorker.controller || event.data.type === 'request')
				this.#take(event.data);
		});
		this.#watchForUpdates(registration);
		this.#tellUsed();
		const gpu = await findGpu();
		if (gpu && !gpu.isEmulated) this.#parts = ['core', 'gpu'];
		if (this.#keepsByItself()) await this.#keepWhenIdle();
		else this.#order('look');
	}

	/** Keeps the page, because the person said so. */
	keep(): void {
		remember('yes');
		this.state = 'keeping';
		this.#order('keep');
	}

	/** Deletes what is kept, and keeps nothing until the person says so. */
	drop(): void {
		remember('no');
		this.#order('drop');
	}

	/**
	 * Loads the newer version that waits; a run goes on after it. A browser lets it take over once the older one is idle.
	 * Chromium was seen to hold it back although no event was at work: then both are given up, and the page registers the
	 * newer one anew, whose files are kept already.
	 */
	update(): void {
		const reload = (): void => {
			location.reload();
		};
		navigator.serviceWorker.addEventListener('controllerchange', reload, { once: true });
		this.#send(this.#registration?.waiting, { type: 'take-over' });
		setTimeout(() => {
			forgetReload();
			void this.#registration?.unregister().then(reload);
		}, takeOverMs);
	}

	/** Files that came past the service worker are kept too: whoever keeps a model only needs them offline. */
	#tellUsed(): void {
		const tell = (addresses: readonly string[]): void => {
			this.#send(this.#registration?.active, { type: 'used', addresses });
		};
		tell([new URL('./', document.baseURI).href]);
		const observer = new PerformanceObserver((list) => {
			const past = list
				.getEntries()
				.filter((entry) => entry instanceof PerformanceResourceTiming && entry.workerStart === 0)
				.map(({ name }) => name);
			if (past.length > 0) tell(past);
		});
		observer.observe({ type: 'resource', buffered: true });
	}

	#keepsByItself(): boolean {
		// A class shares one weak network.
		if (new URLSearchParams(location.search).has('class')) return false;
		const answer = remembered();
		return answer === 'yes' || (answer === null && !isMetered());
	}

	async #keepWhenIdle(): Promise<void> {
		await new Promise<void>((resolve) => {
			// Safari has no idle callback.
			const idle = Reflect.get(globalThis, 'requestIdleCallback') as
				typeof requestIdleCallback | undefined;
			if (idle) idle(() => resolve(), { timeout: idleMs });
			else setTimeout(resolve, 1000);
		});
		this.#order('keep');
	}

	#order(type: 'look' | 'keep' | 'drop'): void {
		this.#send(this.#registration?.active, { type, parts: this.#parts });
	}

	#send(worker: ServiceWorker | null | undefined, order: Order): void {
		worker?.postMessage(order);
	}

	#take(report: Report): void {
		if (report.type === 'request') {
			this.#count(report.host);
			return;
		}
		const wasReady = this.state === 'ready';
		({ bytes: this.bytes, of: this.of } = report);
		this.failure = report.failed ? failures[report.failed] : '';
		if (report.failed) this.state = 'failed';
		else if (report.busy) this.state = 'keeping';
		else this.state = report.bytes === report.of ? 'ready' : 'off';
		// Keeping the page is the last part of loading it; what was asked of other hosts meanwhile still counts.
		if (this.state === 'ready' && !wasReady)
			this.requests = new Map([...this.requests].filter(([host]) => host !== location.host));
	}

	#count(host: string): void {
		this.requests = new Map(this.requests).set(host, (this.requests.get(host) ?? 0) + 1);
	}

	/** Without a service worker the page sees its own requests only, not those of its workers. */
	#countOwnRequests(): void {
		const observer = new PerformanceObserver((list) => {
			for (const { name } of list.getEntries()) this.#count(new URL(name).host);
		});
		observer.observe({ type: 'resource', buffered: false });
	}

	#watchForUpdates(registration: ServiceWorkerRegistration): void {
		const offer = (): void => {
			if (!registration.waiting || !navigator.serviceWorker.controller) return;
			this.hasUpdate = true;
			// Beforehand, so that the newer version is whole offline when it is asked for.
			if (this.#keepsByItself())
				this.#send(registration.waiting, { type: 'keep', parts: this.#parts });
		};
		offer();
		registration.addEventListener('updatefound', () => {
			registration.installing?.addEventListener('statechange', offer);
		});
	}
}

const failures = {
	'no-network':
		'Not all of it could be fetched, so it does not work offline yet. It tries again at the next visit.',
	'no-space': 'This browser has no room for it: free some space, then reload.',
	changed: 'There is a newer version of it on the host: reload to get that.',
} as const;

/** The person pays for data, or asked to save it; not every browser says so. */
function isMetered(): boolean {
	const connection = Reflect.get(navigator, 'connection') as
		{ readonly saveData?: boolean; readonly type?: string } | undefined;
	return connection?.saveData === true || connection?.type === 'cellular';
}

function remembered(): string | null {
	try {
		return localStorage.getItem(answerKey);
	} catch {
		return null; // storage is blocked
	}
}

function remember(answer: 'yes' | 'no'): void {
	try {
		localStorage.setItem(answerKey, answer);
	} catch {
		// It holds until the page is closed.
	}
}
