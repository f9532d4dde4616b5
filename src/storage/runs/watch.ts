/**
 * @file Change notices and file claims between tabs of one origin: which run changed, and who has files not yet committed.
 *
 * Browsers only. If there is no BroadcastChannel or no Web Locks (pages over plain http), a tab takes itself
 * for the only one.
 */
import { randomName } from '#base/random-name.ts';

export interface RunChange {
	readonly runId: string;
	/** Null: deleted. The same version again: renamed, or a row rejected. */
	readonly version: number | null;
}

const channelOf = (store: string): BroadcastChannel | null =>
	typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`${store}/runs`);

const locks = (): LockManager | undefined =>
	// absent outside secure contexts, whatever the type says
	(globalThis.navigator as Navigator | undefined)?.locks;

function isRunChange(value: unknown): value is RunChange {
	if (typeof value !== 'object' || value === null) return false;
	const version: unknown = Reflect.get(value, 'version');
	return (
		typeof Reflect.get(value, 'runId') === 'string' &&
		(version === null || typeof version === 'number')
	);
}

export interface Announcer {
	announce(change: RunChange): void;
	close(): void;
}

/** Notifies the other tabs; the Dexie store does so after every change. */
export function openAnnouncer(store = 'evolvarium'): Announcer {
	const channel = channelOf(store);
	return {
		announce: (change) => channel?.postMessage(change),
		close: () => channel?.close(),
	};
}

/** Subscribes to changes made through another store (other tabs, this tab's worker); returns the unsubscribe function. */
export function watchRuns(listener: (change: RunChange) => void, store = 'evolvarium'): () => void {
	const channel = channelOf(store);
	channel?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
		if (isRunChange(data)) listener(data);
	});
	return () => channel?.close();
}

/** Says that this store has files that no commit names yet, so that no other store takes them for orphans. */
export interface Claim {
	/** Resolves when the claim stands; it ends with `release`, or with the tab. */
	hold(): Promise<void>;
	release(): void;
	/** Runs `fn` under the lock that new claims need; returns false without running it if another store holds a claim. */
	unlessOthers(fn: () => Promise<void>): Promise<boolean>;
}

export function openClaim(store: string): Claim {
	const prefix = `${store}/claim/`;
	const mine = prefix + randomName();
	let end: (() => void) | null = null;
	let standing: Promise<void> | null = null;
	/** Lock of listing and making claims. */
	const exclusive = async (
		fn: (manager: LockManager | undefined) => Promise<void>,
	): Promise<void> => {
		const manager = locks();
		if (manager === undefined) {
			await fn(undefined);
			return;
		}
		await manager.request(`${store}/claims`, async () => await fn(manager));
	};
	const begin = async (): Promise<void> => {
		const ended = new Promise<void>((resolve) => (end = resolve));
		await exclusive(async (manager) => {
			if (manager === undefined) return;
			await new Promise<void>((held, refused) => {
				const kept = manager.request(mine, async () => {
					held();
					await ended;
				});
				kept.catch(refused);
			});
		});
	};
	return {
		hold: () => (standing ??= begin()),
		release() {
			end?.();
			end = standing = null;
		},
		async unlessOthers(fn) {
			let done = false;
			await exclusive(async (manager) => {
				const state = await manager?.query();
				if (state?.held?.some(({ name = '' }) => name.startsWith(prefix) && name !== mine)) return;
				await fn();
				done = true;
			});
			return done;
		},
	};
}
