/** @file Models and chat API of the panels, through the page's present session. */
import type { ModelsApi, ApiListener } from '#worker/api.ts';
import type { App } from './app.svelte.ts';
import type { Live } from './live.svelte.ts';

export class ApiClient {
	readonly #live: Live;

	constructor(live: Live) {
		this.#live = live;
	}

	/** Asks the worker, opened with the first question; one that dies meanwhile rejects with a sentence. */
	async ask<T>(question: (api: ModelsApi) => Promise<T>): Promise<T> {
		return question(await this.#live.open());
	}

	/** Subscribes to the events of this session and of those opened after it; returns the unsubscribe function. */
	listen(listener: ApiListener): () => void {
		return this.#live.listen(listener);
	}
}

export const apiOf = (app: App): ApiClient => new ApiClient(app.live);
