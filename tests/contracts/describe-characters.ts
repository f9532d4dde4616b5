/** @file What environments for a seedling must keep beside the contract of every environment: characters, room, and no reward for tricks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { derive, random } from '#base/random.ts';
import { end, pad } from '#environments/alphabet.ts';
import type { EnvironmentWith } from '#environments/environment.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import type { Item, View } from '#environments/item.ts';
import { alphabets, type SeedlingName } from '#seedlings/alphabets.ts';
import { cellsOf, samplesOf, scoreOf } from './describe-environment.ts';

/** Runs the suite for one environment whose prompts and answers are characters of a seedling's alphabet. */
export function describeCharacters(
	name: string,
	environment: EnvironmentWith<'answers' | 'reference'>,
	model: SeedlingName,
): void {
	const { answers, reference, tasks } = environment;
	const alphabet: readonly string[] = alphabets[model];
	const samples = samplesOf(environment);
	type Sample = typeof samples extends fc.Arbitrary<infer S> ? S : never;
	const each = (check: (sample: Sample) => Promise<void> | void, numRuns = 200): Promise<void> =>
		fc.assert(
			fc.asyncProperty(samples, async (sample) => check(sample)),
			{ numRuns, seed: 1 },
		);
	const right = (item: Item, view: View): string =>
		answers.write(item, view, reference.solve(item));
	const plain = (item: Item): View => tasks.views(item, 1, random(1))[0] ?? {};
	const [stratum = 'all'] = tasks.strata;
	const { min, max } = tasks.difficulty;

	/** Rewards that an answerer gets for 200 problems of a difficulty. */
	async function rewardsOf(
		difficulty: number,
		answerer: (item: Item, view: View, i: number) => string,
	): Promise<number> {
		const items = drawHeldOut(environment, difficulty, stratum, 200, 3);
		let sum = 0;
		for (const [i, item] of items.entries()) {
			const view = plain(item);
			const { rewards } = await scoreOf(environment, item, view, answerer(item, view, i));
			for (const reward of Object.values(rewards)) sum += 'value' in reward ? reward.value : 0;
		}
		return sum / items.length;
	}

	describe(`${name}, as characters`, () => {
		it('keeps to its alphabet and its longest lengths', () => {
			const known = new Set(alphabet);
			return each(({ item, difficulty, views }) => {
				const longest = environment.maxTokens(difficulty);
				for (const view of views) {
					const prompt = shownPrompt(environment.open(item, view).first());
					const completion = right(item, view);
					expect(prompt.length).toBeLessThanOrEqual(longest.prompt);
					expect(completion.length).toBeLessThanOrEqual(longest.answer);
					expect(Array.from(prompt + completion).filter((c) => !known.has(c))).toEqual([]);
					expect(completion).not.toContain(pad);
					expect(prompt).not.toContain(end);
				}
			});
		});

		it('writes each view of a problem in another way', () =>
			each(({ item, views }) => {
				const asked = views.map((view) => environment.open(item, view).first());
				if (tasks.difficultyOf(item) > min + 1)
					expect(new Set(asked).size).toBeGreaterThan(views.length / 2);
			}));

		it('finds 200 different held-out problems wherever there are enough', () => {
			for (const { n, stratum: kind } of cellsOf(environment)) {
				if (kind === undefined || (n > 6 && n < max)) continue;
				const items = drawHeldOut(environment, n, kind, 200, derive(1, n));
				const space = tasks.space(n, kind);
				if (space >= 700) expect(items).toHaveLength(200);
				else expect(items.length / space).toBeGreaterThan(1 / 4);
			}
		});

		it('does not call a near miss right, nor an answer that has no end, two, or more behind it', () =>
			each(async ({ item, view }) => {
				const whole = right(item, view);
				const body = whole.slice(0, -1);
				const last = body.at(-1) ?? '';
				const near = body.slice(0, -1) + (last === 'q' ? 'r' : 'q') + end;
				expect((await scoreOf(environment, item, view, near)).verdict.kind).not.toBe('correct');
				for (const text of ['', end, body, whole + end, whole + whole])
					expect((await scoreOf(environment, item, view, text)).verdict.kind).toBe('malformed');
			}));

		it('says unjudged of a view that is not its own', () =>
			each(async ({ item, view }) => {
				const { verdict } = await scoreOf(environment, item, {}, right(item, view));
				expect(verdict.kind).toBe('unjudged');
			}, 20));

		it('rewards neither chance, nor one answer for all, nor length', async () => {
			const stream = random(5);
			const symbols = alphabet.slice(2);
			for (const n of [min, min + 3, max]) {
				const always = tasks.draw(n, random(2));
				expect(await rewardsOf(n, (item, view) => right(item, view))).toBe(1);
				const byChance = (item: Item, view: View): string =>
					Array.from({ length: right(item, view).length - 1 }, () => stream.pick(symbols)).join(
						'',
					) + end;
				expect(await rewardsOf(n, byChance)).toBeLessThan(0.02);
				const constant = (item: Item, view: View): string =>
					answers.write(item, view, reference.solve(always));
				expect(await rewardsOf(n, constant)).toBeLessThan(0.05);
				expect(await rewardsOf(n, (item, view) => right(item, view).repeat(9))).toBe(0);
				const long = (item: Item, view: View): string =>
					right(item, view).slice(0, -1).repeat(9) + end;
				expect(await rewardsOf(n, long)).toBe(0);
			}
		});

		it('refuses what is no problem of it', () => {
			for (const text of ['<script>', '1 - 1', 'a b c', 'abc', '>', ';'])
				expect(environment.words.parse(text)).toHaveProperty('error');
		});
	});
}
