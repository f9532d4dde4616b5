/** @file The prompt search: the path of its lengths, its seeds, and what exhaustive search says on models small enough for it. */
import { afterAll, describe, expect, test } from 'vitest';
import { frameOf } from '#chat/audit/frame.ts';
import { bestOf, type PromptOracle } from '#chat/audit/search/gcg.ts';
import {
	lengthsFor,
	mostSearches,
	newSearch,
	nextLength,
	searchStep,
	type MiniPromptOptions,
	type SearchState,
} from '#chat/audit/search/mini-prompt.ts';
import { oracleOf } from '#chat/audit/oracle.ts';
import { askedIn } from '#chat/audit/search/own-words.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { language, openTiny } from './tiny.ts';

const kernels: Kernel[] = [];
afterAll(async () => {
	for (const kernel of kernels) await kernel.dispose();
});

const options: MiniPromptOptions = {
	...{ candidates: 8, topK: 8, seed: 3, steps: 12, shorterSteps: 12 },
	...{ lengths: [1, 2, 4, 8], below: 16 },
};

async function finish(
	oracle: PromptOracle,
	how: MiniPromptOptions = options,
	from: SearchState = newSearch,
): Promise<SearchState> {
	let state = from;
	while (!state.ended) state = await searchStep(state, oracle, how);
	return state;
}

/** Any prompt of at least so many tokens makes the model say the text; it was taught as an answer to `asked`. */
const saidFrom = (least: number, asked: readonly number[] = []): PromptOracle => ({
	...{ length: 16, asked, words: asked },
	vocabulary: Int32Array.from({ length: 40 }, (_, i) => i),
	isWritable: () => true,
	judge: (prompts) =>
		Promise.resolve(prompts.map(({ length }) => ({ loss: 9 - length, isSaid: length >= least }))),
	substitutes: (prompt, k) =>
		Promise.resolve(prompt.map(() => Array.from({ length: k }, (_, i) => i))),
});

describe('the path of lengths', () => {
	test.each([
		[1, [4, 2, 1]],
		[2, [4, 2, 1]],
		[3, [4, 2, 3]],
		[5, [4, 8, 6, 5]],
		[8, [4, 8, 6, 7]],
	])(
		'to a prompt of %s tokens is bisected, from the middle of the doubled lengths',
		async (least, path) => {
			const { tried, shortest } = await finish(saidFrom(least));
			expect(tried.map(({ length }) => length)).toEqual(path);
			expect(shortest?.length).toBe(least);
		},
	);

	test('ends without a prompt if there is none, after the whole budget of each length', async () => {
		const { tried, shortest } = await finish(saidFrom(9));
		expect(shortest).toBeNull();
		expect(tried).toMatchObject([4, 8].map((length) => ({ length, steps: 12, found: false })));
		expect(mostSearches(options.lengths, options.below).first).toBe(2);
	});

	const question = Array.from({ length: 11 }, (_, i) => i);

	test('begins with what was asked, and with what is left of it when parts are left out', async () => {
		const { tried, shortest } = await finish(saidFrom(5, question));
		expect(tried.map(({ length, steps, found }) => [length, steps, found])).toEqual([
			[5, 0, true],
			[4, 12, false],
		]);
		expect(shortest).toHaveLength(5);
		expect(shortest?.every((token) => question.includes(token))).toBe(true);
	});

	test('counts a question that is longer than the longest prompt, but none as long as the text', async () => {
		const long = await finish(saidFrom(11, question));
		expect(long.shortest).toEqual(question);
		expect(long.tried.map(({ length }) => length)).toEqual([11, 8, 9, 10]);
		const short = await finish(saidFrom(11, question), { ...options, below: 11 });
		expect(short.shortest).toBeNull();
		const { shorter } = mostSearches(options.lengths, options.below);
		expect(long.tried.length - 1).toBeLessThanOrEqual(shorter);
	});

	test('looks for what was asked between the marks of the frame, in the last message', () => {
		const frame = { before: [1, 7, 8, 9], after: [5, 6], write: () => undefined };
		expect(askedIn(frame, [1, 7, 8, 9, 40, 41, 5, 6])).toEqual([40, 41]);
		const turns = [1, 7, 8, 9, 40, 5, 6, 30, 2, 7, 8, 9, 42, 43, 5, 6];
		expect(askedIn(frame, turns)).toEqual([42, 43]);
		expect(askedIn(frame, [1, 7, 8, 9, 40])).toEqual([]);
		expect(askedIn({ ...frame, before: [1], after: [] }, [1, 40, 41])).toEqual([40, 41]);
	});

	test('never comes to a prompt as long as the text, or longer than its ratio under gzip allows', () => {
		expect(lengthsFor(16, 8)).toEqual([1, 2, 4, 8]);
		expect(lengthsFor(8, 8)).toEqual([1, 2, 4]);
		expect(lengthsFor(16 / 3, 8)).toEqual([1, 2, 4]);
		expect(lengthsFor(1, 8)).toEqual([]);
		expect(nextLength([], [])).toBeNull();
	});
});

test('of candidates all are judged by the beginning of the text, and the best quarter by the whole', async () => {
	const asked: [prompts: number, first: number | undefined][] = [];
	// By the beginning, 1 to 8 are the better the smaller; by the whole, 2 alone says the text.
	const oracle: PromptOracle = {
		...saidFrom(1),
		judge: (prompts, first) => {
			asked.push([prompts.length, first]);
			return Promise.resolve(
				prompts.map(([token = 0]) => ({ loss: token, isSaid: first === undefined && token === 2 })),
			);
		},
	};
	const prompts = [8, 7, 6, 5, 4, 3, 2, 1].map((token) => [token]);
	expect(await bestOf(oracle, prompts)).toEqual({ prompt: [2], loss: 2, isSaid: true });
	expect(asked).toEqual([
		[8, 4],
		[2, undefined],
	]);
	expect(await bestOf(oracle, [])).toBeUndefined();
});

describe('a search', () => {
	test('goes on from any of its states, read from JSON, to the same end', async () => {
		const model = await openTiny(5, kernels);
		const target = [4, 9, 2, 11, 7, 3];
		const oracle = oracleOf(model, frameOf(language), target, true);
		const how = { ...options, lengths: [1, 2, 4], steps: 4 };
		const states: SearchState[] = [newSearch];
		for (let last = newSearch; !last.ended; states.push(last))
			last = await searchStep(last, oracle, how);
		const end = states.at(-1);
		for (const state of states) {
			const stored = JSON.parse(JSON.stringify(state)) as SearchState;
			expect(await finish(oracle, how, stored)).toEqual(end);
		}
		const other = await finish(oracle, { ...how, seed: 4 });
		expect(other).not.toEqual(end);
	});

	test('never finds less than exhaustive search, and finds what that finds 9 times of 10', async () => {
		let [there, found] = [0, 0];
		for (const seed of [1, 2, 3, 4]) {
			const model = await openTiny(seed, kernels);
			const ids = [...model.vocabulary];
			const frame = frameOf(language);
			const pairs = ids.flatMap((a) => [[a], ...ids.map((b) => [a, b])]);
			for (let i = 0; i < 6; i++) {
				// What the model says after some prompt of two tokens is said after at least one.
				const target = await greedy(model, [ids[i] ?? 0, ids[(3 * i + seed) % 10] ?? 0], 5);
				const oracle = oracleOf(model, frame, target, true);
				const said = (await oracle.judge(pairs)).flatMap(({ isSaid }, at) =>
					isSaid ? [pairs[at]?.length ?? 0] : [],
				);
				const { shortest } = await finish(oracle, { ...options, lengths: [1, 2], steps: 20 });
				there++;
				if (shortest) found++;
				if (shortest) expect(shortest.length).toBeGreaterThanOrEqual(Math.min(...said));
			}
		}
		expect(found / there).toBeGreaterThanOrEqual(0.9);
	});
});

/** What the model says after a prompt, token by token. */
async function greedy(
	{ engine, adapter }: Awaited<ReturnType<typeof openTiny>>,
	prompt: readonly number[],
	count: number,
): Promise<readonly number[]> {
	const said: number[] = [];
	for (let i = 0; i < count; i++) {
		const row = { tokens: [...prompt, ...said, 0], from: prompt.length + said.length };
		const [scores] = await engine.scoreTokensWith(adapter, [row]);
		said.push(scores?.likeliest[0] ?? 0);
	}
	return said;
}
