/** @file Models and chat over the worker API: questions, answers piece by piece, errors with their codes, a worker that dies. */
import { afterEach, describe, expect, test } from 'vitest';
import type { TokenPiece } from '#engines/engine.ts';
import { openModelsApi, type ApiEvent, type WorkerClient } from '#worker/api.ts';
import { LocalSession } from '#runs/local-session.ts';
import { openRemoteSession, type Connection } from '#worker/remote-session.ts';
import { serveApi } from '#worker/rpc.ts';
import type { ChatRequest } from '#chat/chat-api.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { like } from '../matchers.ts';
import { setUp } from '../runs/bench.ts';

const closing: (() => void)[] = [];
afterEach(() => {
	for (const close of closing.splice(0)) close();
});

interface Worker {
	readonly session: WorkerClient;
	/** Base models opened so far, over all workers. */
	readonly opened: string[];
	crash(): void;
}

/** Workers over real message channels, as `worker.ts` puts them together. */
function startWorker(): Worker {
	const bench = setUp();
	const opened: string[] = [];
	let crashed: (reason: string) => void = () => undefined;
	let end: () => void = () => undefined;
	const connect = (): Connection => {
		const { port1, port2 } = new MessageChannel();
		const platform = {
			store: bench.store,
			openModel: (name: string) => {
				opened.push(name);
				return Promise.resolve(bench.model());
			},
			now: () => 0,
		};
		const session = new LocalSession(platform);
		serveApi(port2, (_options, emit) =>
			Promise.resolve({
				session,
				models: openModelsApi({
					platform,
					models: session.models,
					emit,
					adapters: openMemoryStore().files,
				}),
			}),
		);
		end = () => {
			port1.close();
			port2.close();
		};
		closing.push(end);
		return {
			channel: port1,
			onCrash: (listener) => (crashed = listener),
			terminate: () => end(),
		};
	};
	const session = openRemoteSession(connect, { base: 'https://example.org/' });
	return {
		session,
		opened,
		crash: () => {
			end();
			crashed('out of memory');
		},
	};
}

const question: ChatRequest = {
	id: 'a1',
	model: 'seedling',
	conversation: [{ role: 'user', content: 'AhBe<' }],
	adapter: null,
	sampling: { temperature: 0 },
	seed: 1,
	maxTokens: 20,
};

describe('models and chat over a channel', () => {
	test('an answer comes piece by piece, and then as a whole', async () => {
		const { session, opened } = startWorker();
		const events: ApiEvent[] = [];
		session.listen((event) => events.push(event));
		expect(await session.openChat('seedling')).toMatchObject({
			model: 'seedling',
			contextLength: 128,
			hasTemplate: false,
		});
		const { text, stopReason } = await session.ask(question);
		expect(stopReason).toBe('stop');
		const pieces = events.flatMap((event): readonly TokenPiece[] =>
			event.type === 'said' && event.id === 'a1' ? event.pieces : [],
		);
		expect(pieces.map((piece) => piece.text).join('')).toContain(text.replace('$', ''));
		expect(opened).toEqual(['seedling']);
	});

	test('a subscriber to runs gets no chat events; a listener gets both', async () => {
		const { session } = startWorker();
		const [ofRuns, all]: ApiEvent[][] = [[], []];
		session.subscribe((event) => ofRuns?.push(event));
		const stop = session.listen((event) => all?.push(event));
		await session.ask(question);
		expect(new Set(ofRuns?.map(({ type }) => type))).toEqual(new Set(['opened']));
		expect(new Set(all?.map(({ type }) => type))).toEqual(new Set(['opened', 'said']));
		stop();
		const before = all?.length;
		await session.ask({ ...question, id: 'a2' });
		expect(all).toHaveLength(before ?? -1);
	});

	test('a failure keeps its code and its sentence, which speaks of no run', async () => {
		const { session } = startWorker();
		await expect(
			session.ask({ ...question, adapter: { kind: 'run', id: 'none' } }),
		).rejects.toMatchObject({ code: 'no-such-adapter', message: like(/choose another/) });
		// No library was given to this worker.
		await expect(session.listModels()).rejects.toMatchObject({ code: 'not-available' });
	});

	test('a question that nobody answers is refused by name', async () => {
		const { session } = startWorker();
		const odd: unknown = Reflect.get(session, 'sing');
		if (typeof odd !== 'function') throw new Error('it has no such method');
		await expect(Reflect.apply(odd, session, [])).rejects.toMatchObject({
			code: 'bad-request',
			message: 'Nothing here answers "sing"; reload the page.',
		});
	});

	test('a worker that dies rejects what waits, with a sentence; the next question opens another', async () => {
		const { session, crash } = startWorker();
		await session.chatModels();
		const waiting = session.openChat('seedling');
		await Promise.resolve();
		crash();
		await expect(waiting).rejects.toMatchObject({
			code: 'crashed',
			message: like(/out of memory.*opened again/),
		});
		expect(await session.ask({ ...question, id: 'a2' })).toMatchObject({ stopReason: 'stop' });
	});
});
