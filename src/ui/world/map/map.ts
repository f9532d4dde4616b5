/**
 * @file The map of held-out accuracy: one row per examination, one column per difficulty, or per kind of task if there is
 * but one difficulty.
 */
import { wilson } from '#loop/interval.ts';
import type { Score, ScoreCell } from '#loop/types.ts';
import { undoneScores } from '#runs/measure/accepted.ts';
import { undoneIn } from '../words.ts';

/** One stratum's result with its interval. */
interface Result extends ScoreCell {
	readonly share: number;
	/** 95 %, Wilson. */
	readonly interval: readonly [low: number, high: number];
}

/** One square: the lowest stratum is what counts. */
export interface Square {
	readonly difficulty: number;
	readonly share: number;
	readonly results: readonly Result[];
	readonly frontier: boolean;
	readonly reached: boolean;
}

/** Darkness of a square, in percent: what is reached stands out. */
export const shade = ({ reached, share }: Square): number =>
	Math.round(reached ? 88 + share * 12 : 6 + share * 44);

/** Retention: items mastered at the start, examined again. */
interface Retention {
	/** Share of all items up to the first frontier that are still right. */
	readonly share: number;
	/** Points lost since the start, of the difficulty that lost most; negative is a gain. */
	readonly worstLoss: number;
	readonly worstDifficulty: number;
	readonly n: number;
}

export interface MapRow {
	readonly t: number;
	/** Share of all answers of the row; null if nothing was examined. */
	readonly share: number | null;
	readonly squares: readonly (Square | null)[];
	readonly frontier: number | null;
	readonly retention: Retention | null;
	/** The examination is not over. */
	readonly partial: boolean;
	/** Reason for which the policy of this row was rolled back; null if it was kept. */
	readonly undone: string | null;
}

/** A difficulty with all its strata, or one stratum of it. */
export interface Column {
	readonly difficulty: number;
	readonly stratum?: string;
}

export interface AccuracyMap {
	readonly columns: readonly Column[];
	/** Columns are strata of one difficulty. */
	readonly byKind: boolean;
	readonly rows: readonly MapRow[];
	readonly threshold: number;
}

const result = (cell: ScoreCell): Result => ({
	...cell,
	share: cell.n > 0 ? cell.correct / cell.n : 0,
	interval: wilson(cell.correct, cell.n),
});

const pooled = (cells: readonly ScoreCell[]): number => {
	const n = cells.reduce((sum, cell) => sum + cell.n, 0);
	return n === 0 ? 0 : cells.reduce((sum, cell) => sum + cell.correct, 0) / n;
};

/** Retention: share of the first examination's skills that remain; null if not all were examined again. */
function retentionOf(first: Score, cells: readonly ScoreCell[]): Retention | null {
	const easy = cells.filter((cell) => cell.difficulty <= first.frontier);
	const asked = new Set(easy.map((cell) => cell.difficulty));
	const known = first.cells.filter((cell) => cell.difficulty <= first.frontier);
	if (easy.length === 0 || known.some((cell) => !asked.has(cell.difficulty))) return null;
	const at = (list: readonly ScoreCell[], difficulty: number) =>
		pooled(list.filter((cell) => cell.difficulty === difficulty));
	const losses = [...asked].map((difficulty) => ({
		difficulty,
		loss: (at(first.cells, difficulty) - at(easy, difficulty)) * 100,
	}));
	const worst = losses.reduce((a, b) => (b.loss > a.loss ? b : a));
	return {
		share: pooled(easy),
		worstLoss: worst.loss,
		worstDifficulty: worst.difficulty,
		n: easy.reduce((sum, cell) => sum + cell.n, 0),
	};
}

/** The difficulties that were examined; of one alone, its strata, if there are several and `kinds` asks for them. */
function columnsOf(cells: readonly ScoreCell[], kinds: boolean): readonly Column[] {
	const difficulties = [...new Set(cells.map((cell) => cell.difficulty))].sort((a, b) => a - b);
	const [difficulty, ...more] = difficulties;
	const strata = [...new Set(cells.filter(({ n }) => n > 0).map((cell) => cell.stratum))];
	return kinds && difficulty !== undefined && more.length === 0 && strata.length > 1
		? strata.map((stratum) => ({ difficulty, stratum }))
		: difficulties.map((one) => ({ difficulty: one }));
}

/** Rows for every round of the run, those to come empty. A round that was undone has no frontier. */
export function mapOf(
	scores: readonly Score[],
	exam: readonly ScoreCell[],
	examT: number,
	rounds: number,
	kinds = false,
): AccuracyMap {
	const columns = columnsOf([...scores.flatMap((score) => score.cells), ...exam], kinds);
	const byKind = columns.some(({ stratum }) => stratum !== undefined);
	const threshold = scores[0]?.threshold ?? 0.9;
	const first = scores.find((score) => score.t === 0);
	const row = (t: number): MapRow => {
		const score = scores.find((s) => s.t === t);
		const partial = !score && t === examT && exam.length > 0;
		const [undone] = undoneScores(score ? [score] : []);
		const cells = score?.cells ?? (partial ? exam : []);
		const squares = columns.map(({ difficulty, stratum }): Square | null => {
			const results = cells
				.filter((cell) => cell.difficulty === difficulty)
				.filter((cell) => stratum === undefined || cell.stratum === stratum)
				.map(result);
			if (results.length === 0) return null;
			const share = Math.min(...results.map((r) => r.share));
			const frontier = !byKind && !undone && score?.frontier === difficulty;
			return { difficulty, share, results, frontier, reached: share >= threshold };
		});
		const retention = first && score ? retentionOf(first, score.cells) : null;
		return {
			...{ t, squares, retention, partial },
			share: cells.some(({ n }) => n > 0) ? pooled(cells) : null,
			frontier: undone ? null : (score?.frontier ?? null),
			undone: undone ? undoneIn(undone) : null,
		};
	};
	const last = Math.max(rounds, ...scores.map((score) => score.t), 0);
	const rows = Array.from({ length: last + 1 }, (_, t) => row(t));
	return { columns, byKind, rows, threshold };
}
