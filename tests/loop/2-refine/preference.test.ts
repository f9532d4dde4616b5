/** @file Preference of the metric-based filter: which of the right answers is learnt, and which tasks of a kind. */
import { expect, test } from 'vitest';
import { defaultsOf, type KnobValues } from '#base/knobs.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import type { Experience } from '#loop/types.ts';
import { answered, english, speaker, taskOf } from '../english.ts';
import { rolloutOf } from '../rollout/rollouts.ts';

/** A right answer to a task, as so many tokens of this log-probability; the fourth may be less likely. */
const said = (completion: string, tokens: readonly number[], logprob: number, fourth = logprob) =>
	rolloutOf({
		...{ view: {}, answer: completion, prompt: 'Say it.', completion, tokens },
		logprobs: tokens.map((_, i) => (i === 3 ? fourth : logprob)),
	});
const varied = said('A kite flies far away.', [1, 2, 3, 4, 5, 6], -2);
const circling = said('A kite, a kite, a kite.', [1, 2, 1, 2, 1, 2], -0.1);
const forced = said('A kite, SEASON away!', [1, 2, 3, 9, 5, 6], -1, -12);

const keywordTask = (topic: string) => taskOf(`Describe ${topic}. Include the word "river".`);
const experience = (topic: string, rollouts: Experience['rollouts']): Experience => ({
	...answered(keywordTask(topic), 'A river.', 1),
	rollouts,
	feedback: {
		...{ kind: 'scored', source: 'environment', score: 1, answer: 'A river.' },
		each: rollouts.map(() => 1),
	},
});
const refine = (all: readonly Experience[], set: Partial<KnobValues<typeof metricBased.knobs>>) =>
	metricBased.create({ ...defaultsOf(metricBased.knobs), cap: 1, ...set })(
		all,
		english(speaker({})).at,
	);
const learnt = ({ fate }: Experience): readonly unknown[] =>
	fate.kind === 'kept'
		? fate.examples.map((example) => 'completion' in example && example.completion)
		: [];

test('of equals takes the first, the likeliest or the one that repeats itself least', async () => {
	const all = [experience('a kite', [forced, circling, varied])];
	const chosen = async (prefer: 'first' | 'likely' | 'varied', maxSurprise = 0) =>
		(await refine(all, { prefer, maxSurprise })).flatMap(learnt);
	expect(await chosen('first')).toEqual(['A kite, SEASON away!']);
	expect(await chosen('likely')).toEqual(['A kite, a kite, a kite.']);
	expect(await chosen('varied', 9)).toEqual(['A kite flies far away.']);
});

test('of equals takes the one in the fewest turns, however likely a longer one is', async () => {
	const asked = { role: 'text', content: 'Where?', sampled: false, tokens: [1] } as const;
	const longer: typeof circling = {
		...circling,
		turns: [...circling.turns, asked, ...circling.turns],
	};
	const refined = await refine([experience('a kite', [longer, varied])], {
		prefer: 'brief',
	});
	expect(refined.flatMap(learnt)).toEqual(['A kite flies far away.']);
});

test('an answer without tokens, as a rule writes it, is told by its words', async () => {
	const written = ({ turns, ...rollout }: typeof varied, logprob: number) => {
		const [prompt, answer] = turns;
		if (!prompt || !answer) throw new Error('a prompt and an answer');
		const { tokens: _, logprobs: __, ...rest } = answer;
		return { ...rollout, turns: [prompt, { ...prompt, sampled: true, logprobs: [logprob] }, rest] };
	};
	const all = [experience('a kite', [written(circling, -0.1), written(varied, -2)])];
	const learntOf = async (prefer: 'likely' | 'varied') =>
		(await refine(all, { prefer })).flatMap(learnt);
	expect(await learntOf('likely')).toEqual(['A kite, a kite, a kite.']);
	expect(await learntOf('varied')).toEqual(['A kite flies far away.']);
});

test('sets aside a task whose every right answer has a forced word', async () => {
	const [one] = await refine([experience('a kite', [forced])], { maxSurprise: 9 });
	expect(one?.fate).toMatchObject({
		kind: 'set-aside',
		reason: 'every answer that scores enough has a forced word',
	});
});

test('of a kind keeps the tasks with the preferred answers, and those of other kinds', async () => {
	const other = {
		...experience('a tent', [circling]),
		task: taskOf('Describe a tent. Do not use any commas.'),
	};
	const refined = await refine(
		[experience('a kite', [circling]), experience('a farm', [varied]), other],
		{ prefer: 'varied', capKind: 1 },
	);
	expect(refined.map(({ fate }) => fate.kind)).toEqual(['set-aside', 'kept', 'kept']);
});
