/** @file What formats with index hints and an end mark must keep beside the contract of every environment. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { derive, random } from '#base/random.ts';
import { end, pad } from '#environments/alphabet.ts';
import { alphabets, type SeedlingName } from '#seedlings/alphabets.ts';
import type { EnvironmentWith } from '#environments/environment.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import type { View } from '#environments/item.ts';
import { trainingView } from '#environments/tasks.ts';
import { cellsOf, samplesOf, scoreOf } from './describe-environment.ts';

/** Runs the suite for one environment whose answers are characters of a seedling's alphabet. */
export function describeIndexHints(
	name: string,
	environment: EnvironmentWith<'answers' | 'reference'>,
	model: SeedlingName,
): void {
	const { answers, hint, reference, tasks, words } = environment;
	const alphabet: readonly string[] = alphabets[model];
	const samples = samplesOf(environment);
	type Sample = typeof samples extends fc.Arbitrary<infer S> ? S : never;
	const each = (check: (sample: Sample) => Promise<void> | void, numRuns = 300): Promise<void> =>
		fc.assert(
			fc.asyncProperty(samples, async (sample) => check(sample)),
			{ numRuns, seed: 1 },
		);
	const kindOf = async (sample: Sample, view: View, text: string): Promise<string> =>
		(await scoreOf(environment, sample.item, view, text)).verdict.kind;

	describe(`${name}, as characters`, () => {
		it('begins with the plain view', () =>
			each(({ item }) => {
				for (const [key, value] of Object.entries(tasks.views(item, 9, random(4))[0] ?? {}))
					if (key !== 'offset') expect([false, 0, '']).toContain(value);
			}));

		it('trains on the plain view and on others', () => {
			const stream = random(5);
			const item = tasks.draw(5, stream);
			const prompts = new Set(
				Array.from({ length: 60 }, () =>
					environment.open(item, trainingView(tasks, item, stream)).first(),
				),
			);
			expect(prompts.size).toBeGreaterThan(1);
		});

		it('calls a near miss wrong and names the right answer', () =>
			each(async ({ item, view }) => {
				const expected = reference.solve(item);
				const last = expected.at(-1) ?? '';
				const order = '0123456789'.includes(last) ? '0123456789' : 'abcdefghijklmnopqrstuvwxyz';
				const other = order.charAt((order.indexOf(last) + 1) % order.length);
				const completion = answers.write(item, view, expected.slice(0, -1) + other);
				const { verdict, rewards } = await scoreOf(environment, item, view, completion);
				expect(verdict).toEqual({ kind: 'wrong', expected });
				expect(rewards).toEqual({ correct: { value: 0, weight: 1 } });
			}));

		it('calls an answer without its end, cut short in a pair, or gone on, malformed', () =>
			each(async (sample) => {
				const { item, view } = sample;
				const whole = answers.write(item, view, reference.solve(item));
				const body = whole.slice(0, -1);
				for (const text of ['', end, body, whole + end, whole + body, body.slice(0, -1) + end])
					expect(await kindOf(sample, view, text)).toBe('malformed');
			}, 100));

		it("calls an answer with another view's marks malformed, even where the answer is right", () =>
			each(async (sample) => {
				const { item, views } = sample;
				const answer = reference.solve(item);
				for (const view of views)
					for (const other of views)
						if (view['offset'] !== other['offset'])
							expect(await kindOf(sample, view, answers.write(item, other, answer))).toBe(
								'malformed',
							);
			}));

		it('finds no truth in characters at random', () => {
			const hostile = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 80 });
			const property = fc.asyncProperty(samples, hostile, async (sample, text) => {
				expect(['wrong', 'malformed']).toContain(await kindOf(sample, sample.view, text));
				const parsed = words.parse(text);
				if ('item' in parsed) expect(reference.solve(parsed.item)).toMatch(/^[a-z0-9]+$/);
			});
			return fc.assert(property, { numRuns: 300, seed: 11 });
		});

		it('says unjudged of a view that is not its own', () =>
			each(async (sample) => {
				const { item, view } = sample;
				const completion = answers.write(item, view, reference.solve(item));
				expect(await kindOf(sample, {}, completion)).toBe('unjudged');
			}, 20));

		it('finds 200 different held-out problems wherever there are enough', () => {
			for (const { n, stratum } of cellsOf(environment)) {
				if (stratum === undefined || (n > 12 && n < tasks.difficulty.max)) continue;
				const items = drawHeldOut(environment, n, stratum, 200, derive(1, n));
				const space = tasks.space(n, stratum);
				if (space >= 700) expect(items).toHaveLength(200);
				else expect(items.length / space).toBeGreaterThan(1 / 4);
				expect(items.length).toBeLessThan(0.75 * space);
			}
		});

		it('asks others with another seed', () => {
			const [stratum = ''] = tasks.strata;
			const drawn = (seed: number) => drawHeldOut(environment, 6, stratum, 30, seed);
			expect(drawn(4)).not.toEqual(drawn(5));
		});

		it('refuses what is no problem of it', () => {
			for (const text of ['<script>', '1 - 1']) expect(words.parse(text)).toHaveProperty('error');
		});

		it('keeps to its alphabet and its longest lengths', () => {
			const known = new Set(alphabet);
			return each(({ item, difficulty: n, views }) => {
				const longest = environment.maxTokens(n);
				const answer = reference.solve(item);
				for (const view of views) {
					const prompts = [shownPrompt(environment.open(item, view).first())];
					if (hint) prompts.push(shownPrompt(hint.prompt(item, view, answer)));
					const completion = answers.write(item, view, answer);
					for (const prompt of prompts) expect(prompt.length).toBeLessThanOrEqual(longest.prompt);
					expect(completion.length).toBeLessThanOrEqual(longest.answer);
					const unknown = Array.from(prompts.join('') + completion).filter((c) => !known.has(c));
					expect(unknown).toEqual([]);
					// It divides decoys from a problem; an answer never has it.
					expect(completion).not.toContain(pad);
					expect(prompts.join('')).not.toContain(end);
				}
			}, 100);
		});
	});
}
