/** @file Learning rates over a run. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { learningRate, scheduleShapes, type Schedule } from '#base/schedule.ts';

const rates = (schedule: Schedule, count = schedule.steps): number[] =>
	Array.from({ length: count }, (_, step) => learningRate(schedule, step));

test('warm-up climbs in equal steps and its first step already learns', () => {
	const schedule: Schedule = { shape: 'constant', peak: 1, steps: 6, warmUp: 4 };
	expect(rates(schedule)).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
});

test('linear falls evenly to the floor at the last step', () => {
	const schedule: Schedule = { shape: 'linear', peak: 2, steps: 5, warmUp: 0, floor: 0.5 };
	expect(rates(schedule)).toEqual([2, 1.75, 1.5, 1.25, 1]);
});

test('cosine is at half of its way in the middle', () => {
	const schedule: Schedule = { shape: 'cosine', peak: 1, steps: 13, warmUp: 2, floor: 0.1 };
	expect(learningRate(schedule, 2)).toBe(1);
	expect(learningRate(schedule, 7)).toBeCloseTo(0.55, 12);
	expect(learningRate(schedule, 12)).toBeCloseTo(0.1, 12);
});

test('warm-up–stable–decay holds the peak until the decay', () => {
	const schedule: Schedule = {
		shape: 'warmup-stable-decay',
		peak: 1,
		steps: 10,
		warmUp: 2,
		decay: 4,
	};
	expect(rates(schedule)).toEqual([0.5, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0]);
});

test('without a decay, warm-up–stable–decay takes the last tenth', () => {
	const schedule: Schedule = { shape: 'warmup-stable-decay', peak: 1, steps: 100, warmUp: 0 };
	expect(learningRate(schedule, 89)).toBe(1);
	expect(learningRate(schedule, 94)).toBeCloseTo(0.5, 12);
	expect(learningRate(schedule, 99)).toBe(0);
});

test('no rate is above the peak, below the floor after warm-up, or rises after it', () => {
	fc.assert(
		fc.property(
			fc.record({
				shape: fc.constantFrom(...scheduleShapes),
				peak: fc.double({ min: 1e-6, max: 1, noNaN: true }),
				steps: fc.integer({ min: 1, max: 60 }),
				warmUp: fc.integer({ min: 0, max: 70 }),
				floor: fc.double({ min: 0, max: 1, noNaN: true }),
				decay: fc.integer({ min: 0, max: 70 }),
			}),
			(schedule) => {
				const all = rates(schedule, schedule.steps + 5);
				const after = all.slice(schedule.warmUp);
				const slack = schedule.peak * 1e-9;
				for (const rate of all) expect(rate).toBeLessThanOrEqual(schedule.peak + slack);
				for (const rate of after)
					expect(rate).toBeGreaterThanOrEqual(schedule.peak * schedule.floor - slack);
				after.slice(1).forEach((rate, i) => {
					expect(rate).toBeLessThanOrEqual((after[i] ?? 0) + slack);
				});
			},
		),
	);
});
