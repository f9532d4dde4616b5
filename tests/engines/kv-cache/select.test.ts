/** @file Selection of kept tokens against NumPy's record of the authors' algorithm, and by what always holds. */
import { describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { pooled } from '#engines/kv-cache/pool.ts';
import {
	keptTokens,
	selectionMethods,
	votersOf,
	type Selection,
	type Votes,
} from '#engines/kv-cache/select.ts';
import recorded from '../../fixtures/kv-cache/expected.json';

const selection: Selection = {
	method: 'snapkv',
	budget: 24,
	window: 8,
	sinks: 0,
	kernel: 5,
	pool: 'average',
	group: 'mean',
	seed: 1,
};

/** The formula of `make.py`. */
const numbers = (count: number, seed: number): Float64Array =>
	Float64Array.from(
		{ length: count },
		(_, i) => 2 * Math.sin(12.9898 * (i + 1) + 78.233 * seed + 0.001 * i * i),
	);

/** Causal attention of the last `window` queries, summed over them. */
function votesOf(at: (typeof recorded)[number]): Votes {
	const { heads, groups, n, size, window } = at;
	const q = numbers(heads * n * size, heads + n);
	const k = numbers(groups * n * size, heads + n + 0.5);
	const values = new Float32Array(heads * n);
	for (let h = 0; h < heads; h++) {
		const g = Math.floor((h * groups) / heads);
		const sums = new Float64Array(n);
		for (let i = n - window; i < n; i++) {
			const raw = Float64Array.from({ length: i + 1 }, (_, t) => {
				let dot = 0;
				for (let c = 0; c < size; c++)
					dot += (q[(h * n + i) * size + c] ?? 0) * (k[(g * n + t) * size + c] ?? 0);
				return Math.exp(dot / Math.sqrt(size));
			});
			const total = raw.reduce((a, b) => a + b, 0);
			raw.forEach((weight, t) => (sums[t] = (sums[t] ?? 0) + weight / total));
		}
		values.set(sums, h * n);
	}
	return { values, heads, keyValueHeads: groups, length: n };
}

describe('against the record of the authors’ algorithm', () => {
	for (const at of recorded)
		test(`${at.heads} heads on ${at.groups}, ${at.n} tokens, window ${at.window}, ${at.pool} of ${at.kernel}`, () => {
			const votes = votesOf(at);
			expect(votes.values.subarray(0, at.n)).toBeAllclose(Float32Array.from(at.votes), {
				relative: 1e-5,
				absolute: 1e-6,
			});
			const pool = at.pool === 'max' ? 'max' : 'average';
			const options = { ...selection, window: at.window, kernel: at.kernel, pool } as const;
			const sets = keptTokens(votes, options, 0);
			if (pool === 'average' || !at.lowest) {
				expect(sets.map((set) => [...set])).toEqual(at.sets);
				return;
			}
			// A maximum has plateaus, and which of equal tokens is kept is nobody's rule: the lowest kept score is.
			const size = at.heads / at.groups;
			sets.forEach((set, g) => {
				expect(set).toHaveLength(at.budget);
				const joined = new Float64Array(at.n - at.window);
				for (let h = g * size; h < (g + 1) * size; h++)
					pooled(
						Float64Array.from(votes.values.subarray(h * at.n, (h + 1) * at.n - at.window)),
						at.kernel,
						'max',
					).forEach((score, t) => (joined[t] = (joined[t] ?? 0) + score / size));
				const kept = [...set].filter((t) => t < at.n - at.window).map((t) => joined[t] ?? 0);
				expect(Math.min(...kept)).toBeCloseTo(at.lowest[g] ?? NaN, 6);
			});
		});
});

describe('every method', () => {
	const stream = random(7);
	const length = 200;
	const votes: Votes = {
		values: Float32Array.from({ length: 6 * length }, () => stream.next()),
		heads: 6,
		keyValueHeads: 3,
		length,
	};
	for (const method of selectionMethods)
		test(`${method} keeps its budget, the window and the sinks, in order`, () => {
			for (const budget of [20, 50, 199, 200, 300]) {
				const sets = keptTokens(votes, { ...selection, method, budget, sinks: 4 }, 0);
				expect(sets).toHaveLength(3);
				for (const set of sets) {
					expect(set).toHaveLength(Math.min(budget, length));
					expect(new Set(set).size).toBe(set.length);
					expect([...set]).toEqual([...set].sort((a, b) => a - b));
					expect([...set]).toEqual(expect.arrayContaining([0, 1, 2, 3, 192, 199]));
				}
			}
		});

	test('decides the same again, and random otherwise for each head, layer and seed', () => {
		for (const method of selectionMethods) {
			const one = { ...selection, method };
			expect(keptTokens(votes, one, 2)).toEqual(keptTokens(votes, one, 2));
		}
		const drawn = (seed: number, layer: number): string[] =>
			keptTokens(votes, { ...selection, method: 'random', seed }, layer).map(String);
		expect(new Set([...drawn(1, 0), ...drawn(1, 1), ...drawn(2, 0)]).size).toBe(9);
	});
});

test('of equal votes the earlier tokens stay', () => {
	const votes = { values: new Float32Array(40), heads: 1, keyValueHeads: 1, length: 40 };
	const [set] = keptTokens(votes, { ...selection, budget: 12 }, 0);
	// The average of zeros is zero everywhere.
	expect([...(set ?? [])]).toEqual([0, 1, 2, 3, 32, 33, 34, 35, 36, 37, 38, 39]);
});

test('a fact is kept whole when one of its tokens is looked at, by the kernel’s length', () => {
	const values = new Float32Array(300);
	values[150] = 5;
	const votes = { values, heads: 1, keyValueHeads: 1, length: 300 };
	const facts = Array.from({ length: 13 }, (_, i) => 144 + i);
	const kept = (kernel: number): number[] =>
		facts.filter((t) => keptTokens(votes, { ...selection, budget: 21, kernel }, 0)[0]?.includes(t));
	expect(kept(13)).toEqual(facts);
	expect(kept(5)).toEqual([148, 149, 150, 151, 152]);
});

test('StreamingLLM keeps first and last tokens, H2O half recent ones', () => {
	const values = Float32Array.from({ length: 100 }, (_, t) => (t % 10 === 3 ? 1 : 0));
	const votes = { values, heads: 1, keyValueHeads: 1, length: 100 };
	const kept = (method: Selection['method'], sinks: number): number[] => [
		...(keptTokens(votes, { ...selection, method, budget: 20, sinks }, 0)[0] ?? []),
	];
	expect(kept('streaming', 4)).toEqual([
		0,
		1,
		2,
		3,
		...Array.from({ length: 16 }, (_, i) => 84 + i),
	]);
	const heavy = [3, 13, 23, 33, 43, 53, 63, 73, 83];
	expect(kept('h2o', 0)).toEqual([0, ...heavy, ...Array.from({ length: 10 }, (_, i) => 90 + i)]);
	expect(votersOf({ ...selection, method: 'h2o' }, 100)).toBe(100);
	expect(votersOf(selection, 100)).toBe(8);
	expect(votersOf({ ...selection, method: 'random' }, 100)).toBe(0);
});

test('a budget smaller than the window keeps the newest tokens; an even kernel is refused', () => {
	const votes = { values: new Float32Array(40), heads: 1, keyValueHeads: 1, length: 40 };
	expect([...(keptTokens(votes, { ...selection, budget: 3, sinks: 2 }, 0)[0] ?? [])]).toEqual([
		37, 38, 39,
	]);
	expect(() => keptTokens(votes, { ...selection, kernel: 4 }, 0)).toThrow(/odd/);
});
