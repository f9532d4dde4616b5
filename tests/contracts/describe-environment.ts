/** @file What every environment must keep, whatever its tasks and answers look like: one suite, run for each of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Prompt } from '#base/prompt.ts';
import { derive, random } from '#base/random.ts';
import { readAnswer, writeAnswer } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import type { Item, View } from '#environments/item.ts';
import type { Score } from '#environments/score.ts';
import { trainingView } from '#environments/tasks.ts';

interface Sample {
	readonly item: Item;
	readonly difficulty: number;
	readonly view: View;
	readonly views: readonly View[];
}

/** Every difficulty and stratum that has problems; stratum undefined is the usual mix. */
export const cellsOf = ({ tasks }: Environment) =>
	[undefined, ...tasks.strata].flatMap((stratum) =>
		Array.from(
			{ length: tasks.difficulty.max - tasks.difficulty.min + 1 },
			(_, i) => i + tasks.difficulty.min,
		)
			.filter((n) => stratum === undefined || tasks.space(n, stratum) > 0)
			.map((n) => ({ n, stratum })),
	);

/** Any problem of the environment, with up to five views of it. */
export const samplesOf = (environment: Environment): fc.Arbitrary<Sample> =>
	fc
		.record({ cell: fc.constantFrom(...cellsOf(environment)), seed: fc.nat() })
		.map(({ cell, seed }) => {
			const stream = random(seed);
			const item = environment.tasks.draw(cell.n, stream, cell.stratum);
			const views = environment.tasks.views(item, 5, stream);
			const [view] = views;
			if (!view) throw new Error('no view');
			return { item, difficulty: cell.n, view, views };
		});

/** Scores a finished answer. */
export const scoreOf = (
	environment: Environment,
	item: Item,
	view: View,
	completion: string,
): Promise<Score> => environment.score({ item, view, completion, stopReason: 'stop' });

/** Runs the contract; `environment` is opened once, since it keeps no state. */
export function describeEnvironment(name: string, environment: Environment): void {
	const { tasks, words, reference, hint, faults, chat } = environment;
	const { difficulty, strata } = tasks;
	const cells = cellsOf(environment);
	const samples = samplesOf(environment);
	const each = (check: (sample: Sample) => Promise<void> | void, numRuns = 200): Promise<void> =>
		fc.assert(
			fc.asyncProperty(samples, async (sample) => check(sample)),
			{ numRuns, seed: 1 },
		);
	const isChat = (prompt: Prompt): boolean => typeof prompt !== 'string';
	const someItem = (seed: number): Item => {
		const { n, stratum } = random(seed).pick(cells);
		return tasks.draw(n, random(seed), stratum);
	};

	describe(name, () => {
		it('has words for people', () => {
			for (const word of [words.title, ...words.noun, words.verb, words.unit])
				expect(word).toMatch(/^[A-Za-z]/);
			expect(strata.length).toBeGreaterThan(0);
			expect(new Set(strata).size).toBe(strata.length);
		});

		it('draws the same problems and views from the same seed', () => {
			const draw = (seed: number): string =>
				JSON.stringify(
					Array.from({ length: 50 }, (_, i) => {
						const item = someItem(derive(seed, i));
						return [item, tasks.views(item, 5, random(derive(seed, i)))];
					}),
				);
			expect(draw(7)).toBe(draw(7));
			expect(draw(7)).not.toBe(draw(8));
		});

		it('draws the difficulty and stratum asked for, and knows them again', () => {
			for (const { n, stratum } of cells) {
				const item = tasks.draw(n, random(n), stratum);
				expect(tasks.difficultyOf(item)).toBe(n);
				if (stratum !== undefined) expect(tasks.stratumOf(item)).toBe(stratum);
				expect(strata).toContain(tasks.stratumOf(item));
				expect(tasks.keyOf(item)).toBe(tasks.keyOf(JSON.parse(JSON.stringify(item)) as Item));
			}
		});

		it('refuses a difficulty or a stratum that it does not have', () => {
			for (const n of [difficulty.min - 1, difficulty.max + 1, 1.5, NaN])
				expect(() => tasks.draw(n, random(1))).toThrow(RangeError);
			expect(() => tasks.draw(difficulty.min, random(1), 'toString')).toThrow(RangeError);
			expect(() => tasks.space(difficulty.min, 'toString')).toThrow(RangeError);
		});

		it('makes one view at least, all different, and as many as are asked for at most', () =>
			each(({ item, views }) => {
				expect(new Set(views.map((view) => JSON.stringify(view))).size).toBe(views.length);
				expect(views.length).toBeLessThanOrEqual(5);
				expect(tasks.views(item, 1, random(3))).toHaveLength(1);
				expect(JSON.parse(JSON.stringify(views))).toEqual(views);
				trainingView(tasks, item, random(4)) satisfies View;
			}));

		it('asks in the way it says, chat or text, and the same twice', () =>
			each(({ item, views, difficulty: n }) => {
				for (const view of views) {
					const prompt = environment.open(item, view).first();
					expect(isChat(prompt)).toBe(chat === true);
					if (typeof prompt !== 'string') expect(prompt.at(-1)?.role).toBe('user');
					expect(prompt.length).toBeGreaterThan(0);
					expect(environment.open(item, view).first()).toEqual(prompt);
				}
				const { prompt, answer } = environment.maxTokens(n);
				expect(Math.min(prompt, answer)).toBeGreaterThan(0);
			}));

		it('ends the dialogue after a while, whatever is said', () =>
			each(async ({ item, view }) => {
				const dialogue = environment.open(item, view);
				dialogue.first();
				let turns = 0;
				while ((await dialogue.next({ role: 'assistant', content: '?' })) !== null)
					if (++turns > 100) expect.fail('goes on after 100 turns');
			}, 20));

		it('gives an answer all of its rewards, or fewer, by the same names', () =>
			each(async ({ item, view }) => {
				const best = reference && writeAnswer(environment, item, view, reference.solve(item));
				const scores = [await scoreOf(environment, item, view, '')];
				if (best !== undefined) scores.push(await scoreOf(environment, item, view, best));
				for (const { verdict, rewards } of scores)
					for (const reward of Object.values(rewards)) {
						if ('unjudged' in reward) expect(verdict.kind).toBe('unjudged');
						else {
							expect(reward.value).toBeGreaterThanOrEqual(0);
							expect(reward.value).toBeLessThanOrEqual(verdict.kind === 'malformed' ? 0 : 1);
							expect(reward.weight).toBeGreaterThan(0);
						}
					}
				const names = scores.map(({ rewards }) => Object.keys(rewards).join());
				expect(new Set(names).size).toBe(1);
				expect(names).not.toContain('');
			}));

		it('never throws at hostile text, and never calls it correct where it is not', () => {
			const hostile = fc.oneof(
				fc.array(fc.nat(0xffff), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes)),
				fc.constantFrom('', '<b>1</b>$', '\u0000$', '𝟙$', '__proto__$', '$'.repeat(9)),
				fc.constant('1'.repeat(1e5)),
			);
			const property = fc.asyncProperty(samples, hostile, async ({ item, view }, text) => {
				const { verdict } = await scoreOf(environment, item, view, text);
				if (verdict.kind === 'correct') {
					const read = readAnswer(environment, item, view, text);
					expect('answer' in read && reference?.isRight?.(item, read.answer)).not.toBe(false);
					expect(text).not.toBe('');
				}
				words.parse(text);
			});
			return fc.assert(property, { numRuns: 200, seed: 11 });
		});

		it('says unjudged of an item that is not its own', () =>
			each(async ({ view }) => {
				const known = await scoreOf(environment, someItem(1), view, 'x');
				for (const item of [{}, { a: '1e3', b: '-1', word: '<i>', digits: '1 2', request: '' }]) {
					const { verdict, rewards } = await scoreOf(environment, item, view, 'x');
					expect(verdict.kind).toBe('unjudged');
					expect(Object.keys(rewards)).toEqual(Object.keys(known.rewards));
				}
			}, 10));

		it('rejects when it is stopped', async () => {
			const item = someItem(1);
			const [view = {}] = tasks.views(item, 1, random(1));
			const scored = { item, view, completion: '', stopReason: 'stop' };
			const signal = AbortSignal.abort(new Error('stopped'));
			await expect(environment.score(scored, { signal })).rejects.toThrow('stopped');
		});

		it('never draws a held-out problem to learn from, and draws one where it is asked for', () => {
			const stream = random(9);
			for (let i = 0; i < 5_000; i++) {
				const { n, stratum } = stream.pick(cells);
				const item = tasks.draw(n, stream, stratum);
				if (tasks.isHeldOut(item)) expect.fail(`drew ${words.show(item)}`);
			}
			for (const { n, stratum } of cells) {
				if (stratum === undefined) continue;
				const items = drawHeldOut(environment, n, stratum, 30, derive(1, n));
				expect(items.length).toBeGreaterThan(0);
				expect(new Set(items.map((item) => tasks.keyOf(item))).size).toBe(items.length);
				expect(items.every((item) => tasks.isHeldOut(item))).toBe(true);
				expect(items.every((item) => tasks.stratumOf(item) === stratum)).toBe(true);
			}
		});

		it('asks the first of the same held-out problems when fewer are asked for', () => {
			const [stratum = ''] = strata;
			const many = drawHeldOut(environment, difficulty.max, stratum, 20, 4);
			expect(drawHeldOut(environment, difficulty.max, stratum, 5, 4)).toEqual(many.slice(0, 5));
		});

		it('knows a problem again that a person typed as it is shown', () =>
			each(({ item }) => {
				expect(words.parse(words.show(item))).toEqual({ item });
				expect(words.parse(`  ${words.show(item)} `)).toEqual({ item });
			}));

		it('says in one sentence what to type', () => {
			for (const text of ['', ' ', '?', '🙂', 'a'.repeat(1e6), '9'.repeat(1e6)]) {
				const parsed = words.parse(text);
				expect('error' in parsed && parsed.error).toMatch(/^[A-Z][^.]*\.$/);
			}
		});

		it.runIf(reference)('calls the reference correct in every view, and reads it again', () =>
			each(async ({ item, views }) => {
				for (const view of views) {
					const answer = reference?.solve(item) ?? '';
					const completion = writeAnswer(environment, item, view, answer);
					const { verdict, rewards } = await scoreOf(environment, item, view, completion);
					expect(verdict).toEqual({ kind: 'correct' });
					for (const reward of Object.values(rewards)) expect(reward).toMatchObject({ value: 1 });
					expect(readAnswer(environment, item, view, completion)).toEqual({ answer });
				}
			}),
		);

		it.runIf(reference)("calls another problem's answer wrong unless it is right here, too", () =>
			each(async ({ item, view }) => {
				const other = reference?.solve(someItem(derive(2, tasks.keyOf(item)))) ?? '';
				const expected = reference?.solve(item) ?? '';
				const { verdict } = await scoreOf(
					environment,
					item,
					view,
					writeAnswer(environment, item, view, other),
				);
				if (reference?.isExample) return;
				const right = reference?.isRight?.(item, other) ?? other === expected;
				if (right) expect(verdict.kind).toBe('correct');
				else if (verdict.kind !== 'malformed') expect(verdict).toEqual({ kind: 'wrong', expected });
			}),
		);

		it.runIf(faults && reference)(
			'finds the fault of a spoilt answer under the name it was spoilt by',
			async () => {
				if (!faults || !reference) return;
				const seen = new Set<string>();
				let [spoilt, all] = [0, 0];
				await each(async ({ item, view }) => {
					const right = reference.solve(item);
					expect(faults.find(item, right)).toBeNull();
					const stream = derive(3, tasks.keyOf(item));
					const made = faults.spoil(item, right, random(stream));
					expect(faults.spoil(item, right, random(stream))).toEqual(made);
					all++;
					if (!made) return;
					spoilt++;
					seen.add(made.way);
					expect(Object.keys(faults.ways)).toContain(made.way);
					expect(faults.find(item, made.answer)?.way).toBe(made.way);
					const completion = writeAnswer(environment, item, view, made.answer);
					const { verdict } = await scoreOf(environment, item, view, completion);
					expect(['wrong', 'malformed']).toContain(verdict.kind);
				});
				expect(spoilt / all).toBeGreaterThan(0.95);
				expect(seen.size).toBeGreaterThan(2);
				for (const way of Object.values(faults.ways)) expect(way).toMatch(/^[a-z].*[^.]$/);
			},
		);

		it.runIf(hint && reference)('gives the answer away in a hint, and in nothing else', () =>
			each(({ item, views }) => {
				const answer = reference?.solve(item) ?? '';
				for (const view of views)
					expect(hint?.prompt(item, view, answer)).not.toEqual(
						environment.open(item, view).first(),
					);
			}, 50),
		);
	});
}
