/** @file Work that is asked for at once and done one after another. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMutex } from '#base/concurrency/mutex.ts';

test('work never overlaps and is done in the order it was asked for, whatever fails', async () => {
	const asked = fc.array(fc.record({ ticks: fc.nat(5), fails: fc.boolean() }), { maxLength: 20 });
	await fc.assert(
		fc.asyncProperty(asked, async (works) => {
			const exclusive = createMutex();
			const seen: string[] = [];
			const outcomes = await Promise.allSettled(
				works.map(({ ticks, fails }, i) =>
					exclusive(async () => {
						seen.push(`begin ${i}`);
						for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
						seen.push(`end ${i}`);
						if (fails) throw new Error(`work ${i}`);
						return i;
					}),
				),
			);
			expect(seen).toEqual(works.flatMap((_, i) => [`begin ${i}`, `end ${i}`]));
			outcomes.forEach((outcome, i) => {
				expect(outcome).toEqual(
					works[i]?.fails
						? { status: 'rejected', reason: new Error(`work ${i}`) }
						: { status: 'fulfilled', value: i },
				);
			});
		}),
	);
});

test('work that throws before it returns a promise rejects, and the next one still comes', async () => {
	const exclusive = createMutex();
	const thrown = exclusive(() => {
		throw new Error('at once');
	});
	const next = exclusive(() => Promise.resolve('next'));
	await expect(thrown).rejects.toThrow('at once');
	expect(await next).toBe('next');
});

test('two queues do not wait for each other', async () => {
	const [one, other] = [createMutex(), createMutex()];
	void one(() => new Promise<never>(() => undefined));
	expect(await other(() => Promise.resolve('done'))).toBe('done');
});
