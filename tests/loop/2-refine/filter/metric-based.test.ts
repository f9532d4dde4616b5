/** @file The metric-based filter: threshold, cap, distinct answers, and what it leaves alone. */
import { expect, test } from 'vitest';
import { defaultsOf, type KnobValues } from '#base/knobs.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { completionOf, promptOf } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import { addition, experienceOf, taskOf, testWorld } from '../../world.ts';

const task = taskOf(addition, '12', '34');
const scored = (
	answers: readonly (string | null)[],
	each: readonly (number | null)[],
): Experience =>
	experienceOf(task, answers, {
		feedback: { kind: 'scored', source: 'environment', score: 1, answer: '46', each },
	});
const refine = async (
	one: Experience,
	set: Partial<KnobValues<typeof metricBased.knobs>> = { minScore: 1, cap: 10 },
	t = 1,
) => {
	const knobs = { ...defaultsOf(metricBased.knobs), ...set };
	const [refined] = await metricBased.create(knobs)([one], testWorld().context({ t }));
	return refined?.fate;
};

test('keeps the answers at the threshold, as they were written, and drops those below', async () => {
	const one = scored(['46', '45', '46'], [1, 0, 1]);
	expect(await refine(one)).toEqual({
		kind: 'kept',
		examples: [one.rollouts[0], one.rollouts[2]].map((rollout) => ({
			kind: 'text',
			difficulty: 2,
			prompt: rollout && promptOf(rollout),
			completion: rollout && completionOf(rollout),
		})),
	});
	const half = await refine(scored(['46', '45', '44'], [0.5, 0.4, 0.6]), {
		...defaultsOf(metricBased.knobs),
		minScore: 0.5,
		cap: 9,
	});
	expect(half?.kind === 'kept' && half.examples).toHaveLength(2);
});

test('keeps at most the cap of one problem, and equal texts once', async () => {
	const many = await refine(scored(Array<string>(6).fill('46'), [1, 1, 1, 1, 1, 1]), {
		minScore: 1,
		cap: 4,
	});
	expect(many?.kind === 'kept' && many.examples).toHaveLength(4);
	const one = scored(['46', '46'], [1, 1]);
	const [first] = one.rollouts;
	const twice = { ...one, rollouts: first ? [first, first] : [] };
	const fate = await refine(twice);
	expect(fate?.kind === 'kept' && fate.examples).toHaveLength(1);
});

test('sets aside with its address and a reason what no answer earns', async () => {
	expect(await refine(scored(['45'], [0]))).toMatchObject({
		kind: 'set-aside',
		by: '2-refine/filter/metric-based',
		reason: 'no answer scores 1 or more',
	});
});

test('the threshold rises by round as far as 1, and no answer is kept that would not be at first', async () => {
	const one = scored(['46', '45', '44'], [1, 0.8, 0.5]);
	const kept = async (t: number, rise: number) => {
		const fate = await refine(one, { minScore: 0.5, rise }, t);
		return fate?.kind === 'kept' ? fate.examples.length : fate?.kind;
	};
	expect(await Promise.all([1, 2, 3, 4, 9].map((t) => kept(t, 0.3)))).toEqual([3, 2, 1, 1, 1]);
	expect(await kept(9, 0)).toBe(3);
	const low = await refine(scored(['45'], [0.6]), { minScore: 0.5, rise: 0.1 }, 3);
	expect(low).toMatchObject({ kind: 'set-aside', reason: 'no answer scores 0.7 or more' });
});

test('unjudged is not 0: it is set aside as unjudged even where 0 would do', async () => {
	const none = experienceOf(task, ['46'], { feedback: { kind: 'unjudged', reason: 'no verdict' } });
	expect(
		await refine(none, { ...defaultsOf(metricBased.knobs), minScore: 0, cap: 10 }),
	).toMatchObject({
		kind: 'set-aside',
		reason: 'unjudged: no verdict',
	});
	const partly = await refine(scored(['45', '46'], [null, 0]), {
		...defaultsOf(metricBased.knobs),
		minScore: 0,
		cap: 10,
	});
	expect(partly?.kind === 'kept' && partly.examples).toHaveLength(1);
});

test('what was set aside before stays so, and what was kept before keeps its examples', async () => {
	const aside = { kind: 'set-aside', by: 'person', reason: 'rejected' } as const;
	expect(await refine({ ...scored(['46'], [1]), fate: aside })).toEqual(aside);
	const kept = { kind: 'kept', examples: [] } as const;
	expect(await refine({ ...scored(['46'], [1]), fate: kept })).toEqual(kept);
	expect(await refine({ ...scored(['46'], [0]), fate: kept })).toMatchObject({ kind: 'set-aside' });
});
