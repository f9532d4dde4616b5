/**
 * @file The section `retention`: the seedling with several skills practises one of them, easy to hard, with nothing that holds
 * the others or with one thing that does; right answers in each skill before and after, with intervals.
 */
import type { KnobValue } from '#base/knobs.ts';
import type { ScoreCell } from '#loop/types.ts';
import { isScore } from '#runs/stored/score.ts';
import { seedlings } from '#seedlings/seedlings.ts';
import { inWords, runInMemory, type Figure, type Keep } from './bench-run.ts';

const rounds = 3;
const base = {
	...{ 'replay.share': 0, average: 0, problems: 150, steps: 50, minKept: 20 },
	...{ examined: 60, elsewhereExamined: 40, elsewhereEvery: 0 },
};
/** `BENCH_HELD_BY=evolved,difficulty` for the switches whose names hold one of these. */
const chosen = process.env['BENCH_HELD_BY']?.split(',');
/** What holds the old skills; everything else is equal. */
const switches: Readonly<Record<string, Readonly<Record<string, KnobValue>>>> = {
	nothing: {},
	'replay of all first lessons': { 'replay.share': 0.5 },
	'KL to the base model': { klCoefficient: 0.5, klReference: 'base' },
	'EWC by all first lessons': { pull: 1, pullBy: 'fisher', fisherSamples: 256 },
	'merging: the mean of three rounds': { mergeRounds: 3 },
	'merging: three rounds, evolved': { mergeRounds: 3, mergeBy: 'evolved' },
	'an adapter for each difficulty': { perTask: true },
	'average of the weights': { average: 0.98 },
};

export async function benchmarkRetention(
	seeds: readonly number[],
	keep: Keep,
): Promise<readonly Figure[]> {
	const figures: Figure[] = [];
	const { environment, range, also } = seedlings.polyglot;
	const alsoExamine = also.map((one) => one.environment);
	for (const seed of seeds)
		for (const [title, knobs] of Object.entries(switches)) {
			if (chosen && !chosen.some((part) => title.includes(part))) continue;
			const began = performance.now();
			const record = await runInMemory({
				...{ method: 'easy-to-hard', environment, model: 'polyglot', rounds, seed, alsoExamine },
				knobs: { ...base, ...knobs },
			});
			const scores = record.scores.filter(isScore);
			const [first, last] = [scores[0], scores.at(-1)];
			const places = alsoExamine.map((name) => {
				const [before, after] = [first, last].map(
					(score) => score?.elsewhere?.find((place) => place.environment === name)?.cells ?? [],
				);
				return { name, before: before ?? [], after: after ?? [] };
			});
			const own = (from: number, to: number) => (cell: ScoreCell) =>
				cell.difficulty >= from && cell.difficulty <= to;
			const change = (before: readonly ScoreCell[], after: readonly ScoreCell[]): string =>
				`${inWords(before)} → ${inWords(after)}`;
			const of = (isIn: (cell: ScoreCell) => boolean): string =>
				change(first?.cells.filter(isIn) ?? [], last?.cells.filter(isIn) ?? []);
			figures.push({
				figure: `${environment} practised, held by ${title}, seed ${seed}`,
				seconds: Math.round((performance.now() - began) / 1000),
				frontier: scores.map(({ frontier }) => frontier),
				[`${environment} as taught (1 to ${range[1]})`]: of(own(1, range[1])),
				[`${environment} beyond (${range[1] + 1} to ${range[1] + 2})`]: of(
					own(range[1] + 1, range[1] + 2),
				),
				...Object.fromEntries(
					places.map(({ name, before, after }) => [name, change(before, after)]),
				),
				'all other skills': change(
					places.flatMap(({ before }) => before),
					places.flatMap(({ after }) => after),
				),
			});
			console.log(figures.at(-1));
			await keep(figures);
		}
	return figures;
}
