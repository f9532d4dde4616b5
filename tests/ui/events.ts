/** @file A short run as session events, typed by hand: what the page is tested with. */
import { rolloutOf } from '../loop/rollout/rollouts.ts';
import { openEnvironment } from '#environments/registry.ts';
import { random } from '#base/random.ts';
import type { Experience, Fate, Score, ScoreCell } from '#loop/types.ts';
import type { SessionEvent } from '#runs/session.ts';
import type { SavedState } from '#runs/stored/saved-state.ts';
import type { ExperienceRow } from '#runs/stored/row.ts';
import type { RunRecord, TruthRow } from '#storage/runs/store.ts';

export const environment = openEnvironment('addition');
export const runId = 'run-1';

export const emptyRun: RunRecord = {
	id: runId,
	name: 'A run',
	recipe: {
		method: 'easy-to-hard',
		environment: 'addition',
		seed: 1,
		rounds: 2,
		knobs: {},
		model: 'addition',
	},
	status: 'running',
	createdAt: 0,
	updatedAt: 0,
	spentMs: 65_000,
	version: 1,
	engine: 'wasm, 2 workers',
	trainer: 'onnx, wasm, 1 thread',
	state: null,
	scores: [],
	truths: [],
	curve: [],
};

/** Where the loop stands before it acquires round t, and why it practises 4 digits there. */
export function stateAt(t: number, why: string): SavedState {
	return {
		t,
		phase: 'acquire',
		objective: { ability: 'addition', direction: 'improve-performance', difficulty: 4, why },
		experience: [],
		policy: {
			...{ id: 'policy-0', base: 'addition', memory: [], parents: [] },
			...{ adapter: null, trainer: null },
		},
	};
}

/** `correct` of 200 for each difficulty from 1, in both strata; the unequal one a little lower. */
export function score(t: number, correct: readonly number[], frontier: number): Score {
	const cells = correct.flatMap((k, i): ScoreCell[] => [
		{ difficulty: i + 1, stratum: 'equal', correct: k, n: 200 },
		{ difficulty: i + 1, stratum: 'unequal', correct: Math.max(0, k - 3), n: 200 },
	]);
	return { t, policy: `policy-${t}`, cells, frontier, threshold: 0.9 };
}

const fateOf = (agree: number): Fate =>
	agree >= 4
		? { kind: 'kept', examples: [] }
		: {
				kind: 'set-aside',
				by: '2-refine/filter/metric-free',
				reason: `${agree} of 5 answers agree`,
			};

/** An experience in which `agree` of five answers are the true one. */
export function experience(t: number, i: number, agree: number, refined = false): Experience {
	const item = environment.tasks.draw(4, random(t * 100 + i));
	const truth = environment.reference.solve(item);
	const rollouts = environment.tasks.views(item, 5, random(i)).map((view, k) => {
		const answer = k < agree ? truth : `${truth}${k}`;
		return rolloutOf({
			view,
			prompt: environment.open(item, view).first(),
			completion: environment.answers.write(item, view, answer),
			answer,
			logprobs: [-0.01],
		});
	});
	const text = environment.words.show(item);
	return {
		id: `${t}-${i}`,
		t,
		task: { id: text, item, difficulty: 4, stratum: environment.tasks.stratumOf(item), text },
		rollouts,
		feedback: {
			kind: 'scored',
			source: 'model',
			score: agree / 5,
			answer: truth,
			each: rollouts.map((_, k) => Number(k < agree)),
		},
		fate: refined ? fateOf(agree) : { kind: 'fresh' },
		policy: 'policy-0',
	};
}

export function row(e: Experience): ExperienceRow<Experience> {
	const expected = environment.reference.solve(e.task.item);
	const answer = e.feedback.kind === 'scored' ? e.feedback.answer : null;
	return {
		runId,
		id: e.id,
		t: e.t,
		difficulty: e.task.difficulty,
		stratum: e.task.stratum,
		text: e.task.text,
		answer,
		expected,
		verdict: answer === expected ? 'correct' : 'wrong',
		score: e.feedback.kind === 'scored' ? e.feedback.score : null,
		fate: e.fate.kind,
		reason: e.fate.kind === 'set-aside' ? e.fate.reason : '',
		rejected: false,
		trainedIn: [],
		payload: e,
	};
}

export const start = score(0, [200, 199, 196, 120, 10], 3);
export const truth: TruthRow = {
	t: 1,
	asked: 10,
	kept: 6,
	correct: 6,
	judged: 6,
	believed: 0.97,
	correctBefore: 8,
	judgedBefore: 10,
};
/** The end of a round whose policy was rolled back: it had lost difficulty 2. */
export const undoing: readonly SessionEvent[] = (() => {
	const why = 'difficulty 2 (equal) fell from 199 of 200 to 150 of 200';
	const undone: Score = { ...score(1, [200, 150, 196, 199, 196], 1), rolledBack: why };
	const run: RunRecord = {
		...emptyRun,
		scores: [start, undone],
		truths: [truth],
		state: stateAt(2, `the update was rolled back: ${why}`),
	};
	return [
		{ type: 'began', runId, t: 1, phase: 'evaluate', difficulty: 4 },
		{ type: 'committed', runId, step: 'evaluated', run, rows: [], score: undone },
	];
})();

const agreements = [5, 5, 4, 3, 5, 2, 5, 4, 1, 3];
export const fresh = agreements.map((agree, i) => experience(1, i, agree));
export const refined = agreements.map((agree, i) => experience(1, i, agree, true));

const began = (t: number, phase: 'acquire' | 'refine' | 'update' | 'evaluate'): SessionEvent => ({
	type: 'began',
	runId,
	t,
	phase,
	difficulty: 4,
});
const afterStart: RunRecord = { ...emptyRun, scores: [start] };
const afterRefine: RunRecord = { ...afterStart, truths: [truth] };

/** Up to the examination at the start. */
export const opening: readonly SessionEvent[] = [
	{ type: 'opened', engine: emptyRun.engine, trainer: emptyRun.trainer },
	{ type: 'run', run: emptyRun },
	began(0, 'evaluate'),
	...start.cells.map((cell): SessionEvent => ({
		type: 'progress',
		runId,
		progress: { kind: 'examined', t: 0, cell },
		secondsLeft: null,
	})),
	{ type: 'committed', runId, step: 'evaluated', run: afterStart, rows: [], score: start },
];

/** Ten sums answered, not yet judged worth keeping. */
export const acquiring: readonly SessionEvent[] = [
	began(1, 'acquire'),
	...(['task/knowledge-free', 'solution/positive/rationale-based'] as const).map(
		(cell): SessionEvent => ({
			type: 'progress',
			runId,
			progress: {
				kind: 'step',
				t: 1,
				phase: 'acquire',
				cell: `1-acquire/${cell}`,
				done: cell.startsWith('task') ? 10 : 25,
				total: cell.startsWith('task') ? 10 : 50,
			},
			secondsLeft: 95,
		}),
	),
];

/** Refined: six kept, four set aside. */
export const refining: readonly SessionEvent[] = [
	...fresh.map((e): SessionEvent => ({
		type: 'progress',
		runId,
		progress: { kind: 'sample', t: 1, experience: e },
		secondsLeft: 90,
	})),
	{ type: 'committed', runId, step: 'acquired', run: afterStart, rows: fresh.map(row) },
	began(1, 'refine'),
	{ type: 'committed', runId, step: 'refined', run: afterRefine, rows: refined.map(row) },
	began(1, 'update'),
];

/** Five steps of training. */
export const training: readonly SessionEvent[] = [1, 2, 3, 4, 5].map((step) => ({
	type: 'progress',
	runId,
	progress: {
		kind: 'trained',
		t: 1,
		step,
		steps: 10,
		report: {
			loss: 1 / step,
			gradientNorm: 2 / step,
			learningRate: 1e-3,
			tokens: 9,
			durationMs: 1,
		},
	},
	secondsLeft: 40,
}));

/** The second examination: two difficulties further, and the run is over. */
export const ending: readonly SessionEvent[] = [
	began(1, 'evaluate'),
	{
		type: 'committed',
		runId,
		step: 'evaluated',
		run: { ...afterRefine, scores: [start, score(1, [200, 199, 196, 199, 196], 5)] },
		rows: [],
		score: score(1, [200, 199, 196, 199, 196], 5),
	},
	{ type: 'status', runId, status: 'finished' },
];

/** The whole run as a recording of a fraction of a second. */
export const recording = {
	recordedAt: '2026-11-21T10:00:00Z',
	recipe: emptyRun.recipe,
	engine: 'wasm',
	events: [...opening, ...acquiring, ...refining, ...training, ...ending].map((event, i) => ({
		atMs: i * 20,
		event,
	})),
};
