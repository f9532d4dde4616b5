/**
 * @file Findings of an examination in words: where it begins to fail, in what way most answers go wrong there, and the
 * objective that asks for just that.
 */
import type { Context, Evaluation, Objective, Score, ScoreCell } from '#loop/types.ts';

type Words = Context['world']['environment']['words'];

/** Strata share the blame unless one has this part of all errors. */
const mostErrors = 2 / 3;
/** Fewer errors are no reason to practise one stratum more. */
const enoughErrors = 10;

/** Errors of one kind. */
interface Cluster {
	readonly fault: string;
	readonly n: number;
	/** The most frequent place of them. */
	readonly at?: string;
	readonly atN: number;
}

const wrongIn = (cells: readonly ScoreCell[]): number =>
	cells.reduce((sum, { correct, n }) => sum + n - correct, 0);
const askedIn = (cells: readonly ScoreCell[]): number => cells.reduce((sum, { n }) => sum + n, 0);

/** The cells of the easiest difficulty that is not mastered; none if all that was examined is. */
export function edgeOf({ cells, threshold }: Pick<Score, 'cells' | 'threshold'>) {
	const failed = cells.filter(({ correct, n }) => n > 0 && correct / n < threshold);
	const edge = Math.min(...failed.map(({ difficulty }) => difficulty));
	return cells.filter(({ difficulty }) => difficulty === edge);
}

/** The faults of these cells, the most frequent first. */
function clustersOf(cells: readonly ScoreCell[]): readonly Cluster[] {
	const faults = cells.flatMap((cell) => cell.faults ?? []);
	return [...new Set(faults.map(({ fault }) => fault))]
		.map((fault): Cluster => {
			const own = faults.filter((one) => one.fault === fault);
			const places = new Map<string, number>();
			for (const { at, n } of own) if (at !== undefined) places.set(at, (places.get(at) ?? 0) + n);
			const [first] = [...places].sort(([, a], [, b]) => b - a);
			const n = own.reduce((sum, one) => sum + one.n, 0);
			return { fault, n, ...(first && { at: first[0] }), atN: first?.[1] ?? 0 };
		})
		.sort((a, b) => b.n - a.n);
}

/** `at 10 digits 75 of 400 sums are wrong` */
function placeInWords(cells: readonly ScoreCell[], { unit, noun }: Words): string {
	const difficulty = cells[0]?.difficulty ?? 0;
	const units = difficulty === 1 ? unit.replace(/s$/, '') : unit;
	return `at ${difficulty} ${units} ${wrongIn(cells)} of ${askedIn(cells)} ${noun[1]} are wrong`;
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

/** Where it begins to fail and the `named` largest clusters there; empty if all that was examined is mastered. */
export function findingsOf(score: Score, words: Words, named: number): readonly string[] {
	const edge = edgeOf(score);
	if (edge.length === 0) return [];
	const wrong = wrongIn(edge);
	const clusters = clustersOf(edge).slice(0, named);
	return [
		sentence(placeInWords(edge, words)),
		...clusters.map(({ fault, n, at, atN }) => {
			// A place is worth a word if a third of them are there.
			const place = at !== undefined && 3 * atN >= n ? `, ${atN} of them ${at}` : '';
			return sentence(`it ${fault} in ${n} of ${wrong}${place}`);
		}),
	];
}

/**
 * The objective that the findings ask for: the easiest difficulty that is not mastered, no further than `stride` past the
 * practised one, and more of the stratum that has most of the errors. If it was mastered before, its loss is to be
 * repaired, an invariant of the run. As it is if nothing fails, before the first round, or if the update was undone.
 */
export function steered(
	{ objective, report: { score }, decision }: Evaluation,
	{ world, objective: practised, accepted }: Context,
	stride: number,
): Objective {
	const { words } = world.environment;
	const { stratum: _stratum, ...plain } = objective;
	const edge = edgeOf(score);
	const [first] = edge;
	if (!first || decision.accept === 'roll-back') return plain;
	const [cluster] = clustersOf(edge);
	const wrong = wrongIn(edge);
	const most = cluster ? `, and in ${cluster.n} of them it ${cluster.fault}` : '';
	const why = `${placeInWords(edge, words)}${most}`;
	if (score.t === 0) return { ...plain, why };
	const difficulty = Math.min(first.difficulty, practised.difficulty + stride);
	const isEdge = difficulty === first.difficulty;
	const worst = edge.find((cell) => wrongIn([cell]) >= mostErrors * wrong);
	const isLost = isEdge && accepted !== null && isMastered(accepted, first.difficulty);
	return {
		...plain,
		difficulty,
		direction: isLost ? 'enhance-safety' : plain.direction,
		why: isLost ? `what was mastered is lost: ${why}` : why,
		...(isEdge && edge.length > 1 && worst && wrong >= enoughErrors && { stratum: worst.stratum }),
	};
}

function isMastered({ cells, threshold }: Score, difficulty: number): boolean {
	const own = cells.filter((cell) => cell.difficulty === difficulty && cell.n > 0);
	return own.length > 0 && own.every(({ correct, n }) => correct / n >= threshold);
}
