/** @file The map of held-out accuracy: one row per examination, one column per difficulty. */
import { wilson } from '#loop/interval.ts';
import type { Score, ScoreCell } from '#loop/types.ts';
import { undoneScores, undoneWords } from '#runs/measure/accepted.ts';

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
	readonly squares: readonly (Square | null)[];
	readonly frontier: number | null;
	readonly retention: Retention | null;
	/** The examination is not over. */
	readonly partial: boolean;
	/** Reason for which the policy of this row was rolled back; null if it was kept. */
	readonly undone: string | null;
}

export interface AccuracyMap {
	readonly difficulties: readonly number[];
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

/** Rows for every round of the run, those to come empty. A round that was undone has no frontier. */
export function mapOf(
	scores: readonly Score[],
	exam: readonly ScoreCell[],
	examT: number,
	rounds: number,
): AccuracyMap {
	const all = [...scores.flatMap((score) => score.cells), ...exam];
	const difficulties = [...new Set(all.map((cell) => cell.difficulty))].sort((a, b) => a - b);
	const threshold = scores[0]?.threshold ?? 0.9;
	const first = scores.find((score) => score.t === 0);
	const row = (t: number): MapRow => {
		const score = scores.find((s) => s.t === t);
		const partial = !score && t === examT && exam.length > 0;
		const [undone] = undoneScores(score ? [score] : []);
		const cells = score?.cells ?? (partial ? exam : []);
		const squares = difficulties.map((difficulty): Square | null => {
			const results = cells.filter((cell) => cell.difficulty === difficulty).map(result);
			if (results.length === 0) return null;
			const share = Math.min(...results.map((r) => r.share));
			const frontier = !undone && score?.frontier === difficulty;
			return { difficulty, share, results, frontier, reached: share >= threshold };
		});
		const retention = first && score ? retentionOf(first, score.cells) : null;
		return {
			...{ t, squares, retention, partial },
			frontier: undone ? null : (score?.frontier ?? null),
			undone: undone ? undoneWords(undone) : null,
		};
	};
	const last = Math.max(rounds, ...scores.map((score) => score.t), 0);
	return { difficulties, rows: Array.from({ length: last + 1 }, (_, t) => row(t)), threshold };
}
