/** @file What every environment must keep: one suite, run for each of them and each of its formats. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive, random } from '#base/random.ts';
import { alphabets, end, pad } from '#environments/alphabet.ts';
import type { SeedlingName } from '#environments/alphabet.ts';
import { trainingView, verify } from '#environments/environment.ts';
import type { Environment, Item, View } from '#environments/environment.ts';
import { drawHeldOut } from '#environments/held-out.ts';

interface Sample {
	readonly item: Item;
	readonly difficulty: number;
	readonly stratum: string;
	readonly views: readonly View[];
}

/** Runs the contract; `environment` is opened once, since it keeps no state. */
export function describeEnvironment(name: string, environment: Environment): void {
	const { difficulty, strata } = environment;
	const alphabet: readonly string[] = alphabets[environment.model as SeedlingName];
	const cells = (['', ...strata] as const).flatMap((stratum) =>
		Array.from({ length: difficulty.max - difficulty.min + 1 }, (_, i) => i + difficulty.min)
			.filter((n) => stratum === '' || environment.space(n, stratum) > 0)
			.map((n) => ({ n, stratum: stratum === '' ? undefined : stratum })),
	);

	/** Any problem of the environment, with five views of it. */
	const samples: fc.Arbitrary<Sample> = fc
		.record({ cell: fc.constantFrom(...cells), seed: fc.nat() })
		.map(({ cell, seed }) => {
			const stream = random(seed);
			const item = environment.draw(cell.n, stream, cell.stratum);
			const views = environment.views(item, 5, stream);
			return { item, difficulty: cell.n, stratum: environment.stratumOf(item), views };
		});
	const each = (check: (sample: Sample) => void, runs = 300): void => {
		fc.assert(fc.property(samples, check), { numRuns: runs, seed: 1 });
	};
	const first = ({ views }: Sample): View => {
		const [view] = views;
		if (!view) throw new Error('no view');
		return view;
	};

	describe(name, () => {
		it('draws the same problems and views from the same seed', () => {
			const draw = (seed: number): string => {
				const stream = random(seed);
				return JSON.stringify(
					Array.from({ length: 50 }, (_, i) => {
						const item = environment.draw(1 + (i % 8), stream);
						return [item, environment.views(item, 5, stream)];
					}),
				);
			};
			expect(draw(7)).toBe(draw(7));
			expect(draw(7)).not.toBe(draw(8));
		});

		it('draws the difficulty and stratum asked for, and knows them again', () => {
			for (const { n, stratum } of cells) {
				const item = environment.draw(n, random(n), stratum);
				expect(environment.difficultyOf(item)).toBe(n);
				if (stratum !== undefined) expect(environment.stratumOf(item)).toBe(stratum);
				expect(strata).toContain(environment.stratumOf(item));
			}
		});

		it('refuses a difficulty or a stratum that it does not have', () => {
			for (const n of [difficulty.min - 1, difficulty.max + 1, 1.5, NaN])
				expect(() => environment.draw(n, random(1))).toThrow(RangeError);
			expect(() => environment.draw(5, random(1), 'toString')).toThrow(RangeError);
			expect(() => environment.space(5, 'toString')).toThrow(RangeError);
		});

		it('accepts the written reference in every view', () => {
			each(({ item, views }) => {
				for (const view of views) {
					const completion = environment.write(item, view, environment.solve(item));
					expect(verify(environment, item, view, completion)).toEqual({ kind: 'correct' });
				}
			});
		});

		it('reads one answer from the references of all views', () => {
			each(({ item, views }) => {
				const answer = environment.solve(item);
				const read = views.map((view) =>
					environment.read(item, view, environment.write(item, view, answer)),
				);
				expect(read).toEqual(views.map(() => ({ answer })));
			});
		});

		it('makes different views, the first of them the plain one', () => {
			each(({ item, views }) => {
				expect(new Set(views.map((view) => JSON.stringify(view))).size).toBe(views.length);
				expect(views.length).toBeGreaterThan(0);
				expect(environment.views(item, 1, random(3))).toHaveLength(1);
				for (const [key, value] of Object.entries(environment.views(item, 9, random(4))[0] ?? {}))
					if (key !== 'offset') expect([false, 0, '']).toContain(value);
			});
		});

		it('trains on the plain view and on others', () => {
			const stream = random(5);
			const item = environment.draw(5, stream);
			const prompts = new Set(
				Array.from({ length: 60 }, () =>
					environment.prompt(item, trainingView(environment, item, stream)),
				),
			);
			expect(prompts.size).toBeGreaterThan(1);
		});

		it('calls a near miss wrong and names the right answer', () => {
			each((sample) => {
				const { item } = sample;
				const expected = environment.solve(item);
				const last = expected.at(-1) ?? '';
				const order = '0123456789'.includes(last) ? '0123456789' : 'abcdefghijklmnopqrstuvwxyz';
				const other = order.charAt((order.indexOf(last) + 1) % order.length);
				const missed = expected.slice(0, -1) + other;
				const completion = environment.write(item, first(sample), missed);
				const verdict = verify(environment, item, first(sample), completion);
				expect(verdict).toEqual({ kind: 'wrong', expected });
			});
		});

		it('calls an answer without its end, cut short in a pair, or gone on, malformed', () => {
			each((sample) => {
				const { item } = sample;
				const whole = environment.write(item, first(sample), environment.solve(item));
				const body = whole.slice(0, -1);
				for (const text of ['', end, body, whole + end, whole + body, body.slice(0, -1) + end])
					expect(verify(environment, item, first(sample), text).kind).toBe('malformed');
			}, 100);
		});

		it("calls an answer with another view's marks malformed, even where the answer is right", () => {
			each(({ item, views }) => {
				const answer = environment.solve(item);
				for (const view of views)
					for (const other of views)
						if (view['offset'] !== other['offset']) {
							const completion = environment.write(item, other, answer);
							expect(verify(environment, item, view, completion).kind).toBe('malformed');
						}
			});
		});

		it('never throws at hostile text, and never finds the truth in it', () => {
			const hostile = fc.oneof(
				fc.array(fc.nat(0xffff), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes)),
				fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 80 }),
				fc.constantFrom(
					'<b>1</b>$',
					'\u0000$',
					'𝟙$',
					'１$',
					'__proto__$',
					'$'.repeat(9),
					'1'.repeat(1e5),
				),
			);
			fc.assert(
				fc.property(samples, hostile, (sample, text) => {
					const verdict = verify(environment, sample.item, first(sample), text);
					expect(['wrong', 'malformed']).toContain(verdict.kind);
					const parsed = environment.parse(text);
					if ('item' in parsed) expect(environment.solve(parsed.item)).toMatch(/^[a-z0-9]+$/);
				}),
				{ numRuns: 300, seed: 11 },
			);
		});

		it('says unjudged of an item or a view that is not its own', () => {
			each((sample) => {
				const completion = environment.write(
					sample.item,
					first(sample),
					environment.solve(sample.item),
				);
				const judge = (item: Item, view: View): string =>
					verify(environment, item, view, completion).kind;
				expect(judge({}, first(sample))).toBe('unjudged');
				expect(judge(sample.item, {})).toBe('unjudged');
				expect(judge({ a: '1e3', b: '-1', word: '<i>', digits: '1 2' }, first(sample))).toBe(
					'unjudged',
				);
			}, 20);
		});

		it('never draws a held-out problem to learn from, and draws one where it is asked for', () => {
			const stream = random(9);
			for (let i = 0; i < 10_000; i++) {
				const item = environment.draw(1 + (i % 9), stream);
				if (environment.isHeldOut(item)) expect.fail(`drew ${environment.show(item)}`);
			}
			for (const stratum of strata) {
				const [item] = drawHeldOut(environment, 5, stratum, 1, 3);
				expect(item && environment.isHeldOut(item)).toBe(true);
			}
		});

		it('finds 200 different held-out problems wherever there are enough', () => {
			for (const { n, stratum } of cells) {
				if (stratum === undefined || (n > 12 && n < difficulty.max)) continue;
				const items = drawHeldOut(environment, n, stratum, 200, derive(1, n));
				const space = environment.space(n, stratum);
				expect(new Set(items.map((item) => environment.keyOf(item))).size).toBe(items.length);
				expect(items.every((item) => environment.isHeldOut(item))).toBe(true);
				expect(items.every((item) => environment.stratumOf(item) === stratum)).toBe(true);
				if (space >= 700) expect(items).toHaveLength(200);
				else expect(items.length / space).toBeGreaterThan(1 / 4);
				expect(items.length).toBeLessThan(0.75 * space);
			}
		});

		it('asks the first of the same held-out problems when fewer are asked for', () => {
			const [stratum = ''] = strata;
			const many = drawHeldOut(environment, 6, stratum, 100, 4);
			expect(drawHeldOut(environment, 6, stratum, 30, 4)).toEqual(many.slice(0, 30));
			expect(drawHeldOut(environment, 6, stratum, 30, 5)).not.toEqual(many.slice(0, 30));
		});

		it('knows a problem again that a person typed as it is shown', () => {
			each(({ item }) => {
				expect(environment.parse(environment.show(item))).toEqual({ item });
				expect(environment.parse(`  ${environment.show(item)} `)).toEqual({ item });
			});
		});

		it('says in one sentence what to type', () => {
			for (const text of ['', ' ', '?', '<script>', '1 - 1', 'a'.repeat(1e6), '9'.repeat(1e6)]) {
				const parsed = environment.parse(text);
				expect('error' in parsed && parsed.error).toMatch(/^[A-Z][^.]*\.$/);
			}
		});

		it('keeps to its alphabet and its longest lengths', () => {
			const known = new Set(alphabet);
			each(({ item, difficulty: n, views }) => {
				const longest = environment.maxTokens(n);
				const answer = environment.solve(item);
				for (const view of views) {
					const prompts = [environment.prompt(item, view)];
					if (environment.promptWithHint)
						prompts.push(environment.promptWithHint(item, view, answer));
					const completion = environment.write(item, view, answer);
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
