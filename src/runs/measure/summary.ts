/** @file Summary of a run: the last line of the terminal, and the numbers that figures are checked by. */
import type { Score, ScoreCell } from '#loop/types.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { isScore } from '../stored/score.ts';
import { acceptedScores } from './accepted.ts';
import { chanceIn } from './chance.ts';
import { elsewhereOf, type Elsewhere } from './elsewhere.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { environmentIn } from './run-environment.ts';

/** Right answers out of n; n is 0 if the difficulty was not examined. */
interface Tally {
	readonly correct: number;
	readonly n: number;
}

/** A finished or stopped run in one line. */
export interface Summary {
	readonly type: 'summary';
	readonly method: string;
	/** In which it differs from the method; absent if in none. */
	readonly cells?: readonly string[];
	readonly environment: string;
	readonly seed: number;
	/** Rounds finished. */
	readonly rounds: number;
	readonly seconds: number;
	readonly frontierBefore: number | null;
	readonly frontierAfter: number | null;
	/** Absent before the first round was examined. */
	readonly outcome?: Outcome;
	readonly heldOut: readonly {
		readonly difficulty: number;
		/** Share that guessing would get right; absent of an environment that this build does not have. */
		readonly chance?: number;
		readonly before: Tally;
		readonly after: Tally;
	}[];
	/** Other environments; absent if the run names none. */
	readonly elsewhere?: readonly Elsewhere[];
	/** What went wrong in the last examination, in words; absent if nobody said. */
	readonly findings?: readonly string[];
	/** Id of the policy examined last, of those that were kept. */
	readonly policy: string | null;
}

/** The first examination beside the last of a policy that was kept. */
export function summarise(run: RunRecord): Summary {
	const scores = run.scores.filter(isScore);
	const before = scores[0];
	const elsewhere = elsewhereOf(scores);
	const after = acceptedScores(scores).at(-1);
	const outcome = outcomeOf(scores, run.truths);
	const environment = environmentIn(run.recipe);
	const difficulties = [...(before?.cells ?? []), ...(after?.cells ?? [])].map(
		(cell) => cell.difficulty,
	);
	return {
		type: 'summary',
		method: run.recipe.method,
		...(run.recipe.cells && { cells: run.recipe.cells }),
		environment: run.recipe.environment,
		seed: run.recipe.seed,
		rounds: scores.at(-1)?.t ?? 0,
		seconds: Math.round(run.spentMs / 100) / 10,
		frontierBefore: before?.frontier ?? null,
		frontierAfter: after?.frontier ?? null,
		...(outcome && { outcome }),
		heldOut: [...new Set(difficulties)]
			.sort((a, b) => a - b)
			.map((difficulty) => ({
				difficulty,
				...(environment && {
					chance: chanceIn(environment, [
						...cellsAt(before, difficulty),
						...cellsAt(after, difficulty),
					]),
				}),
				before: tally(before, difficulty),
				after: tally(after, difficulty),
			})),
		...(elsewhere.length > 0 && { elsewhere }),
		...(after?.findings && { findings: after.findings }),
		policy: after?.policy ?? null,
	};
}

const cellsAt = (score: Score | undefined, difficulty: number): readonly ScoreCell[] =>
	score?.cells.filter((cell) => cell.difficulty === difficulty) ?? [];

/** All strata of a difficulty together. */
function tally(score: Score | undefined, difficulty: number): Tally {
	const cells = cellsAt(score, difficulty);
	return {
		correct: cells.reduce((sum, cell) => sum + cell.correct, 0),
		n: cells.reduce((sum, cell) => sum + cell.n, 0),
	};
}
