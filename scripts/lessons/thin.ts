/** @file A world of a lesson as a recording for the page: what its screen shows, and no more. */
import { basename } from 'node:path';
import type { ScoreCell } from '#loop/types.ts';
import { compact, type RecordedEvent } from '#runs/stored/recording.ts';
import { isScore } from '#runs/stored/score.ts';
import type { Changes } from '#runs/stored/changes.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import type { Finished } from './race.ts';

/** Answers that are shown in a round, and milliseconds between two marks of progress. */
const few = { samples: 3, everyMs: 1500, stride: 1000 };

/** The recording, as `readRecording` reads it. */
export function thinned({ run, events, changes }: Finished): unknown {
	const { recipe, engine, createdAt } = run;
	const recording = {
		recordedAt: new Date(createdAt).toISOString().slice(0, 10),
		recipe,
		engine,
		events: compact(events, few).flatMap(thin),
		...(changes && { changes: rounded(changes) }),
	};
	// A model's file by its name: where it lay is nobody's business.
	const named = (_: string, value: unknown): unknown =>
		value === recipe.model ? basename(recipe.model, '.gguf') : value;
	return JSON.parse(JSON.stringify(recording, named)) as unknown;
}

/** Records without scores of before: each examination comes once. */
function thin({ atMs, event }: RecordedEvent): readonly unknown[] {
	switch (event.type) {
		case 'progress':
			return event.progress.kind === 'examined' || event.progress.kind === 'step'
				? []
				: [{ atMs, event: shortened({ ...event, progress: event.progress }) }];
		case 'run':
			return [{ atMs, event: { ...event, run: light(event.run, []) } }];
		case 'committed': {
			const scores = event.score ? event.run.scores : [];
			const { score: _score, ...rest } = event;
			return [{ atMs, event: shortened({ ...rest, run: light(event.run, scores) }) }];
		}
		case 'opened':
		case 'status':
		case 'began':
		case 'failed':
			return [{ atMs, event }];
		default:
			return event satisfies never;
	}
}

const light = (run: RunRecord, scores: readonly unknown[]): RunRecord => ({
	...run,
	state: null,
	scores: scores.filter(isScore).map((score) => ({ ...score, cells: score.cells.map(counts) })),
});

const counts = ({ difficulty, stratum, correct, n }: ScoreCell): ScoreCell => ({
	difficulty,
	stratum,
	correct,
	n,
});

/** Two digits after the point are all that is read of a probability, and two that count of a change. */
const rounded = ({ modules, answers }: Changes): Changes => ({
	modules: modules.map((one) => ({ ...one, change: Number(one.change.toPrecision(2)) })),
	answers: answers.map(({ task, tokens }) => ({
		task,
		tokens: tokens.map(({ text, before, after }) => ({
			...{ text, before: Number(before.toFixed(2)), after: Number(after.toFixed(2)) },
		})),
	})),
});

/** Only training reads tokens, and a picture needs four digits. */
const shortened = (value: unknown): unknown =>
	JSON.parse(
		JSON.stringify(value, (key, part: unknown) => {
			if (key === 'tokens' || key === 'logprobs') return Array.isArray(part) ? undefined : part;
			// The answer and its truth are shown, and not how each rollout got there.
			if (key === 'rollouts' && Array.isArray(part)) return part.slice(0, 1) as unknown;
			return typeof part === 'number' && !Number.isInteger(part)
				? Number(part.toPrecision(4))
				: part;
		}),
	) as unknown;
