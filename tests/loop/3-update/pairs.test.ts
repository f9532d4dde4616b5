/** @file Preference pairs: right beside wrong answers to one prompt, and DPO over them as a cell's choice. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { random } from '#base/random.ts';
import { compose, learns } from '#loop/3-update/compose.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { withObjective } from '#loop/3-update/objective.ts';
import { pairsOf } from '#loop/3-update/pairs.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import type { TrainPlan } from '#loop/plan.ts';
import { promptTurns, type Rollout } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import { pack } from '#training/data/pack.ts';
import { addition, experienceOf, someTask, testWorld, trainingOf } from '../world.ts';

/** Answers of the given scores to one prompt; null is unjudged. */
function answered(
	scores: readonly (number | null)[],
	over: Partial<Experience> = {},
	change: (rollout: Rollout, i: number) => Rollout = (rollout) => rollout,
	split: 'training' | 'held-out' = 'training',
): Experience {
	const task = someTask(9, split);
	const [first] = experienceOf(task, ['1']).rollouts;
	if (!first) throw new Error('One answer was asked for.');
	const rollouts = scores.map((_, i) => change(saying(first, `${i}$`), i));
	return {
		...experienceOf(task, []),
		rollouts,
		feedback: { kind: 'scored', source: 'environment', score: 1, answer: null, each: scores },
		fate: { kind: 'kept', examples: [] },
		...over,
	};
}
/** The rollout with another completion, and another prompt if one is given. */
const saying = (rollout: Rollout, completion: string, prompt?: string): Rollout => ({
	...rollout,
	turns: [
		...(prompt === undefined ? rollout.turns.slice(0, -1) : promptTurns(prompt)),
		{ role: 'text', content: completion, sampled: true },
	],
});
const sidesOf = (experience: Experience) =>
	pairsOf([experience], addition).map((example) =>
		example.kind === 'pair' ? [example.chosen.completion, example.rejected.completion] : [],
	);

test('pair each best answer with one lower, of the same prompt, once', () => {
	expect(sidesOf(answered([1, 0, 1, 0.5, 1]))).toEqual([
		['0$', '1$'],
		['2$', '3$'],
	]);
	expect(sidesOf(answered([1, 1]))).toEqual([]);
	expect(sidesOf(answered([1, 0, 0], {}, (a, i) => saying(a, `${i}$`, `${i % 2}=`)))).toEqual([
		['0$', '2$'],
	]);
	expect(sidesOf(answered([1, 1, 0], {}, (a, i) => (i < 2 ? saying(a, 'x$') : a)))).toEqual([
		['x$', '2$'],
	]);
});

test('of dialogues whose turns are all learnt, the first turn in which they part, after what both had seen', () => {
	const walks = ['nes', 'nws', 'ne', 'nes', 'wes'];
	const scores = [1, 0, 0, 1, 0];
	const walking = (rollout: Rollout, i: number): Rollout => ({
		...rollout,
		learns: 'each',
		turns: [
			...promptTurns('?'),
			...[...(walks[i] ?? '')].flatMap((way): Rollout['turns'] => [
				{ role: 'text', content: way, sampled: true },
				{ role: 'text', content: `[${way}]`, sampled: false },
			]),
		],
	});
	const pairs = pairsOf([answered(scores, {}, walking)], addition);
	// Equal walks count once; the beginning of a walk parts from it nowhere.
	expect(pairs).toMatchObject([
		{ prompt: '?n[n]', chosen: { completion: 'e' }, rejected: { completion: 'w' } },
	]);
	const others = pairsOf([answered([0, 1, 0, 0, 0], {}, walking)], addition);
	expect(others).toMatchObject([
		{ prompt: '?n[n]', chosen: { completion: 'w' }, rejected: { completion: 'e' } },
	]);
});

test('leave out what was not judged, hinted, set aside or held out', () => {
	expect(sidesOf(answered([1, null]))).toEqual([]);
	const hinted = answered([1, 0], {}, (a, i) => (i === 0 ? { ...a, rationalized: true } : a));
	expect(sidesOf(hinted)).toEqual([]);
	const led = answered([1, 0], {}, (a, i) => (i === 0 ? { ...a, critique: 'Shorter.' } : a));
	expect(sidesOf(led)).toEqual([]);
	const aside = { kind: 'set-aside', by: 'a-cell', reason: 'why' } as const;
	expect(sidesOf(answered([1, 0], { fate: aside }))).toEqual([]);
	expect(sidesOf(answered([1, 0], { feedback: { kind: 'unjudged', reason: 'why' } }))).toEqual([]);
	expect(sidesOf(answered([1, 0], {}, undefined, 'held-out'))).toEqual([]);
});

test('the architecture cell makes DPO over them the plan’s objective, and a batch alternates their sides', async () => {
	const { world, context } = testWorld();
	const knobs = {
		...defaultsOf(architecture.knobs),
		objective: 'dpo',
		beta: 0.3,
		batch: 4,
	} as const;
	const refined = [answered([1, 0])];
	const amend = (with_: readonly Experience[]) =>
		trainingOf(architecture.create(knobs)(startPlan(with_, addition), with_, context()));
	const plan = await amend(refined);
	expect(plan.objective).toMatchObject({ name: 'dpo', beta: 0.3, likelihood: 0 });
	const batch = pack(compose(plan, world, random(1)), { padToken: 0 });
	expect(batch.samples.map(({ pair }) => pair)).toEqual(
		Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? 'chosen' : 'rejected')),
	);
	const [chosen, rejected] = batch.samples;
	expect(world.tokenizer.decode(chosen?.tokens.slice(-2) ?? [])).toBe('0');
	expect(world.tokenizer.decode(rejected?.tokens.slice(-2) ?? [])).toBe('1');
	expect(learns(plan)).toBe(true);
	expect(learns(await amend([answered([1, 1])]))).toBe(false);
});

test('without pairs as its objective a plan learns the chosen side only', () => {
	const { world } = testWorld();
	const [example] = pairsOf([answered([1, 0])], addition);
	if (!example) throw new Error('There is a pair.');
	const start = startPlan([], addition);
	const mixture = [{ name: 'newest', share: 1, examples: [example] }];
	const samples = compose({ ...start, mixture, budget: { steps: 1, batch: 2 } }, world, random(1));
	expect(samples).toHaveLength(2);
	for (const { tokens, pair } of samples) {
		expect(world.tokenizer.decode(tokens.slice(-2))).toBe('0');
		expect(pair).toBeUndefined();
	}
});

test('with likelihood, what the filter kept is preferred, and what has no worse answer beside it is learnt as a text', () => {
	const at = testWorld().context();
	const kept = (completion: string) => ({
		kind: 'kept' as const,
		examples: [{ kind: 'text' as const, difficulty: 9, prompt: '1=', completion }],
	});
	const refined = [
		answered([1, 1, 0], { fate: kept('1$') }),
		answered([1, 1], { fate: kept('0$') }),
	];
	const plain = {
		name: 'replay/0',
		share: 1,
		examples: [{ kind: 'text' as const, difficulty: 0, prompt: '2=', completion: '2$' }],
	};
	const start = startPlan(refined, addition);
	const planned = (likelihood: number) =>
		withObjective(
			{ ...start, mixture: [...start.mixture, plain] },
			refined,
			at,
			{ name: 'dpo', beta: 0.1, labelSmoothing: 0, likelihood },
			{ normalise: 'none' },
		);
	const said = (plan: TrainPlan) =>
		plan.mixture.map(({ examples }) =>
			examples.map((e) =>
				e.kind === 'pair' ? [e.chosen.completion, e.rejected.completion] : e.kind,
			),
		);
	expect(said(planned(0))).toEqual([[['0$', '2$']], []]);
	expect(said(planned(1))).toEqual([[['1$', '2$'], 'text'], ['text']]);
	const samples = compose(planned(1), at.world, random(1));
	expect(samples.some(({ pair }) => pair === undefined)).toBe(true);
	expect(samples.some(({ pair }) => pair === 'rejected')).toBe(true);
});
