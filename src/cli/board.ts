/** @file Live table of a run: its phase, its accuracy by difficulty, and the truth of its labels. Pure text. */
import { wilson } from '#loop/interval.ts';
import type { Environment } from '#environments/environment.ts';
import { phases, type Phase, type Score } from '#loop/types.ts';
import { undoneScores, undoneWords } from '#runs/measure/accepted.ts';
import { chanceIn, chancePercent } from '#runs/measure/chance.ts';
import { duration } from '#runs/measure/duration.ts';
import { elsewhereOf, elsewhereWords } from '#runs/measure/elsewhere.ts';
import { languageLines } from '#runs/measure/language.ts';
import { metricWords } from '#runs/measure/metric-words.ts';
import { environmentIn } from '#runs/measure/run-environment.ts';
import { isScore } from '#runs/stored/score.ts';
import type { SessionEvent } from '#runs/session.ts';
import type { RunRecord } from '#storage/runs/store.ts';

/** State of the table; `fold` updates it by events. */
export interface Board {
	readonly engine: string;
	readonly note: string;
	readonly run: RunRecord | null;
	readonly status: string;
	readonly phase: Phase | null;
	readonly t: number;
	readonly difficulty: number;
	/** Share of the step under way. */
	readonly done: number;
	readonly loss: number | null;
	/** Of the objective at the last step. */
	readonly metrics: Readonly<Record<string, number>>;
	readonly secondsLeft: number | null;
}

export const emptyBoard: Board = {
	engine: '',
	note: '',
	run: null,
	status: 'opening',
	phase: null,
	t: 0,
	difficulty: 0,
	done: 0,
	loss: null,
	metrics: {},
	secondsLeft: null,
};

/** The board after one more event. */
export function fold(board: Board, event: SessionEvent): Board {
	switch (event.type) {
		case 'opened':
			return { ...board, engine: event.engine, note: event.note ?? '' };
		case 'run':
		case 'committed':
			return { ...board, run: event.run };
		case 'status':
			return { ...board, status: event.status };
		case 'began':
			return {
				...board,
				phase: event.phase,
				t: event.t,
				difficulty: event.difficulty,
				done: 0,
			};
		case 'progress': {
			const { progress, secondsLeft } = event;
			if (progress.kind === 'step')
				return { ...board, secondsLeft, done: progress.done / Math.max(1, progress.total) };
			if (progress.kind !== 'trained') return { ...board, secondsLeft };
			const { step, steps, report, metrics = {} } = progress;
			const done = step / Math.max(1, steps);
			return { ...board, secondsLeft, done, loss: report.loss, metrics };
		}
		case 'failed':
			return { ...board, status: 'failed' };
		default:
			return event satisfies never;
	}
}

/** The lines of the table, none wider than `columns`. */
export function draw(board: Board, columns: number): readonly string[] {
	const { run } = board;
	if (!run) return [board.note || 'Opening the model …'].map((line) => line.slice(0, columns));
	const { method, environment, seed, rounds } = run.recipe;
	const scores = run.scores.filter(isScore);
	const lines = [
		`${method} on ${environment}, seed ${seed} · ${board.engine}`,
		...(board.note ? [board.note] : []),
		progressLine(board, rounds),
		'',
		...mapLines(scores, columns, environmentIn(run.recipe)),
		...languageLines(scores),
		...(scores.at(-1)?.findings ?? []),
		...elsewhereOf(scores).map((one) => `elsewhere: ${elsewhereWords(one)}`),
		...undoneScores(scores).slice(-1).map(undoneWords),
		'',
		...truthLines(run),
	];
	return lines.map((line) => line.slice(0, columns));
}

function progressLine(board: Board, rounds: number): string {
	const steps = phases.map((phase) => (phase === board.phase ? `[${phase}]` : ` ${phase} `));
	const left = board.secondsLeft === null ? '' : ` · about ${duration(board.secondsLeft)} left`;
	const measured = metricWords(board.metrics);
	const loss =
		board.loss === null ? '' : ` · loss ${board.loss.toFixed(3)}${measured ? `, ${measured}` : ''}`;
	const done = `${String(Math.round(board.done * 100)).padStart(3)} %`;
	return `round ${board.t}/${rounds} ${steps.join('')} ${done} · ${board.status}${loss}${left}`;
}

/** Held-out accuracy in percent, a row per round and a column per difficulty; how sure it is stands below. */
function mapLines(
	scores: readonly Score[],
	columns: number,
	environment: Environment | null,
): readonly string[] {
	const all = scores.flatMap((score) => score.cells.map((cell) => cell.difficulty));
	const fit = Math.max(1, Math.floor((columns - 24) / 4));
	const difficulties = [...new Set(all)].sort((a, b) => a - b).slice(-fit);
	if (difficulties.length === 0) return ['examining what it can do before the first round …'];
	const rows = scores.map((score) => ({
		score,
		shown: difficulties.map((difficulty) => countAt(score, difficulty)),
	}));
	return [
		`held-out % · difficulty${difficulties.map((d) => String(d).padStart(4)).join('')}`,
		...rows.map(
			({ score, shown }) =>
				`round ${String(score.t).padStart(3)} · ${standing(score)} ` +
				shown
					.map(({ correct, n }) =>
						n === 0 ? '   ·' : String(Math.floor((100 * correct) / n)).padStart(4),
					)
					.join(''),
		),
		...(environment ? chanceLines(environment, scores, difficulties) : []),
		...certainty(rows.flatMap(({ shown }) => shown).filter(({ n }) => n > 0)),
	];
}

/** Below the rows what guessing would score, and what is guessed. */
function chanceLines(
	environment: Environment,
	scores: readonly Score[],
	difficulties: readonly number[],
): readonly string[] {
	const cells = scores.flatMap((score) => score.cells);
	const shares = difficulties.map((difficulty) =>
		chanceIn(
			environment,
			cells.filter((cell) => cell.difficulty === difficulty),
		),
	);
	const shown = shares.map((share) => chancePercent(share).padStart(4)).join('');
	return [`${'by chance'.padEnd(24)}${shown}`, `chance is ${environment.chance.of}`];
}

/** Eleven columns: how far the policy came, or that it was rolled back. */
const standing = ({ frontier, rolledBack }: Score): string =>
	rolledBack === undefined ? `frontier ${String(frontier).padStart(2)}` : 'undone     ';

interface Count {
	readonly correct: number;
	readonly n: number;
}

const countAt = ({ cells }: Score, difficulty: number): Count =>
	cells
		.filter((cell) => cell.difficulty === difficulty)
		.reduce((sum, { correct, n }) => ({ correct: sum.correct + correct, n: sum.n + n }), {
			correct: 0,
			n: 0,
		});

/** Of how many problems each number is, and the widest of their 95 % intervals. */
function certainty(counts: readonly Count[]): readonly string[] {
	if (counts.length === 0) return [];
	const sizes = counts.map(({ n }) => n);
	const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
	const widths = counts.map(({ correct, n }) => {
		const [low, high] = wilson(correct, n);
		return 100 * (high - low);
	});
	const of = least === most ? String(least) : `${least} to ${most}`;
	return [
		`each of ${of} problems; 95 % intervals up to ${Math.max(...widths).toFixed(0)} points wide`,
	];
}

/** Believed accuracy of the kept labels beside their true accuracy. */
const truthLines = (run: RunRecord): readonly string[] =>
	run.truths.slice(-1).map(({ t, asked, kept, believed, correct, judged }) => {
		const percent = (share: number): string => `${Math.round(1000 * share) / 10} %`;
		const truth =
			judged === 0 ? 'not judged' : `${percent(correct / judged)} (${correct}/${judged})`;
		return kept === 0
			? `round ${t}: ${asked} asked, none kept`
			: `round ${t}: ${kept} of ${asked} kept · believed ${percent(believed)} · true ${truth}`;
	});
