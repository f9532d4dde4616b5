/** @file Batches: shares of the pools, loss on the answer only, padding that changes nothing. */
import { describe, expect, test } from 'vitest';
import { derive, random } from '#base/random.ts';
import { compose, learns } from '#loop/3-update/compose.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import type { Example } from '#loop/example.ts';
import type { TrainPlan } from '#loop/plan.ts';
import { pack } from '#training/data/pack.ts';
import { supervise } from '#objectives/supervised.ts';
import { continuationOf, type Sample } from '#training/data/sample.ts';
import { sentencePieceTokenizer } from '#model/tokenizers/sentencepiece.ts';
import { smallSentencePiece } from '../../fixtures/tokenizers/load.ts';
import { addition, readPrompt, someTask, testWorld } from '../world.ts';

const { world } = testWorld();
const { tokenizer } = world;
const exampleOf = (difficulty: number): Example => {
	const { item } = someTask(difficulty, 'training');
	return { kind: 'answer', item, difficulty, answer: addition.reference.solve(item) };
};
const planOf = (
	shares: readonly (readonly [difficulty: number, share: number])[],
	batch = 64,
): TrainPlan => ({
	...startPlan([], addition),
	budget: { steps: 50, batch },
	mixture: shares.map(([difficulty, share]) => ({
		name: `${difficulty}`,
		share,
		examples: [exampleOf(difficulty)],
	})),
});
/** The text of a prompt; decoding alone would leave out what divides decoys from the problem. */
const promptOf = ({ tokens, mask }: Sample) =>
	tokens
		.slice(0, mask.indexOf(1))
		.map((token) => (token === tokenizer.padToken ? '_' : tokenizer.decode([token])))
		.join('');
const digitsOf = (row: Sample) => readPrompt(promptOf(row)).a.length;

describe('compose', () => {
	test('gives each pool its share of every batch, to within one row', () => {
		const plan = planOf([
			[9, 0.5],
			[3, 0.3],
			[4, 0.2],
		]);
		for (let seed = 0; seed < 20; seed++) {
			const rows = compose(plan, world, random(seed));
			expect(rows).toHaveLength(64);
			for (const [digits, share] of [[9, 0.5] as const, [3, 0.3] as const, [4, 0.2] as const])
				expect(
					Math.abs(rows.filter((row) => digitsOf(row) === digits).length - share * 64),
				).toBeLessThan(1);
		}
	});

	test('shares are normalised over the pools that hold anything', () => {
		const plan = planOf([[9, 0.2]]);
		const empty = { name: 'empty', share: 0.8, examples: [] };
		const rows = compose({ ...plan, mixture: [empty, ...plan.mixture] }, world, random(1));
		expect(rows.every((row) => digitsOf(row) === 9)).toBe(true);
	});

	test('an example is drawn no more often in a round than its pool allows; the others fill the batch', () => {
		const plan = planOf([
			[9, 0.5],
			[3, 0.25],
			[4, 0.25],
		]);
		const [few, ...rest] = plan.mixture;
		const bounded = { ...plan, mixture: few ? [{ ...few, repeats: 24 }, ...rest] : rest };
		const count = new Map<number, number>();
		for (let step = 0; step < 50; step++)
			for (const row of compose(bounded, world, random(derive(step, 'batch'))))
				count.set(digitsOf(row), (count.get(digitsOf(row)) ?? 0) + 1);
		expect(count.get(9)).toBeGreaterThan(12);
		expect(count.get(9)).toBeLessThan(36);
		expect((count.get(3) ?? 0) + (count.get(4) ?? 0) + (count.get(9) ?? 0)).toBe(50 * 64);
		expect(Math.abs((count.get(3) ?? 0) - (count.get(4) ?? 0))).toBeLessThan(60);
	});

	test('writes an answer in fresh views, and says the same answer in each', () => {
		const rows = compose(planOf([[9, 1]]), world, random(1));
		expect(new Set(rows.map(promptOf)).size).toBeGreaterThan(20);
		const { item } = someTask(9, 'training');
		for (const row of rows) {
			const { a, b } = readPrompt(promptOf(row));
			expect(addition.tasks.keyOf({ a, b })).toBe(addition.tasks.keyOf(item));
			expect(row.tokens.at(-1)).toBe(tokenizer.endToken);
			expect(row.tokens.filter((token) => token === tokenizer.endToken)).toHaveLength(1);
		}
	});

	test('a text is trained on exactly as it is, with its end mark, once', () => {
		for (const completion of ['a6b4$', 'a6b4']) {
			const example = { kind: 'text', difficulty: 2, prompt: 'a2b1+a4b3=', completion } as const;
			const plan = { ...planOf([], 2), mixture: [{ name: 'text', share: 1, examples: [example] }] };
			const [row] = compose(plan, world, random(1));
			const tokens = tokenizer.encode('a2b1+a4b3=a6b4$');
			expect(row).toEqual({ tokens, mask: tokens.map((_, t) => Number(t >= 10)) });
		}
	});

	test('tokens that were sampled are trained on as they are, where the same text encodes otherwise', () => {
		const { tokens: texts, scores, types: kinds } = smallSentencePiece;
		const pieces = sentencePieceTokenizer(
			{ texts, scores, kinds, spacePrefix: false },
			{ endToken: 2, padToken: 0 },
		);
		const spelt = (text: string) => Array.from(text, (letter) => texts.indexOf(letter));
		const [prompt, said] = [spelt('once'), spelt('upon')];
		const completion = pieces.decode(said);
		expect(completion).toBe('upon');
		expect(pieces.encode(completion)).not.toEqual(said);
		const tokens = { prompt, completion: said, logprobs: said.map(() => -0.5) };
		const text = { kind: 'text', difficulty: 2, prompt: 'once', completion } as const;
		const at = { ...world, tokenizer: pieces };
		const drawn = (example: Example) =>
			compose(
				{ ...planOf([], 1), mixture: [{ name: 'text', share: 1, examples: [example] }] },
				at,
				random(1),
			);
		// Cut off before its end: no end mark is made up.
		const logprobs = [...prompt.map(() => 0), ...tokens.logprobs];
		expect(drawn({ ...text, tokens })).toEqual([{ ...continuationOf(prompt, said), logprobs }]);
		// Under another prompt than was read: what was sampled, and nothing of how likely it was there.
		expect(drawn({ ...text, tokens: { completion: said } })).toEqual([
			continuationOf(pieces.encode('once'), said),
		]);
		expect(drawn(text)[0]?.tokens).toEqual([...pieces.encode('once'), ...pieces.encode('upon'), 2]);
	});

	test('an objective is given only examples with what it needs', () => {
		const plain = { kind: 'text', difficulty: 2, prompt: 'a1', completion: 'a2$' } as const;
		const better = { ...plain, advantage: 1, tokens: { prompt: [3], completion: [4] } };
		const sampled = { ...better, tokens: { ...better.tokens, logprobs: [-1] } };
		const gradient = {
			name: 'policy-gradient',
			clipLow: 0.2,
			clipHigh: 0.2,
			average: 'tokens',
		} as const;
		const at = (ratio: 'clip' | 'none'): TrainPlan => ({
			...planOf([], 8),
			objective: { ...gradient, ratio },
			mixture: [{ name: 'text', share: 1, examples: [plain, better, sampled] }],
		});
		const withLogprobs = (ratio: 'clip' | 'none') =>
			compose(at(ratio), world, random(1)).map(({ logprobs }) => logprobs !== undefined);
		expect(new Set(withLogprobs('clip'))).toEqual(new Set([true]));
		expect(new Set(withLogprobs('none'))).toEqual(new Set([true, false]));
		expect(learns({ ...at('none'), mixture: [{ name: 't', share: 1, examples: [plain] }] })).toBe(
			false,
		);
	});

	test('is the same for the same stream', () => {
		const plan = planOf([
			[9, 0.5],
			[3, 0.5],
		]);
		expect(compose(plan, world, random(7))).toEqual(compose(plan, world, random(7)));
		expect(compose(plan, world, random(7))).not.toEqual(compose(plan, world, random(8)));
	});
});

describe('a packed batch', () => {
	const row = (length: number, start: number): Sample => ({
		tokens: Array.from({ length }, (_, i) => i + 2),
		mask: Array.from({ length }, (_, i) => Number(i >= start)),
	});

	test('weighs the tokens of the answer and no others', () => {
		const packed = pack([row(6, 4), row(8, 5)], { padToken: 0 });
		const batch = { ...packed, ...supervise(packed) };
		expect(batch).toMatchObject({ batch: 2, length: 8, normaliser: 5 });
		// Weight t belongs to token t + 1.
		expect(Array.from(batch.tokens)).toEqual([
			...[2, 3, 4, 5, 6, 7, 0, 0],
			...[2, 3, 4, 5, 6, 7, 8, 9],
		]);
		expect(Array.from(batch.weights)).toEqual([...[0, 0, 0, 1, 1, 0, 0], ...[0, 0, 0, 0, 1, 1, 1]]);
	});
});
