/**
 * @file A recorded run: the session's own events with their times, to be played again in the page before
 * the visitor's run begins. Nothing in it is computed anew, nothing is invented.
 */
import * as v from 'valibot';
import { list, number, object, read, text } from '#base/schema.ts';
import type { Score, ScoreCell } from '#loop/types.ts';
import { recipeSchema } from '#storage/runs/record.ts';
import type { CurvePoint, RunRecipe, RunRecord } from '#storage/runs/store.ts';
import { pointOf } from '../progress.ts';
import type { SessionEvent } from '../session.ts';
import { changesSchema, type Changes } from './changes.ts';
import { controlSchema, type Control } from './control.ts';
import { readEvent } from './events.ts';
import { isScore } from './score.ts';
import type { ExperienceRow } from './row.ts';
import { recordedAdaptersSchema, type RecordedAdapter } from './recorded-adapters.ts';

/** An event and when it happened. */
export interface RecordedEvent {
	/** Milliseconds since the run began. */
	readonly atMs: number;
	readonly event: SessionEvent;
}

/** Recording of a run with its request. */
export interface Recording {
	/** Day it was recorded, ISO 8601. */
	readonly recordedAt: string;
	readonly recipe: RunRecipe;
	/** Engine and machine in words. */
	readonly engine: string;
	readonly events: readonly RecordedEvent[];
	/** Adapters that lie beside it, earliest first; none in recordings of before. */
	readonly adapters?: readonly RecordedAdapter[];
	/** Runs beside it that go without something; none in recordings of before. */
	readonly controls?: readonly Control[];
	/** What its adapter changed in the end; only of a lesson that shows it. */
	readonly changes?: Changes;
}

/** Error of an invalid recording; the message names the place. */
export class BadRecordingError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'BadRecordingError';
	}
}

/** Events are read one by one, so that the message can say which one breaks. */
const recordingSchema = object({
	recordedAt: text,
	recipe: recipeSchema,
	engine: text,
	events: v.pipe(list(v.unknown()), v.nonEmpty('is empty')),
	adapters: v.exactOptional(recordedAdaptersSchema),
	controls: v.exactOptional(list(controlSchema)),
	changes: v.exactOptional(changesSchema),
});
const entrySchema = object({ atMs: number, event: v.unknown() });

const bad = (flaw: string): BadRecordingError =>
	new BadRecordingError(`Not a recording: ${flaw}; record it again.`);

/** Checks parsed JSON. The curve, left out of the records to save bytes, is put back. */
export function readRecording(value: unknown): Recording {
	const recording = read(recordingSchema, value, 'it', bad);
	const { recordedAt, recipe, engine, events, adapters, controls, changes } = recording;
	let last = 0;
	const played = events.map((entry, i): RecordedEvent => {
		const { atMs, event: recorded } = read(entrySchema, entry, `event ${i}`, bad);
		if (!(atMs >= last)) throw bad(`event ${i} has no time, or one before its predecessor`);
		last = atMs;
		const event = readEvent(recorded);
		if (!event) throw bad(`event ${i} is of no known type`);
		return { atMs, event };
	});
	return {
		recordedAt,
		recipe,
		engine,
		events: restoreCurve(played),
		...(adapters && { adapters }),
		...(controls && { controls }),
		...(changes && { changes }),
	};
}

const runOf = (event: SessionEvent): RunRecord | undefined =>
	event.type === 'run' || event.type === 'committed' ? event.run : undefined;

function restoreCurve(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
	let curve: readonly CurvePoint[] = [];
	return events.map((entry) => {
		const { event } = entry;
		if (event.type === 'progress' && event.progress.kind === 'trained') {
			curve = [...curve, pointOf(event.progress)];
			return entry;
		}
		const run = runOf(event);
		if (!run || run.curve.length >= curve.length) return entry;
		return { ...entry, event: { ...event, run: { ...run, curve } } as typeof event };
	});
}

/** How much of a run a recording keeps: it must be small enough to arrive with the page. */
export interface CompactOptions {
	/** Samples and rows per round. */
	readonly samples: number;
	/** Shortest time between two progress events of one cell, milliseconds. */
	readonly everyMs: number;
	/** One optimizer step in so many is kept, and the last; default all. */
	readonly stride?: number;
}

/**
 * Thins a stream of events for a recording: fewer samples and progress marks, rows only of the
 * samples kept, no curve and no loop state in the records. Counts stay true, since they are in the records.
 */
export function compact(
	events: readonly RecordedEvent[],
	{ samples, everyMs, stride: keepOneIn = 1 }: CompactOptions = { samples: 48, everyMs: 400 },
): readonly RecordedEvent[] {
	const sampled = new Map<number, number>();
	for (const { event } of events)
		if (event.type === 'progress' && event.progress.kind === 'sample')
			sampled.set(event.progress.t, (sampled.get(event.progress.t) ?? 0) + 1);
	const seen = new Map<number, number>();
	const kept = new Set<string>();
	const lastAt = new Map<string, number>();
	return events.flatMap(({ atMs, event }): readonly RecordedEvent[] => {
		const run = runOf(event);
		if (event.type === 'progress' && event.progress.kind === 'sample') {
			const { t, experience } = event.progress;
			const i = seen.get(t) ?? 0;
			seen.set(t, i + 1);
			const stride = Math.max(1, Math.ceil((sampled.get(t) ?? 1) / samples));
			if (i % stride !== 0) return [];
			kept.add(experience.id);
			return [{ atMs, event }];
		}
		if (event.type === 'progress' && event.progress.kind === 'step') {
			const { t, cell, done, total } = event.progress;
			const key = `${t}/${cell}`;
			if (done < total && atMs - (lastAt.get(key) ?? -Infinity) < everyMs) return [];
			lastAt.set(key, atMs);
			return [{ atMs, event }];
		}
		if (event.type === 'progress' && event.progress.kind === 'trained') {
			const { step, steps } = event.progress;
			return (step - 1) % keepOneIn === 0 || step === steps ? [{ atMs, event }] : [];
		}
		if (event.type === 'progress' && event.progress.kind === 'examined')
			return [
				{
					atMs,
					event: {
						...event,
						progress: { ...event.progress, cell: lightCell(event.progress.cell) },
					},
				},
			];
		if (!run) return [{ atMs, event }];
		const light = { ...run, state: null, curve: [], scores: run.scores.map(withoutOutcomes) };
		if (event.type === 'run') return [{ atMs, event: { ...event, run: light } }];
		if (event.type !== 'committed') return [{ atMs, event }];
		const rows = event.rows.some((row) => kept.has(row.id))
			? event.rows.filter((row) => kept.has(row.id))
			: event.rows.slice(0, samples);
		const score = event.score && { score: lightScore(event.score) };
		return [{ atMs, event: { ...event, run: light, rows: rows.map(withoutTraining), ...score } }];
	});
}

const withoutOutcomes = (score: unknown): unknown => (isScore(score) ? lightScore(score) : score);

/** An examination without its answers one by one, unless some of them are shown as texts (a chat). */
const lightScore = (score: Score): Score => ({ ...score, cells: score.cells.map(lightCell) });

const withoutTraining = ({ training: _, ...row }: ExperienceRow): ExperienceRow => row;

function lightCell(cell: ScoreCell): ScoreCell {
	if (cell.shown) return cell;
	const { outcomes: _, ...light } = cell;
	return light;
}

/** Playback options: speed, start and listener. */
export interface PlayerOptions {
	/** 1 is real time; 4 plays four recorded seconds in one. */
	readonly speed: number;
	/** Everything before this moment is there at once, milliseconds. */
	readonly fromMs?: number;
	readonly onEvents: (events: readonly SessionEvent[], atMs: number) => void;
	readonly onEnd?: () => void;
	/** Milliseconds between two looks at the clock. */
	readonly tickMs?: number;
}

/** Plays a recording; can be paused, and stops with `dispose`. */
export class Player {
	readonly #events: readonly RecordedEvent[];
	readonly #options: PlayerOptions;
	#atMs: number;
	#next = 0;
	#timer: ReturnType<typeof setInterval> | undefined;
	constructor(recording: Recording, options: PlayerOptions) {
		this.#events = recording.events;
		this.#options = options;
		this.#atMs = options.fromMs ?? 0;
	}
	get playing(): boolean {
		return this.#timer !== undefined;
	}
	play(): void {
		if (this.#timer !== undefined || this.#next >= this.#events.length) return;
		const tickMs = this.#options.tickMs ?? 80;
		this.#emit();
		this.#timer = setInterval(() => {
			this.#atMs += tickMs * this.#options.speed;
			this.#emit();
		}, tickMs);
	}
	pause(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}
	/** Goes on to the next event of this kind and stands there; to the end where none is left. */
	advance(isWanted: (event: SessionEvent) => boolean): void {
		this.pause();
		const from = this.#next;
		const found = this.#events.findIndex(({ event }, i) => i >= from && isWanted(event));
		this.#next = found < 0 ? this.#events.length : found + 1;
		const due = this.#events.slice(from, this.#next);
		this.#atMs = due.at(-1)?.atMs ?? this.#atMs;
		const events = due.map(({ event }) => event);
		this.#options.onEvents(events, this.#atMs);
		if (this.#next === this.#events.length) this.#options.onEnd?.();
	}
	dispose(): void {
		this.pause();
		this.#next = this.#events.length;
	}
	#emit(): void {
		const due: SessionEvent[] = [];
		for (let e = this.#events[this.#next]; e && e.atMs <= this.#atMs;) {
			due.push(e.event);
			e = this.#events[++this.#next];
		}
		if (due.length > 0) this.#options.onEvents(due, this.#atMs);
		if (this.#next < this.#events.length) return;
		this.pause();
		this.#options.onEnd?.();
	}
}
