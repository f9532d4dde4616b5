/** @file What can be played of a lesson: a teacher's link never leaves nothing. */
import { describe, expect, test } from 'vitest';
import { offersOf, seedOf } from '#ui/panels/learn/lesson/offers.ts';
import { lessons } from '#ui/panels/learn/lessons/index.ts';

const choices = [[], ['live'], ['recorded'], ['live', 'recorded']] as const;

describe.each(lessons.map((lesson) => [lesson.id, lesson] as const))('%s', (_, lesson) => {
	test('can be played, whatever a link shows and whichever seed it asks for', () => {
		for (const shown of choices)
			for (const isSeeded of [false, true])
				for (const isForeign of [false, true]) {
					const shows = (control: string) => (shown as readonly string[]).includes(control);
					const offers = offersOf(lesson, { isForeign, isSeeded, shows });
					expect(offers.live || offers.recorded).toBe(true);
					// Nothing is recorded of a stranger's lesson, nor of another seed.
					if (isForeign || offers.takesSeed) expect(offers.recorded).toBe(false);
					if (offers.takesSeed) expect([isSeeded, offers.live]).toEqual([true, true]);
				}
	});
});

test('live worlds are offered as the link says, and the recording where there are none', () => {
	const link = (shown: readonly string[], isSeeded: boolean) =>
		offersOf({}, { isForeign: false, isSeeded, shows: (control) => shown.includes(control) });
	expect(link(['live', 'recorded'], true)).toEqual({
		...{ live: true, recorded: false, takesSeed: true },
	});
	expect(link(['recorded'], true)).toEqual({ live: false, recorded: true, takesSeed: false });
	expect(link([], false)).toEqual({ live: false, recorded: true, takesSeed: false });
	expect(link(['live'], false)).toEqual({ live: true, recorded: false, takesSeed: false });
	expect([{ run: '?seed=7&rounds=1' }, { run: '?rounds=1' }].map(seedOf)).toEqual([7, 1]);
});
