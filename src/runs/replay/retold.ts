/**
 * @file A stored run told again as a recording: its record and rows as session events, so that the page can play it and
 * move about in it. Nothing is computed anew.
 *
 * A record keeps how long a run took and not when each step ended: the time is shared out among the steps.
 */
import type { LoopEvent, Phase, Score } from '#loop/types.ts';
import type { CurvePoint, RunRecord } from '#storage/runs/store.ts';
import type { SessionEvent } from '../session.ts';
import { readExperience } from '../stored/experience.ts';
import type { RecordedEvent, Recording } from '../stored/recording.ts';
import type { ExperienceRow } from '../stored/row.ts';
import { isScore } from '../stored/score.ts';

/** Shares of a round's time. */
const shares: Readonly<Record<Phase, number>> = {
	acquire: 0.4,
	refine: 0.1,
	update: 0.25,
	evaluate: 0.25,
};
/** Of a run that does not say how long it took, milliseconds. */
const usualRoundMs = 20_000;

const steps = {
	acquire: 'acquired',
	refine: 'refined',
	update: 'updated',
	evaluate: 'evaluated',
} as const satisfies Record<Phase, LoopEvent['type']>;

/** Tells a run from its record; `rows` are those of all rounds, as many as are to be shown. */
export function retold(run: RunRecord, rows: readonly ExperienceRow[]): Recording {
	const scores = run.scores.filter(isScore);
	const last = Math.max(0, ...[...scores, ...run.truths, ...run.curve].map(({ t }) => t));
	const roundMs = run.spentMs > 0 ? run.spentMs / (last + 1) : usualRoundMs;
	const events: RecordedEvent[] = [];
	const { id: runId, engine, trainer } = run;
	let atMs = 0;
	let shown: RunRecord = {
		...{ ...run, status: 'running', state: null },
		...{ scores: [], truths: [], curve: [] },
	};
	const say = (event: SessionEvent): void => {
		events.push({ atMs: Math.round(atMs), event });
	};
	const commit = (phase: Phase, part: Partial<RunRecord>, more: Partial<Committed> = {}): void => {
		shown = { ...shown, ...part };
		say({ type: 'committed', runId, step: steps[phase], run: shown, rows: [], ...more });
	};
	say({ type: 'opened', engine, trainer });
	say({ type: 'run', run: shown });
	say({ type: 'status', runId, status: 'running' });
	examine(scores.find(({ t }) => t === 0));
	for (let t = 1; t <= last; t++) round(t);
	say({ type: 'run', run: { ...run, state: null } });
	say({ type: 'status', runId, status: run.status });
	const recordedAt = new Date(run.createdAt).toISOString().slice(0, 10);
	return { recordedAt, recipe: run.recipe, engine, events };

	function round(t: number): void {
		const own = rows.filter((row) => row.t === t);
		const score = scores.find((one) => one.t === t);
		const difficulty = difficultyOf(own) ?? 0;
		const begin = (phase: Phase): void => say({ type: 'began', runId, t, phase, difficulty });
		begin('acquire');
		own.forEach((row) => {
			const experience = readExperience(row.payload);
			if (!experience) return;
			atMs += (roundMs * shares.acquire) / own.length;
			progress({ kind: 'sample', t, experience: { ...experience, fate: { kind: 'fresh' } } });
		});
		commit('acquire', {});
		begin('refine');
		atMs += roundMs * shares.refine;
		commit('refine', { truths: run.truths.filter((row) => row.t <= t) }, { rows: own });
		begin('update');
		const curve = run.curve.filter((point) => point.t === t);
		curve.forEach((point) => {
			atMs += (roundMs * shares.update) / curve.length;
			progress(trained(point, curve.length));
		});
		commit('update', { curve: run.curve.filter((point) => point.t <= t) });
		if (!score) return;
		begin('evaluate');
		examine(score);
	}

	function progress(news: Extract<SessionEvent, { type: 'progress' }>['progress']): void {
		say({ type: 'progress', runId, progress: news, secondsLeft: null });
	}

	function examine(score: Score | undefined): void {
		if (!score) return;
		for (const cell of score.cells) {
			atMs += (roundMs * shares.evaluate) / score.cells.length;
			progress({ kind: 'examined', t: score.t, cell });
		}
		commit('evaluate', { scores: scores.filter(({ t }) => t <= score.t) }, { score });
	}
}

type Committed = Extract<SessionEvent, { type: 'committed' }>;

const difficultyOf = ([first]: readonly ExperienceRow[]): number | undefined =>
	first && readExperience(first.payload)?.task.difficulty;

/** Of a step the record keeps loss and gradient norm, and the page reads no more. */
const notKept = { learningRate: 0, tokens: 0, durationMs: 0 };

const trained = ({ t, step, loss, gradientNorm, metrics }: CurvePoint, steps: number) => ({
	...({ kind: 'trained', t, step, steps } as const),
	report: { ...notKept, loss, gradientNorm },
	...(metrics && { metrics }),
});
