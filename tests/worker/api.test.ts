/** @file The desk over a message channel: questions, answers piece by piece, errors with their codes, a worker that dies. */
import { afterEach, describe, expect, test } from 'vitest';
import type { TokenPiece } from '#engines/engine.ts';
import { portOver } from '#worker/connect-worker.ts';
import { serveDesk } from '#worker/rpc.ts';
import { openDesk, type ApiEvent } from '#worker/api.ts';
import { LocalSession } from '#runs/local-session.ts';
import type { Message, Request } from '#worker/protocol.ts';
import { RemoteSession, type Connection } from '#worker/remote-session.ts';
import { serve } from '#worker/serve.ts';
import type { Question } from '#chat/chat-api.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { like } from '../matchers.ts';
import { setUp } from '../runs/bench.ts';

const closing: (() => void)[] = [];
afterEach(() => {
	for (const close of closing.splice(0)) close();
});

interface Worker {
	readonly session: RemoteSession;
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
		const desks: MessagePort[] = [];
		const platform = {
			store: bench.store,
			openModel: (name: string) => {
				opened.push(name);
				return Promise.resolve(bench.model());
			},
			now: () => 0,
		};
		const session = new LocalSession(platform);
		serve(
			portOver<Message, Request>(port2),
			() => Promise.resolve(session),
			(port) => {
				desks.push(port);
				serveDesk(port, (tell) =>
					openDesk({ platform, models: session.models, tell, adapters: openMemoryStore().files }),
				);
			},
		);
		end = () => {
			for (const port of [port1, port2, ...desks]) port.close();
		};
		closing.push(end);
		return {
			port: portOver<Request, Message>(port1),
			onCrash: (listener) => (crashed = listener),
			terminate: () => end(),
		};
	};
	const session = new RemoteSession(connect, { base: 'https://example.org/' });
	return {
		session,
		opened,
		crash: () => {
			end();
			crashed('out of memory');
		},
	};
}

const question: Question = {
	id: 'a1',
	model: 'seedling',
	conversation: [{ role: 'user', content: 'AhBe<' }],
	adapter: null,
	sampling: { temperature: 0 },
	seed: 1,
	maxTokens: 20,
};

describe('the desk over a channel', () => {
	test('an answer comes piece by piece, and then as a whole', async () => {
		const { session, opened } = startWorker();
		const events: ApiEvent[] = [];
		const { desk } = await session.openDesk((event) => events.push(event));
		expect(await desk.openChat('seedling')).toMatchObject({
			model: 'seedling',
			contextLength: 128,
			hasTemplate: false,
		});
		const { text, stopReason } = await desk.ask(question);
		expect(stopReason).toBe('stop');
		const pieces = events.flatMap((event): readonly TokenPiece[] =>
			event.type === 'said' && event.id === 'a1' ? event.pieces : [],
		);
		expect(pieces.map((piece) => piece.text).join('')).toContain(text.replace('$', ''));
		expect(opened).toEqual(['seedling']);
	});

	test('a failure keeps its code and its sentence', async () => {
		const { session } = startWorker();
		const { desk } = await session.openDesk(() => undefined);
		await expect(
			desk.ask({ ...question, adapter: { kind: 'run', id: 'none' } }),
		).rejects.toMatchObject({ code: 'no-such-adapter', message: like(/choose another/) });
	});

	test('a worker that dies rejects what waits, with a sentence; the next desk is a new one', async () => {
		const { session, crash } = startWorker();
		const first = await session.openDesk(() => undefined);
		const waiting = first.desk.openChat('seedling');
		crash();
		await expect(waiting).rejects.toMatchObject({
			code: 'crashed',
			message: like(/out of memory.*opened again/),
		});
		expect(first.isClosed).toBe(true);
		const second = await session.openDesk(() => undefined);
		expect(await second.desk.ask({ ...question, id: 'a2' })).toMatchObject({ stopReason: 'stop' });
	});
});
