/**
 * @file Coverage of an examination: which difficulties of the practised environment are asked, and how far they are
 * mastered.
 */
import type { Context, ScoreCell } from '#loop/types.ts';
import { examine, sharesOf, type Describe } from './examine.ts';

/** Before the first round the map goes on to where less than this share is right: the `before` column. */
const somethingRight = 0.1;

export interface CoverageOptions {
	/** Problems of each difficulty and stratum. */
	readonly examined: number;
	/** Share of right answers at which a difficulty is mastered. */
	readonly threshold: number;
	/** Difficulties past the practised one that are always examined. */
	readonly lookAhead: number;
	/** Whether to begin at the easiest one that was taught. */
	readonly full: boolean;
	/** Whether to look for more, easier and harder, than the practised difficulty and the look ahead. */
	readonly widens: boolean;
	/** Cases of external memory before each question. */
	readonly recalled?: number;
	/** Names the fault of each wrong answer; absent if faults are not counted. */
	readonly describe?: Describe;
	/** Answers that are sampled to each question beside the greedy one. */
	readonly tries?: number;
}

/** Examined cells, by rising difficulty. */
export interface Covered {
	readonly cells: readonly ScoreCell[];
	/** The largest difficulty up to which all are mastered. */
	readonly frontier: number;
	readonly mastered: readonly number[];
	/** Nothing was asked: all was stored. */
	readonly stored: boolean;
}

/** Examines around the practised difficulty: up while it passes, and down to firm ground. */
export async function examineAround(
	options: CoverageOptions,
	context: Context<'score'>,
	cell: string,
): Promise<Covered> {
	const { examined, threshold, lookAhead, full, widens } = options;
	const { describe, recalled = 0, tries = 0 } = options;
	const { world, t, objective } = context;
	const { difficulty: range } = world.environment.tasks;
	const [lowestTaught] = world.lessons?.range ?? [range.min];
	const practised = objective.difficulty;
	const cells = new Map<number, readonly ScoreCell[]>();
	let stored = true;
	const visit = async (difficulty: number) => {
		// A stored examination does not say which faults there were, or what samples would bring.
		const known =
			t === 0 && !describe && tries === 0 ? world.entrance?.(difficulty, examined) : undefined;
		for (const row of known ?? []) world.report({ kind: 'examined', t, cell: row });
		stored &&= known !== undefined;
		cells.set(
			difficulty,
			known ?? (await examine(difficulty, examined, context, cell, { describe, recalled, tries })),
		);
		return sharesOf(cells.get(difficulty) ?? []);
	};
	// Where nothing could be asked or judged, nothing is known: that is neither passed nor failed.
	const passes = (shares: readonly number[]) =>
		shares.length > 0 && shares.every((share) => share >= threshold);
	const goesOn = (shares: readonly number[]) =>
		t === 0 ? shares.some((share) => share >= somethingRight) : passes(shares);

	let low = full && widens ? Math.min(lowestTaught, practised) : practised;
	let high = Math.min(practised + lookAhead, range.max);
	let lowest: readonly number[] = [];
	let highest: readonly number[] = [];
	for (let difficulty = low; difficulty <= high; difficulty++) {
		highest = await visit(difficulty);
		if (difficulty === low) lowest = highest;
	}
	while (widens && goesOn(highest) && high < range.max) highest = await visit(++high);
	// Down to firm ground, so that the frontier is known and not guessed.
	while (widens && !passes(lowest) && low > range.min) lowest = await visit(--low);

	const known = [...cells].sort(([a], [b]) => a - b).filter(([, row]) => sharesOf(row).length > 0);
	let frontier = low - 1;
	for (const [difficulty, row] of known) {
		if (!passes(sharesOf(row))) break;
		frontier = difficulty;
	}
	return {
		cells: known.flatMap(([, row]) => row.filter(({ n }) => n > 0)),
		...{ frontier, stored },
		mastered: known.flatMap(([at, row]) => (passes(sharesOf(row)) ? [at] : [])),
	};
}
