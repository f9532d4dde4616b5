/**
 * @file What every engine promises, whoever answers: the same for the same seed in any company, why it ended, stop texts
 * left out, forms kept or refused, and an abort that keeps what is there.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	type AnswerForm,
	type Engine,
	type GenerateOptions,
	type Generation,
	type Message,
	type TokenPiece,
} from '#engines/engine.ts';
import { BackendError } from '#base/backend-error.ts';
import { hasForm } from '#engines/forms/token-form.ts';

/** An engine, and what to ask it. */
export interface EngineCase {
	readonly engine: Engine;
	/** Different texts, whose greedy answers are at least four characters long. */
	readonly prompts: readonly [string, string, string];
	/** Tokens to allow; greedy answers need not end by themselves. */
	readonly maxTokens: number;
	/** Samples differ from seed to seed. */
	readonly samples: boolean;
	readonly chat: 'answers' | 'refuses';
	/** Forms that it keeps to when asked the first prompt, and one that it refuses. */
	readonly forms: { readonly keeps: readonly AnswerForm[]; readonly refuses?: AnswerForm };
}

const chat: readonly Message[] = [
	{ role: 'system', content: 'ab' },
	{ role: 'user', content: 'cd' },
];

async function drain(stream: AsyncGenerator<TokenPiece, Generation>) {
	const pieces: TokenPiece[] = [];
	for (;;) {
		const next = await stream.next();
		if (next.done) return { pieces, generation: next.value };
		pieces.push(next.value);
	}
}

/** Runs the contract; `open` makes a fresh engine, which is closed at the end. */
export function describeEngine(name: string, open: () => Promise<EngineCase>): void {
	describe(`${name}, as every engine`, () => {
		let it: EngineCase;
		beforeAll(async () => {
			it = await open();
		});
		afterAll(() => it.engine.dispose());
		const ask = (prompts: readonly string[], over: Partial<GenerateOptions> = {}) =>
			it.engine.generate(prompts, { maxTokens: it.maxTokens, ...over });
		const stream = (over: Partial<GenerateOptions> = {}) =>
			it.engine.stream(it.prompts[0], { maxTokens: it.maxTokens, ...over });

		test('says in words what it is', () => {
			expect(it.engine.name).toMatch(/^[a-z][a-z-]*$/);
			expect(it.engine.description).not.toBe('');
		});

		test('answers greedily the same alone, in company, and as a stream', async () => {
			const together = await ask(it.prompts);
			expect(together).toHaveLength(3);
			for (const [i, prompt] of it.prompts.entries()) {
				const [alone] = await ask([prompt]);
				expect(alone?.text).toBe(together[i]?.text);
			}
			const { pieces, generation } = await drain(stream());
			expect(generation.text).toBe(together[0]?.text);
			expect(generation.stopReason).toBe(together[0]?.stopReason);
			expect(pieces.map(({ text }) => text).join('')).toBe(generation.text);
		});

		test('samples by the seed and the place in the list, whatever else is asked', async () => {
			const sampled = { temperature: 1, seed: 3 };
			const first = await ask(it.prompts, sampled);
			expect((await ask(it.prompts, sampled)).map(({ text }) => text)).toEqual(
				first.map(({ text }) => text),
			);
			const [alone] = await ask([it.prompts[0]], sampled);
			expect(alone?.text).toBe(first[0]?.text);
			if (!it.samples) return;
			const others = await ask(it.prompts, { temperature: 1, seed: 4 });
			expect(others.map(({ text }) => text)).not.toEqual(first.map(({ text }) => text));
		});

		test('gives each token one log-probability, never above 0, or none of both', async () => {
			const streamed = await drain(stream());
			for (const { tokens, logprobs } of [...(await ask(it.prompts)), streamed.generation]) {
				expect(logprobs).toHaveLength(tokens.length);
				for (const logprob of logprobs) expect(logprob).toBeLessThanOrEqual(0);
			}
		});

		test('says that an answer was cut at its longest', async () => {
			const [cut] = await ask([it.prompts[0]], { maxTokens: 2 });
			expect(cut?.stopReason).toBe('length');
			const [whole] = await ask([it.prompts[0]]);
			expect(whole?.text.startsWith(cut?.text ?? '?')).toBe(true);
		});

		test('ends before the first stop text, and leaves it out of stream and answer', async () => {
			const [whole] = await ask([it.prompts[0]]);
			const text = whole?.text ?? '';
			expect(text.length).toBeGreaterThanOrEqual(4);
			const stop = [text.slice(2, 4), 'never said'];
			const expected = text.slice(0, text.indexOf(stop[0] ?? ''));
			const [cut] = await ask([it.prompts[0]], { stop });
			expect(cut).toMatchObject({ text: expected, stopReason: 'stop' });
			const { pieces, generation } = await drain(stream({ stop }));
			expect(generation).toMatchObject({ text: expected, stopReason: 'stop' });
			expect(pieces.map((piece) => piece.text).join('')).toBe(expected);
		});

		test('takes a chat, or refuses it with a sentence', async () => {
			const asked = it.engine.generate([chat], { maxTokens: it.maxTokens });
			if (it.chat === 'answers') expect(await asked).toHaveLength(1);
			else await expect(asked).rejects.toThrow(/no chat template/);
		});

		test('keeps an answer to its form, or refuses the form', async () => {
			for (const form of it.forms.keeps) {
				const [answer] = await ask([it.prompts[0]], { form });
				const { generation } = await drain(stream({ form }));
				for (const said of [answer, generation]) {
					expect(said?.stopReason).toBe('stop');
					expect([said?.text, hasForm(form, said?.text ?? '')]).toEqual([said?.text, true]);
				}
			}
			if (it.forms.refuses)
				await expect(ask([it.prompts[0]], { form: it.forms.refuses })).rejects.toThrow(
					BackendError,
				);
		});

		test('counts its prompts up to all of them', async () => {
			const seen: (readonly [number, number])[] = [];
			await ask(it.prompts, { onProgress: (done, total) => seen.push([done, total]) });
			expect(seen.at(-1)).toEqual([3, 3]);
			for (const [i, [done]] of seen.entries()) expect(done).toBeGreaterThan(seen[i - 1]?.[0] ?? 0);
		});

		test('resolves when it is stopped: what is not finished says so', async () => {
			const answers = await ask(it.prompts, { signal: AbortSignal.abort() });
			expect(answers.map(({ stopReason }) => stopReason)).toEqual(Array(3).fill('aborted'));
			const controller = new AbortController();
			const begun = stream({ signal: controller.signal });
			const first = await begun.next();
			expect(first.done).toBe(false);
			controller.abort();
			const { pieces, generation } = await drain(begun);
			expect(pieces).toEqual([]);
			expect(generation.stopReason).toBe('aborted');
		});

		test('answers again after it was stopped', async () => {
			expect((await ask(it.prompts)).some(({ stopReason }) => stopReason === 'aborted')).toBe(
				false,
			);
		});
	});
}
