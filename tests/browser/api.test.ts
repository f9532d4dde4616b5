/** @file Models and chat in real Chromium: a GGUF file in OPFS, opened in the worker, talked with, taught, and found again. */
import { afterEach, describe, expect, test } from 'vitest';
import { connectWorker } from '#worker/connect-worker.ts';
import type { ApiEvent, WorkerClient } from '#worker/api.ts';
import { openRemoteSession } from '#worker/remote-session.ts';
import { openOpfsLibrary } from '#storage/library/opfs.ts';
import { lessonFor, lossesOf, piecesOf, questionTo } from '../chat/lesson.ts';

const open: WorkerClient[] = [];
afterEach(async () => {
	for (const session of open.splice(0)) await session.dispose();
});

/** A tab's session, as `open-session.ts` opens it. */
function tab(): WorkerClient {
	const connect = () =>
		connectWorker(
			new Worker(new URL('../../src/worker/worker.ts', import.meta.url), { type: 'module' }),
		);
	const session = openRemoteSession(connect, { base: new URL('/', location.href).href });
	open.push(session);
	return session;
}

/** Puts the file into the library, as a download does. */
async function takeIn(): Promise<string> {
	const library = await openOpfsLibrary();
	if (!library) throw new Error('this browser has no private file system');
	const response = await fetch(new URL('../fixtures/tiny-chat.gguf', import.meta.url));
	const bytes = new Uint8Array(await response.arrayBuffer());
	const { id } = await library.begin({
		name: 'Tiny chat',
		source: { kind: 'files' },
		files: [{ name: 'tiny-chat.gguf', bytes: bytes.length }],
	});
	const writer = await library.append(id, 'tiny-chat.gguf');
	await writer.write(bytes);
	await writer.close();
	await library.finish(id, 'tiny-chat.gguf');
	return id;
}

describe('a model of the library', () => {
	test('speaks, learns in five steps, and is there with its adapter after a reload', async () => {
		const id = await takeIn();
		const model = `library:${id}`;
		const events: ApiEvent[] = [];
		const api = tab();
		api.listen((event) => events.push(event));
		const choices = await api.chatModels();
		expect(choices[0]).toMatchObject({ model, name: 'Tiny chat', isSeedling: false });
		expect(choices.map(({ model: name }) => name)).toContain('reversal');
		expect(await api.openChat(model)).toMatchObject({ hasTemplate: true, contextLength: 256 });
		const question = questionTo(model);
		const base = await api.ask(question);
		expect(piecesOf(events, 'q').map(({ token }) => token)).toEqual(base.tokens);
		const kept = await api.tuneChat(lessonFor(model));
		const losses = lossesOf(events);
		expect(losses).toHaveLength(5);
		expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
		const adapter = { kind: 'tuned', id: kept?.id ?? '' } as const;
		const taught = await api.ask({ ...question, id: 'b', adapter });
		expect(taught.logprobs).not.toEqual(base.logprobs);
		expect(await api.ask({ ...question, id: 'c' })).toEqual(base);

		await open.splice(0)[0]?.dispose();
		const again = tab();
		expect(await again.listAdapters(model)).toEqual([kept]);
		expect(await again.ask({ ...question, id: 'd', adapter })).toEqual(taught);
		await again.deleteAdapter(adapter.id);
		await (await openOpfsLibrary())?.remove(id);
	});

	test('a seedling can be asked, too', async () => {
		const api = tab();
		const { text } = await api.ask({
			...questionTo('reversal'),
			conversation: [{ role: 'user', content: 'AaBb<' }],
		});
		expect(text.length).toBeGreaterThan(0);
	});
});
