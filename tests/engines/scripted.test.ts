/** @file The scripted engine: what it says, how it errs, what it remembers, when it stops. */
import { describe, expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';

const options = { maxTokens: 20 };
const textsOf = async (
	engine: ReturnType<typeof scripted>,
	prompts: readonly string[],
	over: object = {},
) => (await engine.generate(prompts, { ...options, ...over })).map((answer) => answer.text);

describe('what it says', () => {
	test('answers from a function, a table and a list', async () => {
		expect(await textsOf(scripted({ script: (p) => `${p}!` }), ['a', 'b'])).toEqual(['a!', 'b!']);
		const table = scripted({ script: { a: '1', b: '2' } });
		expect(await textsOf(table, ['b', 'a', 'b'])).toEqual(['2', '1', '2']);
		const list = scripted({ script: ['1', '2', '3'] });
		expect(await textsOf(list, ['x', 'x'])).toEqual(['1', '2']);
		expect(await textsOf(list, ['x'])).toEqual(['3']);
	});

	test('says so when the script has no answer', async () => {
		for (const script of [{ a: '1' }, []])
			await expect(scripted({ script }).generate(['toString'], options)).rejects.toMatchObject({
				code: 'not-available',
				message: expect.stringContaining('toString') as string,
			});
	});

	test('cuts at the longest allowed answer, and names why it ended', async () => {
		const engine = scripted({ script: () => '123456' });
		const [cut] = await engine.generate(['x'], { maxTokens: 4 });
		expect(cut).toMatchObject({ text: '1234', stopReason: 'length' });
		const [whole] = await engine.generate(['x'], { maxTokens: 7 });
		expect(whole).toMatchObject({ text: '123456', stopReason: 'stop' });
	});

	test('a script may depend on the weights it was given last', async () => {
		const adapter = { parameters: { kind: 'full' }, tensors: new Map() } as const;
		const engine = scripted({ script: (_p, call) => (call.adapter ? 'evolved' : 'base') });
		expect(await textsOf(engine, ['x'])).toEqual(['base']);
		await engine.setAdapter(adapter);
		expect(await textsOf(engine, ['x'])).toEqual(['evolved']);
		await engine.setAdapter(null);
		expect(await textsOf(engine, ['x'])).toEqual(['base']);
	});
});

describe('how it errs', () => {
	const prompts = Array.from({ length: 2000 }, (_, i) => `${i % 2 === 0 ? 'easy' : 'hard'} ${i}`);
	const erring = (seed = 1) =>
		scripted({
			script: () => '1234',
			errors: { seed, rate: (prompt) => (prompt.startsWith('easy') ? 0.05 : 0.6) },
		});

	test('at the rate of each prompt', async () => {
		const texts = await textsOf(erring(), prompts);
		const wrong = (parity: number) =>
			texts.filter((text, i) => i % 2 === parity && text !== '1234').length / 1000;
		// Five standard deviations of 1,000 draws: 0.034 and 0.077.
		expect(Math.abs(wrong(0) - 0.05)).toBeLessThan(0.035);
		expect(Math.abs(wrong(1) - 0.6)).toBeLessThan(0.078);
	});

	test('greedily the same each time and in any batch; sampled, by the seed', async () => {
		const all = await textsOf(erring(), prompts.slice(0, 100));
		expect(await textsOf(erring(), prompts.slice(50, 100))).toEqual(all.slice(50));
		expect(await textsOf(erring(2), prompts.slice(0, 100))).not.toEqual(all);
		const sampled = (seed: number) =>
			textsOf(erring(), Array<string>(100).fill('hard'), { temperature: 1, seed });
		expect(await sampled(1)).toEqual(await sampled(1));
		expect(await sampled(1)).not.toEqual(await sampled(2));
		expect(new Set(await sampled(1)).size).toBeGreaterThan(3);
	});

	test('a spoilt answer is never the right one', async () => {
		for (const answer of ['11', '12', '7', '1222'])
			for (const text of await textsOf(
				scripted({ script: () => answer, errors: { seed: 1, rate: () => 1 } }),
				prompts.slice(0, 50),
			))
				expect(text).not.toBe(answer);
	});
});

describe('what it tells', () => {
	const telling = scripted({
		script: () => 'abc',
		score: (_prompt, completion) => Array.from(completion, (_, i) => -i / 2),
	});

	test('log-probabilities from the score function, token by token', async () => {
		const [answer] = await telling.generate(['x'], options);
		expect(answer?.tokens).toEqual([97, 98, 99]);
		expect(answer?.logprobs).toEqual([-0, -0.5, -1]);
		const [score] = await telling.score([{ prompt: 'x', completion: 'ab' }]);
		expect(Array.from(score ?? [])).toEqual([-0, -0.5]);
	});

	test('nothing where it cannot know', async () => {
		const silent = scripted({ script: () => 'abc' });
		const [answer] = await silent.generate(['x'], options);
		expect(answer).toMatchObject({ tokens: [], logprobs: [] });
		await expect(silent.score([])).rejects.toMatchObject({ code: 'not-available' });
	});

	test('everything it was asked, in order', async () => {
		const engine = scripted({ script: () => 'a' });
		await engine.setAdapter(null);
		await engine.generate(['x', 'y'], options);
		await engine.stream('z', options).next();
		expect(engine.calls).toEqual([
			{ kind: 'setAdapter', adapter: null },
			{ kind: 'generate', prompts: ['x', 'y'], options },
			{ kind: 'stream', prompt: 'z', options },
		]);
	});
});

describe('when it stops', () => {
	test('an abort in the middle resolves; what is unfinished says aborted', async () => {
		const controller = new AbortController();
		const engine = scripted({ script: () => 'a', batch: 4 });
		const done: number[] = [];
		const answers = await engine.generate(Array<string>(20).fill('x'), {
			...options,
			signal: controller.signal,
			onProgress: (n) => {
				done.push(n);
				if (n === 8) controller.abort();
			},
		});
		expect(answers.map((answer) => answer.stopReason)).toEqual([
			...Array<string>(8).fill('stop'),
			...Array<string>(12).fill('aborted'),
		]);
		expect(done).toEqual([4, 8]);
	});

	test('a stream ends within one token of an abort', async () => {
		const controller = new AbortController();
		const stream = scripted({ script: () => 'abcdef' }).stream('x', {
			...options,
			signal: controller.signal,
		});
		const said: string[] = [];
		for (;;) {
			const next = await stream.next();
			if (next.done) {
				expect(next.value).toMatchObject({ text: 'ab', stopReason: 'aborted' });
				break;
			}
			said.push(next.value.text);
			if (said.length === 2) controller.abort();
		}
		expect(said).toEqual(['a', 'b']);
	});

	test('an unbroken stream says what generate says', async () => {
		const engine = scripted({ script: () => 'abc' });
		const stream = engine.stream('x', options);
		let next = await stream.next();
		while (!next.done) next = await stream.next();
		expect([next.value]).toEqual(await engine.generate(['x'], options));
	});

	test('scoring refuses when it was stopped', async () => {
		const engine = scripted({ script: () => 'a', score: () => [0] });
		const signal = AbortSignal.abort(new Error('enough'));
		await expect(engine.score([], { signal })).rejects.toThrow('enough');
	});
});
