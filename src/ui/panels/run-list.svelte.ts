/** @file The stored runs, as both panels list them; read again when something was committed. */
import type { DamagedRun, RunRecord } from '#storage/runs/store.ts';
import { asSessionError, type Live } from '../state/live.svelte.ts';

/** Milliseconds between two readings while a run goes on. */
const restMs = 700;

export class RunList {
	runs = $state.raw<readonly RunRecord[]>([]);
	damaged = $state.raw<readonly DamagedRun[]>([]);
	state = $state.raw<'opening' | 'ready' | 'failed'>('opening');
	message = $state.raw('');
	readonly #live: Live;
	#readAt = -restMs;

	constructor(live: Live) {
		this.#live = live;
	}

	async read(): Promise<void> {
		this.#readAt = performance.now();
		try {
			const session = await this.#live.open();
			const entries = await session.entries();
			this.runs = entries.flatMap((entry) => (entry.kind === 'sound' ? [entry.run] : []));
			this.damaged = entries.filter((entry) => entry.kind === 'damaged');
			this.state = 'ready';
		} catch (error) {
			this.state = 'failed';
			this.message = asSessionError(error).message;
		}
	}

	/** Reads soon after a change, but not more often than the eye can follow; returns what cancels it. */
	readSoon(_version: number): () => void {
		const wait = Math.max(0, this.#readAt + restMs - performance.now());
		const timer = setTimeout(() => void this.read(), wait);
		return () => {
			clearTimeout(timer);
		};
	}

	named(id: string): RunRecord | undefined {
		return this.runs.find((run) => run.id === id);
	}
}
