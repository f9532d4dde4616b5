/**
 * @file State of the World page, reduced from session events: the same for a live run and a recorded
 * one, which are never mixed (`begin` clears everything and says which it is).
 */
import type { Experience, Phase, Score, ScoreCell } from '#loop/types.ts';
import { readExperience } from '#runs/stored/experience.ts';
import type { ExperienceRow } from '#runs/stored/row.ts';
import { savedStateOf } from '#runs/stored/saved-state.ts';
import { acceptedScores, undoneScores } from '#runs/measure/accepted.ts';
import { pointOf } from '#runs/progress.ts';
import { isScore } from '#runs/stored/score.ts';
import type { SessionEvent } from '#runs/session.ts';
import type { SessionError } from '#base/failure.ts';
import type { CurvePoint, RunRecord, RunStatus, TruthRow } from '#storage/runs/store.ts';

export type Source = 'none' | 'recorded' | 'live';

/** One experience of this round, and its row once the step that made it is committed. */
export interface Sample {
	readonly experience: Experience;
	readonly row: ExperienceRow | null;
}

/** The cell at work and how far it is. */
export interface Work {
	readonly cell: string;
	readonly done: number;
	readonly total: number;
}

const keptSamples = 160;

export class World {
	source = $state.raw<Source>('none');
	engine = $state.raw('');
	trainer = $state.raw('');
	note = $state.raw('');
	run = $state.raw<RunRecord | null>(null);
	status = $state.raw<RunStatus | 'pausing' | 'idle'>('idle');
	/** Why the run stopped or failed. */
	message = $state.raw('');
	phase = $state.raw<Phase | null>(null);
	t = $state.raw(0);
	difficulty = $state.raw<number | null>(null);
	/** Why this difficulty comes now; empty where the record does not say. */
	why = $state.raw('');
	work = $state.raw<Work | null>(null);
	/** Totals of the cells seen this round, by address. */
	totals = $state.raw<ReadonlyMap<string, number>>(new Map());
	secondsLeft = $state.raw<number | null>(null);
	scores = $state.raw<readonly Score[]>([]);
	/** The examination under way. */
	exam = $state.raw<readonly ScoreCell[]>([]);
	truths = $state.raw<readonly TruthRow[]>([]);
	curve = $state.raw<readonly CurvePoint[]>([]);
	/** This round's experience, newest first; at most as many as the page can show. */
	samples = $state.raw<readonly Sample[]>([]);
	/** The last round's, shown until this one has some. */
	lastSamples = $state.raw<readonly Sample[]>([]);
	/** Committed this round: acquiring, refining, updating. */
	finished = $state.raw<ReadonlySet<Phase>>(new Set());
	/** Optimizer steps of the update under way. */
	training = $state.raw<{ readonly done: number; readonly total: number } | null>(null);
	error = $state.raw<SessionError | null>(null);

	readonly rounds = $derived(this.run?.recipe.rounds ?? 0);
	/** A finished run stands at the round after its last. */
	readonly round = $derived(Math.min(Math.max(this.t, 0), this.rounds));
	readonly first = $derived(this.scores.find((score) => score.t === 0) ?? null);
	/** Of the policy that stands: what was rolled back is not what it can do. */
	readonly last = $derived(acceptedScores(this.scores).at(-1) ?? null);
	/** The newest examination, if its policy was rolled back. */
	readonly undone = $derived(undoneScores(this.scores.slice(-1))[0] ?? null);
	readonly truth = $derived(this.truths.find((row) => row.t === this.t) ?? null);
	readonly busy = $derived(this.status === 'running' || this.status === 'pausing');

	/** Clears the state and sets the source of the events to come. */
	begin(source: Source): void {
		this.source = source;
		this.run = null;
		this.status = 'idle';
		this.message = '';
		this.error = null;
		this.engine = this.trainer = this.note = '';
		this.#clearRun();
	}

	apply(events: readonly SessionEvent[]): void {
		for (const event of events) this.#apply(event);
	}

	#clearRun(): void {
		this.phase = null;
		this.t = 0;
		this.difficulty = null;
		this.why = '';
		this.secondsLeft = null;
		this.scores = [];
		this.truths = [];
		this.curve = [];
		this.#clearRound();
		this.lastSamples = [];
	}

	#clearRound(): void {
		this.work = null;
		this.totals = new Map();
		this.exam = [];
		if (this.samples.length > 0) this.lastSamples = this.samples;
		this.samples = [];
		this.finished = new Set();
		this.training = null;
	}

	#apply(event: SessionEvent): void {
		switch (event.type) {
			case 'opened':
				this.engine = event.engine;
				this.trainer = event.trainer;
				this.note = event.note ?? '';
				return;
			case 'run':
				this.#run(event.run);
				return;
			case 'status':
				if (this.#isOther(event.runId)) return;
				this.status = event.status;
				this.message = event.message ?? '';
				if (event.status !== 'running') this.secondsLeft = null;
				return;
			case 'began':
				if (this.#isOther(event.runId)) return;
				if (event.t !== this.t) this.#clearRound();
				this.t = event.t;
				this.phase = event.phase;
				this.difficulty = event.difficulty;
				this.why = savedStateOf(this.run?.state)?.objective.why ?? '';
				this.work = null;
				if (event.phase === 'evaluate') this.exam = [];
				return;
			case 'progress':
				if (this.#isOther(event.runId)) return;
				this.secondsLeft = event.secondsLeft;
				this.#progress(event.progress);
				return;
			case 'committed':
				if (this.#isOther(event.runId)) return;
				this.#take(event.run);
				this.#rows(event.rows);
				this.work = null;
				if (this.phase) this.finished = new Set([...this.finished, this.phase]);
				if (event.score) this.#score(event.score);
				return;
			case 'failed':
				if (event.runId !== null && this.#isOther(event.runId)) return;
				this.error = event.error;
				// A worker that died says no more of its run: it waits to be resumed.
				if (this.busy && event.runId !== null) {
					this.status = 'failed';
					this.secondsLeft = null;
				}
				return;
			default:
				event satisfies never;
		}
	}

	#run(run: RunRecord): void {
		const isRunning = run.status === 'running';
		// One that begins is followed; another's end does not turn away what is looked at.
		if (this.#isOther(run.id) && !isRunning) return;
		const isKnown = this.run?.id === run.id;
		this.#take(run);
		// Its record says so too while it pauses and after its worker died; that it runs again, `status` says.
		if (isKnown && isRunning) return;
		this.status = run.status;
		this.message = run.message ?? '';
	}

	/** Another run's news (a second tab's) are not shown as this one's. */
	#isOther(runId: string): boolean {
		return this.run !== null && this.run.id !== runId;
	}

	#take(run: RunRecord): void {
		if (this.run?.id !== run.id) {
			this.#clearRun();
			this.#stand(run.state);
		}
		this.run = run;
		this.engine = run.engine || this.engine;
		this.trainer = run.trainer || this.trainer;
		const scores = run.scores.filter(isScore);
		if (scores.length >= this.scores.length) this.scores = scores;
		this.truths = run.truths;
		if (run.curve.length >= this.curve.length) this.curve = run.curve;
	}

	/** A stored run is shown at its last step. */
	#stand(state: unknown): void {
		const saved = savedStateOf(state);
		if (!saved) return;
		this.t = saved.t;
		this.phase = saved.phase;
		this.difficulty = saved.objective.difficulty;
		this.why = saved.objective.why ?? '';
	}

	#score(score: Score): void {
		this.scores = [...this.scores.filter(({ t }) => t !== score.t), score];
		this.exam = [];
	}

	#rows(rows: readonly ExperienceRow[]): void {
		if (rows.length === 0) return;
		const byId = new Map(rows.map((row) => [row.id, row]));
		const updated = this.samples.map((sample): Sample => {
			const row = byId.get(sample.experience.id);
			if (!row) return sample;
			byId.delete(row.id);
			return { experience: readExperience(row.payload) ?? sample.experience, row };
		});
		const fresh = [...byId.values()]
			.filter((row) => row.t === this.t)
			.slice(0, keptSamples - updated.length)
			.flatMap((row): Sample[] => {
				const experience = readExperience(row.payload);
				return experience ? [{ experience, row }] : [];
			});
		this.samples = [...updated, ...fresh];
	}

	#progress(progress: Extract<SessionEvent, { type: 'progress' }>['progress']): void {
		switch (progress.kind) {
			case 'step':
				this.work = progress;
				if (this.totals.get(progress.cell) !== progress.total)
					this.totals = new Map([...this.totals, [progress.cell, progress.total]]);
				return;
			case 'sample': {
				const { experience } = progress;
				const others = this.samples.filter((s) => s.experience.id !== experience.id);
				const row = this.samples.find((s) => s.experience.id === experience.id)?.row ?? null;
				this.samples = [{ experience, row }, ...others].slice(0, keptSamples);
				return;
			}
			case 'trained': {
				const { t, step, steps } = progress;
				this.training = { done: step, total: steps };
				const before = this.curve.filter((point) => point.t !== t || point.step < step);
				this.curve = [...before, pointOf(progress)];
				return;
			}
			case 'examined':
				// The map is of the practised environment.
				if (progress.environment === undefined) this.exam = [...this.exam, progress.cell];
				return;
			default:
				progress satisfies never;
		}
	}
}
