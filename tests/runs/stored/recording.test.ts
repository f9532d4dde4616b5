/** @file A recording is checked before it is played, thinned without lying, and keeps its time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
	BadRecordingError,
	compact,
	Player,
	readRecording,
	type RecordedEvent,
} from '#runs/stored/recording.ts';
import { controlOf } from '#runs/stored/control.ts';
import { isScore } from '#runs/stored/score.ts';
import type { SessionEvent } from '#runs/session.ts';
import { acquiring, emptyRun, ending, opening, refining, training } from '../../ui/events.ts';

const stream = [...opening, ...acquiring, ...refining, ...training, ...ending];
const events: readonly RecordedEvent[] = stream.map((event, i) => ({ atMs: i * 100, event }));
const recording = {
	recordedAt: '2026-11-21T10:00:00Z',
	recipe: emptyRun.recipe,
	engine: 'wasm',
	events,
};
const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('reading', () => {
	test('a recording that was written comes back the same', () => {
		// The curve of its records is put back from its steps; see below.
		const plain = (list: readonly RecordedEvent[]) =>
			list.map(({ atMs, event }) =>
				'run' in event ? { atMs, ...event, run: { ...event.run, curve: [] } } : { atMs, ...event },
			);
		const read = readRecording(overTheWire(recording));
		expect({ ...read, events: plain(read.events) }).toEqual({
			...recording,
			events: plain(events),
		});
	});

	test.each([
		['no object', []],
		['no events', { ...recording, events: [] }],
		['no recipe', { ...recording, recipe: { method: 'x' } }],
		['an event of no known type', { ...recording, events: [{ atMs: 0, event: { type: 'x' } }] }],
		[
			'an event that is only half there',
			{ ...recording, events: [{ atMs: 0, event: { type: 'run' } }] },
		],
		['time running backwards', { ...recording, events: [...events].reverse() }],
	])('%s is refused in one sentence', (_what, value) => {
		expect(() => readRecording(overTheWire(value))).toThrow(BadRecordingError);
		expect(() => readRecording(overTheWire(value))).toThrow(/^Not a recording: .+\.$/);
	});
});

test('a control keeps the right answers of each round, and comes back with the recording', () => {
	const control = controlOf('no rules', stream);
	const { scores } = emptyRun;
	expect(control.title).toBe('no rules');
	const last = events
		.flatMap(({ event }) => ('run' in event ? [event.run.scores.filter(isScore)] : []))
		.at(-1);
	expect(last?.length).toBeGreaterThan(scores.length);
	expect(control.points.map(({ t }) => t)).toEqual(last?.map(({ t }) => t));
	for (const [i, { correct, n }] of control.points.entries()) {
		const cells = last?.[i]?.cells ?? [];
		expect(correct).toBe(cells.reduce((sum, cell) => sum + cell.correct, 0));
		expect(n).toBe(cells.reduce((sum, cell) => sum + cell.n, 0));
	}
	const read = readRecording(overTheWire({ ...recording, controls: [control] }));
	expect(read.controls).toEqual([control]);
	const broken = { ...recording, controls: [{ title: 'no rules', points: [{ t: 1 }] }] };
	expect(() => readRecording(overTheWire(broken))).toThrow(/^Not a recording: .+\.$/);
});

describe('thinning', () => {
	const thin = compact(events, { samples: 4, everyMs: 1000 });

	test('keeps every step and every count, and only some of the samples', () => {
		const kinds = (list: readonly RecordedEvent[]) =>
			list.map(({ event }) => event.type).filter((type) => type !== 'progress');
		expect(kinds(thin)).toEqual(kinds(events));
		const samples = thin.filter(
			({ event }) => event.type === 'progress' && event.progress.kind === 'sample',
		);
		expect(samples.length).toBe(4);
		const refined = thin.find(
			({ event }) => event.type === 'committed' && event.step === 'refined',
		);
		expect(refined?.event).toMatchObject({ run: { truths: [{ asked: 10, kept: 6 }] } });
	});

	test('keeps rows of the samples it keeps', () => {
		const ids = thin.flatMap(({ event }) =>
			event.type === 'progress' && event.progress.kind === 'sample'
				? [event.progress.experience.id]
				: [],
		);
		const rows = thin.flatMap(({ event }) =>
			event.type === 'committed' && event.rows.length > 0 ? [event.rows.map((row) => row.id)] : [],
		);
		expect(rows.length).toBeGreaterThan(1);
		for (const list of rows) expect(list).toEqual(ids);
	});

	test('leaves out the curve, and reading puts it back', () => {
		const read = readRecording(overTheWire({ ...recording, events: thin }));
		const last = read.events.findLast(({ event }) => event.type === 'committed')?.event;
		expect(last?.type === 'committed' && last.run.curve.map(({ loss }) => loss)).toEqual([
			1,
			1 / 2,
			1 / 3,
			1 / 4,
			1 / 5,
		]);
	});
});

describe('playing', () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});
	const play = (speed: number, fromMs = 0) => {
		const seen: SessionEvent[] = [];
		let ended = 0;
		const player = new Player(recording, {
			speed,
			fromMs,
			tickMs: 50,
			onEvents: (list) => seen.push(...list),
			onEnd: () => ended++,
		});
		return { player, seen, ends: () => ended };
	};

	test('in real time an event comes at its time', () => {
		const { player, seen } = play(1);
		player.play();
		expect(seen.length).toBe(1);
		vi.advanceTimersByTime(1000);
		expect(seen).toEqual(stream.slice(0, 11));
		player.dispose();
	});

	test('four times as fast, four times as many have come', () => {
		const { player, seen } = play(4);
		player.play();
		vi.advanceTimersByTime(500);
		expect(seen).toEqual(stream.slice(0, 21));
		player.dispose();
	});

	test('events before the start are there at once', () => {
		const { player, seen } = play(1, 700);
		player.play();
		expect(seen).toEqual(stream.slice(0, 8));
		player.dispose();
	});

	test('in slow motion it goes on to the next event of a kind and holds, then plays on from there', () => {
		const { player, seen, ends } = play(1);
		const isTrained = (event: SessionEvent) =>
			event.type === 'progress' && event.progress.kind === 'trained';
		player.play();
		player.advance(isTrained);
		const first = stream.findIndex(isTrained);
		expect(seen).toEqual(stream.slice(0, first + 1));
		vi.advanceTimersByTime(5000);
		expect(seen.length).toBe(first + 1);
		player.advance(isTrained);
		expect(seen.filter(isTrained)).toHaveLength(2);
		const held = seen.length;
		player.play();
		vi.advanceTimersByTime(100);
		expect(seen.length).toBe(held + 1);
		player.advance(() => false);
		expect([seen.length, ends()]).toEqual([stream.length, 1]);
	});

	test('nothing comes while it is held; it resumes at the same position', () => {
		const { player, seen } = play(1);
		player.play();
		vi.advanceTimersByTime(300);
		player.pause();
		const held = seen.length;
		vi.advanceTimersByTime(5000);
		expect(seen.length).toBe(held);
		player.play();
		vi.advanceTimersByTime(100);
		expect(seen.length).toBe(held + 1);
		player.dispose();
	});

	test('it ends once, after the last event', () => {
		const { player, seen, ends } = play(1000);
		player.play();
		vi.advanceTimersByTime(10_000);
		expect(seen).toEqual(stream);
		expect(ends()).toBe(1);
		expect(player.playing).toBe(false);
	});
});
