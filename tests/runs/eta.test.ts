/** @file The time left: nothing before it is known, then one number that does not wander. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import type { Phase, Progress } from '#loop/types.ts';
import { createClock, type Clock } from '#runs/eta.ts';
import { duration } from '#runs/measure/duration.ts';
import { readRecording } from '#runs/stored/recording.ts';

/** What was said at a moment, and what was so. */
interface Said {
	readonly seconds: number | null;
	readonly really: number;
}

/** A step's parts with their milliseconds, and whether they count what they have done. */
type Steps = (t: number, phase: Phase) => readonly (readonly [part: string, ms: number])[];

const phases = ['acquire', 'refine', 'update', 'evaluate'] as const;

/** A part reports once a second, and at its end. */
function* reportsOf(
	t: number,
	phase: Phase,
	part: string,
	ms: number,
): Generator<[number, Progress]> {
	const total = 100;
	for (let at = 1000; at < ms; at += 1000) {
		const done = Math.floor((at / ms) * total);
		const step = { kind: 'step', t, phase, cell: part, done, total } as const;
		const report = { loss: 1, gradientNorm: 1, learningRate: 1, tokens: 1, durationMs: 1 };
		yield [
			at,
			part === 'training' ? { kind: 'trained', t, step: done, steps: total, report } : step,
		];
	}
	yield [
		ms,
		phase === 'evaluate'
			? {
					kind: 'examined',
					t,
					cell: { difficulty: Number(part), stratum: 'all', correct: 1, n: 8 },
				}
			: { kind: 'step', t, phase, cell: part, done: total, total },
	];
}

/** Plays a run of so many rounds to a clock. */
function play(rounds: number, steps: Steps, clock: Clock = createClock()): readonly Said[] {
	const said: { readonly seconds: number | null; readonly atMs: number }[] = [];
	let nowMs = 0;
	for (let t = 0; t <= rounds; t++)
		for (const phase of t === 0 ? (['evaluate'] as const) : phases) {
			clock.began({ t, phase, difficulty: 5 }, nowMs);
			for (const [part, ms] of steps(t, phase)) {
				for (const [at, progress] of reportsOf(t, phase, part, ms)) {
					clock.heard(progress, nowMs + at);
					said.push({ seconds: clock.secondsLeft(rounds, nowMs + at), atMs: nowMs + at });
				}
				nowMs += ms;
			}
			clock.finished(nowMs);
		}
	return said.map(({ seconds, atMs }) => ({ seconds, really: (nowMs - atMs) / 1000 }));
}

/** Self-Instruct with a language model: a long examination, then four cells that each take minutes. */
const selfInstruct: Steps = (_t, phase) =>
	({
		acquire: [
			['1-acquire/task/knowledge-free/self-instruct', 85_000],
			['1-acquire/solution/positive/rationale-based', 70_000],
			['1-acquire/feedback/model/judge', 60_000],
		] as const,
		refine: [['2-refine/correct/critique-based', 50_000]] as const,
		update: [['training', 40_000]] as const,
		evaluate: [
			['5', 24_000],
			['6', 24_000],
			['7', 24_000],
		] as const,
	})[phase];

/**
 * The largest factor by which a time exceeds the one before; a step of ten seconds is no jump. Before it is put in words:
 * from `90 s` to `2 min` is a step of a second.
 */
function largestJump(said: readonly (number | null)[]): number {
	const known = said.flatMap((seconds) => (seconds === null ? [] : [seconds]));
	return Math.max(
		...known.map((now, i) => (now - (known[i - 1] ?? now) <= 10 ? 1 : now / (known[i - 1] ?? now))),
	);
}

describe('time left', () => {
	test('is unknown until every kind of step has been seen, then right', () => {
		const said = play(3, selfInstruct);
		const first = said.findIndex(({ seconds }) => seconds !== null);
		expect(said[first]?.really).toBeLessThan(400 * 3);
		for (const { seconds, really } of said.slice(first))
			expect(Math.abs((seconds ?? NaN) - really)).toBeLessThan(0.1 * really + 5);
	});

	test('is never far below what it takes: no minute for a run of twenty', () => {
		for (const { seconds, really } of play(3, selfInstruct))
			if (seconds !== null && really > 60) expect(seconds).toBeGreaterThan(really / 2);
	});

	test('does not take the examination in full, before and after, for one of those between', () => {
		const steps: Steps = (t, phase) =>
			phase === 'evaluate' && t % 4 === 0
				? Array.from({ length: 12 }, (_, i) => [String(i), 10_000])
				: phase === 'evaluate'
					? [
							['5', 10_000],
							['6', 10_000],
						]
					: [[phase === 'update' ? 'training' : phase, 5000]];
		for (const { seconds, really } of play(4, steps))
			if (seconds !== null) expect(Math.abs(seconds - really)).toBeLessThan(0.1 * really + 5);
	});

	test('slides when a busy machine takes three times as long for a step: it does not leap', () => {
		const stream = random(7);
		const steps: Steps = (t, phase) =>
			selfInstruct(t, phase).map(([part, ms]) => [part, ms * (0.7 + 1.4 * stream.next())]);
		expect(largestJump(play(6, steps).map(({ seconds }) => seconds))).toBeLessThan(1.3);
	});

	test('never jumps up in the run that the page plays, which grows harder and longer', async () => {
		const { events, recipe } = readRecording(
			JSON.parse(await readFile('public/recordings/default.json', 'utf8')),
		);
		const clock = createClock();
		const end = events.at(-1)?.atMs ?? NaN;
		const said: Said[] = [];
		for (const { atMs, event } of events) {
			if (event.type === 'began') clock.began(event, atMs);
			if (event.type === 'committed') clock.finished(atMs);
			if (event.type !== 'progress') continue;
			clock.heard(event.progress, atMs);
			said.push({ seconds: clock.secondsLeft(recipe.rounds, atMs), really: (end - atMs) / 1000 });
		}
		const known = said.filter(({ seconds }) => seconds !== null);
		expect(known.length).toBeGreaterThan(said.length / 2);
		expect(largestJump(known.map(({ seconds }) => seconds))).toBeLessThan(1.3);
		for (const { seconds, really } of known)
			expect(seconds ?? NaN).toBeGreaterThan(0.5 * really - 5);
	});
});

describe('a time in words', () => {
	test.each([
		[4, 'a few seconds'],
		[63, '60 s'],
		[89, '90 s'],
		[100, '2 min'],
		[325, '5 min'],
	])('%d s is %s', (seconds, words) => {
		expect(duration(seconds)).toBe(words);
	});
});
