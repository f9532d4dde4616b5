/**
 * @file The page's side of the desk: opened with the first question, opened anew after the worker died or was closed.
 * Comes in with the panels that use it.
 */
import type { DeskConnection } from '#worker/rpc.ts';
import type { Desk, DeskEvent } from '#worker/api.ts';
import { SessionFailure } from '#base/failure.ts';
import type { App } from './app.svelte.ts';
import type { Live } from './live.svelte.ts';

export class DeskClient {
	readonly #live: Live;
	readonly #listeners = new Set<(event: DeskEvent) => void>();
	#connection: Promise<DeskConnection> | undefined;
	/** What it led to. */
	#current: DeskConnection | undefined;

	constructor(live: Live) {
		this.#live = live;
	}

	/** Asks the desk; a worker that dies meanwhile rejects with a sentence, and the next question opens another. */
	async ask<T>(question: (desk: Desk) => Promise<T>): Promise<T> {
		return question((await this.#open()).desk);
	}

	/** Hears what happens at the desk; returns the function that ends it. */
	listen(listener: (event: DeskEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	#open(): Promise<DeskConnection> {
		if (this.#connection && !this.#current?.isClosed) return this.#connection;
		this.#current = undefined;
		const connecting = this.#connect();
		this.#connection = connecting;
		connecting.then(
			(connection) => (this.#current = connection),
			() => (this.#connection = undefined),
		);
		return connecting;
	}

	async #connect(): Promise<DeskConnection> {
		const session = await this.#live.open();
		if (!session.openDesk)
			throw new SessionFailure('bad-request', 'Models and chat are not part of this page.');
		return session.openDesk((event) => {
			for (const listener of this.#listeners) listener(event);
		});
	}
}

const clients = new WeakMap<App, DeskClient>();

/** The desk of a page, the same one for every panel. */
export function deskOf(app: App): DeskClient {
	const found = clients.get(app) ?? new DeskClient(app.live);
	clients.set(app, found);
	return found;
}
