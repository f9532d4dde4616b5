/** @file What may be drawn, against transformers; and that limits never move the log-probabilities told. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { candidates, penalise, sample, type SamplingOptions } from '#engines/decoding/sampling.ts';
import { tokenText } from '#engines/token-text.ts';

interface Case {
	readonly options: SamplingOptions;
	readonly said: readonly number[];
	readonly logits: readonly number[];
	readonly penalised: readonly number[];
	readonly probabilities: readonly number[];
}
const path = new URL('../fixtures/sampling/expected.json', import.meta.url);
const cases = JSON.parse(await readFile(path, 'utf8')) as readonly Case[];
const free = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
/** A set of tokens below 64. */
const only = (...tokens: readonly number[]) => {
	const set = new Uint32Array(2);
	for (const token of tokens) set[token >>> 5] = (set[token >>> 5] ?? 0) | (1 << (token & 31));
	return set;
};

describe('sampling', () => {
	test.each(cases)('leaves the odds that transformers leaves: $options', (recorded) => {
		const { options, said, logits, penalised, probabilities } = recorded;
		const scores = penalise(Float32Array.from(logits), new Set(said), options.repetitionPenalty);
		expect(scores).toBeAllclose(penalised);
		const { tokens, odds: some } = candidates(scores, options);
		const odds = Array.from(some);
		const total = odds.reduce((sum, p) => sum + p, 0);
		const found = logits.map(() => 0);
		odds.forEach((p, i) => (found[tokens[i] ?? 0] = p / total));
		expect(found).toBeAllclose(probabilities, { relative: 1e-4 });
	});

	test('draws at those odds', () => {
		const { options, said, logits, probabilities } = cases[6] as Case;
		const stream = random(1);
		const counts = logits.map(() => 0);
		const draws = 20_000;
		for (let i = 0; i < draws; i++) {
			const { token } = sample(Float32Array.from(logits), options, stream, {
				penalised: new Set(said),
			});
			counts[token] = (counts[token] ?? 0) + 1 / draws;
		}
		// Five standard deviations of the likeliest: 0.018.
		expect(counts).toBeAllclose(probabilities, { relative: 0, absolute: 0.018 });
	});

	test('of equals keeps those with the lower ids', () => {
		const { tokens } = candidates(Float32Array.of(1, 2, 2, 2, 0), { ...free, topK: 2 });
		expect(Array.from(tokens)).toEqual([1, 2]);
	});

	test('draws only what is allowed, and tells the log-probability of the whole distribution', () => {
		const logits = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
		const whole = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
		const allowed = only(3, 35, 63);
		const limits = { allowed, penalised: new Set([35]) };
		const seen = new Set<number>();
		const stream = random(2);
		for (const temperature of [0, 1, 3])
			for (const over of [{}, { topK: 2 }, { topP: 0.6 }, { minP: 0.2 }, { repetitionPenalty: 5 }])
				for (let i = 0; i < 20; i++) {
					const options = { ...free, temperature, ...over };
					const { token, logprob } = sample(logits, options, stream, limits);
					seen.add(token);
					expect([3, 35, 63]).toContain(token);
					expect(logprob).toBeCloseTo((logits[token] ?? 0) - whole, 5);
				}
		expect([...seen].sort((a, b) => a - b)).toEqual([3, 35, 63]);
	});

	test('a penalty above 1 turns a greedy choice away from what was said', () => {
		const logits = Float32Array.of(2, 1.9, -1);
		const greedy = { ...free, temperature: 0, repetitionPenalty: 1.2 };
		expect(sample(logits, greedy, random(1), { penalised: new Set([2]) }).token).toBe(0);
		expect(sample(logits, greedy, random(1), { penalised: new Set([0]) }).token).toBe(1);
	});
});

describe('tokens as text', () => {
	test('give a character when its last byte is there, and keep a space that a decoder drops at the start', () => {
		const parts = [[32, 97], [0xe6, 0x97], [0xa5], [98]];
		const decode = (tokens: readonly number[]) =>
			new TextDecoder()
				.decode(Uint8Array.from(tokens.flatMap((token) => parts[token] ?? [])))
				.replace(/^ /, '');
		const text = tokenText(decode);
		expect([0, 1, 2, 0, 3].map(text.push)).toEqual(['a', '', '日', ' a', 'b']);
		expect(text.rest()).toBe('');
		expect([text.push(1), text.rest()]).toEqual(['', '\ufffd']);
	});
});
