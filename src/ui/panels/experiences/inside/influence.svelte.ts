/** @file The question what one example changes, asked of the worker: progress, result, cancel. */
import type { Influence } from '#runs/inside/influence.ts';
import type { ApiClient } from '../../../state/api.ts';
import { t } from '../../../language/language.svelte.ts';
import { asSessionError } from '../../../state/live.svelte.ts';

/** Held-out items asked, three times each. */
export const askedItems = 40;

export class InfluenceState {
	done = $state(0);
	total = $state(0);
	busy = $state(false);
	said = $state('');
	result = $state.raw<Influence | null>(null);
	readonly #api: ApiClient;
	#stopped = false;
	readonly #id = `influence-${Math.random().toString(36).slice(2)}`;

	constructor(api: ApiClient) {
		this.#api = api;
	}

	async ask(runId: string, round: number, experience: string): Promise<void> {
		if (this.busy) return;
		this.busy = true;
		this.said = '';
		this.result = null;
		[this.done, this.total] = [0, 0];
		const unlisten = this.#api.listen((event) => {
			if (event.type !== 'influence' || event.id !== this.#id) return;
			[this.done, this.total] = [event.done, event.total];
		});
		this.#stopped = false;
		try {
			const request = { id: this.#id, runId, t: round, experience, items: askedItems };
			this.result = await this.#api.ask((api) => api.influence(request));
		} catch (error) {
			this.said = this.#wasStopped() ? t('change.stopped') : asSessionError(error).message;
		} finally {
			unlisten();
			this.busy = false;
		}
	}

	#wasStopped(): boolean {
		return this.#stopped;
	}

	/** Ends the call under way. */
	stop(): void {
		this.#stopped = true;
		void this.#api.ask((api) => api.stopInfluence(this.#id));
	}
}
