/** @file Deadlines of graph runs: two minutes as long as nothing was measured, then by the slowest run and the size. */
import { expect, test } from 'vitest';
import { busyMs, silenceMs } from '#base/concurrency/heartbeat.ts';
import { createDeadlines } from '#graph/runtime/deadlines.ts';

const fed = (numbers: number) => ({
	ids: { type: 'int32' as const, shape: [numbers], data: new Int32Array(numbers) },
});

test('a run is given the time that earlier ones of its session took, by its size, with a margin', () => {
	const deadlines = createDeadlines();
	expect(deadlines.of(1, fed(9))).toBe(busyMs);
	deadlines.measured(1, fed(9), 10);
	expect(deadlines.of(1, fed(9))).toBe(silenceMs);
	deadlines.measured(1, fed(9), 500);
	deadlines.measured(1, fed(9), 20);
	expect(deadlines.of(1, fed(9))).toBe(10_000);
	expect(deadlines.of(1, fed(19))).toBe(20_000);
	expect(deadlines.of(1, fed(999_999))).toBe(busyMs);
	expect(deadlines.of(2, fed(9))).toBe(busyMs);
	deadlines.forget(1);
	expect(deadlines.of(1, fed(9))).toBe(busyMs);
});
