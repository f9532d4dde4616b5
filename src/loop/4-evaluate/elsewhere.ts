/**
 * @file Examination in other environments than the practised one: whether a skill is lost there meanwhile. It has
 * held-out problems, a seed and a number of questions of its own.
 */
import { derive } from '#base/random.ts';
import type { Context, PlaceScore, ScoreCell } from '#loop/types.ts';
import { examine, sharesOf } from './examine.ts';

/**
 * Whether this round examines elsewhere: before the first and after the last, every `every` rounds between them (0:
 * never between), and always if a gate has to compare.
 */
export const isDue = (
	{ t, rounds }: Pick<Context, 't' | 'rounds'>,
	every: number,
	isGated: boolean,
): boolean => isGated || t === 0 || t >= rounds || (every > 0 && t % every === 0);

/** Right answers of the policy in each other environment, to up to `count` problems of each difficulty and stratum. */
export async function examineElsewhere(
	count: number,
	context: Context<'score'>,
	cell: string,
): Promise<readonly PlaceScore[]> {
	const { world } = context;
	const scores: PlaceScore[] = [];
	for (const { name, environment, range } of world.places ?? []) {
		const there: Context<'score'> = {
			...context,
			world: {
				...world,
				environment,
				seed: derive(world.seed, 'elsewhere', name),
				report: (progress) =>
					world.report(
						progress.kind === 'examined' ? { ...progress, environment: name } : progress,
					),
			},
		};
		const cells: ScoreCell[] = [];
		for (let difficulty = range[0]; difficulty <= range[1]; difficulty++)
			cells.push(...(await examine(difficulty, count, there, cell)));
		scores.push({ environment: name, cells: cells.filter(({ n }) => n > 0) });
	}
	return scores;
}

/** Difficulties of which every stratum reaches the threshold. */
export const masteredIn = (cells: readonly ScoreCell[], threshold: number): readonly number[] =>
	[...new Set(cells.map(({ difficulty }) => difficulty))].filter((difficulty) =>
		sharesOf(cells.filter((cell) => cell.difficulty === difficulty)).every(
			(share) => share >= threshold,
		),
	);
