/** @file Grounded solutions: rules hold the sampler, cases stand in view, and neither is part of what is learnt. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { scripted } from '#engines/scripted.ts';
import { grounded } from '#loop/1-acquire/solution/positive/grounded.ts';
import { textExample } from '#loop/2-refine/fate.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { completionOf, isPromptLed } from '#loop/rollout/rollout.ts';
import { basePolicy, childOf } from '#loop/policy/policy.ts';
import { english, instructions, taskOf } from '../../../english.ts';

const task = taskOf('Describe a kite. Use at most 30 words.');
const plain = [{ role: 'user', content: task.text }];
const memory: Memory = [
	{
		...{ id: 'm', kind: 'experience', text: 'A lamp by the sea.', t: 1, from: [] },
		...{ task: 'Describe a lighthouse. Use at most 40 words.', about: 'most-words' },
	},
];
const knobs = defaultsOf(grounded.knobs);
const speaker = () => english(scripted({ script: () => 'A kite flies.' }));

test('rules: every sample has the grammar of its task, and is learnt under the plain prompt', async () => {
	const world = speaker();
	const [solution] = await grounded.create({ ...knobs, samples: 2 })([task], world.at);
	expect(solution?.rollouts.map(({ grounded }) => grounded)).toEqual(['rules', 'rules']);
	const grammar = instructions.grammar(task.item);
	expect(world.engine.calls[0]).toMatchObject({ options: { grammars: [grammar, grammar] } });
	const [rollout] = solution?.rollouts ?? [];
	expect(rollout && textExample(task, rollout, instructions)).toMatchObject({
		prompt: plain,
		completion: 'A kite flies.',
	});
});

test('cases: what memory holds of the kind stands before the task, and is left out of what is learnt', async () => {
	const world = speaker();
	const policy = childOf(basePolicy('m'), { memory });
	const make = grounded.create({ ...knobs, rules: false, examples: 2, samples: 1 });
	const [solution] = await make([task], { ...world.at, policy });
	const [rollout] = solution?.rollouts ?? [];
	expect(rollout?.grounded).toBe('cases');
	expect(rollout?.turns.map(({ content }) => content)).toEqual([
		...['Describe a lighthouse. Use at most 40 words.', 'A lamp by the sea.', task.text],
		'A kite flies.',
	]);
	expect(world.engine.calls[0]).not.toHaveProperty('options.grammars');
	expect(rollout && textExample(task, rollout, instructions)).toMatchObject({ prompt: plain });
});

test('form afterwards: the request is asked alone, and what was said is learnt in the form of the task', async () => {
	const listed = taskOf('Describe a kite. Answer only with a JSON list of exactly 2 texts.');
	const draft = 'A kite is a toy of paper. It flies on windy days in spring.';
	const world = english(scripted({ script: () => draft }));
	const make = grounded.create({ ...knobs, recast: true, samples: 1, unaided: 1 });
	const [solution] = await make([listed], world.at);
	const [rollout, unaided] = solution?.rollouts ?? [];
	expect(world.engine.calls[0]).toMatchObject({
		prompts: ['user: Describe a kite.\n', expect.stringContaining('JSON')],
	});
	expect(world.engine.calls[0]).not.toHaveProperty('options.grammars');
	expect(rollout?.turns.map(({ content }) => content)).toEqual([
		...['Describe a kite.', draft, listed.text],
		'["A kite is a toy of paper.", "It flies on windy days in spring."]',
	]);
	expect(rollout && textExample(listed, rollout, instructions)).toEqual({
		kind: 'text',
		difficulty: 1,
		prompt: [{ role: 'user', content: listed.text }],
		completion: rollout?.answer,
	});
	expect(unaided?.turns[0]?.content).toBe(listed.text);
	expect(rollout).toMatchObject({ grounded: 'rules', recast: true });
	expect(unaided).not.toHaveProperty('grounded');
});

test('form afterwards: a draft that says too little is no answer, and a task without such a rule keeps its grammar', async () => {
	const short = taskOf('Describe a kite. Write exactly 3 sentences.');
	const word = taskOf('Describe a kite. Include the word "river".');
	const world = speaker();
	const make = grounded.create({ ...knobs, recast: true, samples: 1 });
	const [one, other] = await make([short, word], world.at);
	expect(one?.rollouts[0]).toMatchObject({
		answer: null,
		malformed: expect.stringMatching(/too little/) as unknown,
	});
	expect(one?.rollouts.map(isPromptLed)).toEqual([true]);
	expect(one?.rollouts.map(completionOf)).toEqual(['']);
	expect(other?.rollouts[0]?.grounded).toBe('rules');
	expect(world.engine.calls[0]).toMatchObject({
		options: { grammars: [null, instructions.grammar(word.item)] },
	});
});

test('neither: it is a plain question', async () => {
	const world = speaker();
	const make = grounded.create({ ...knobs, rules: false, samples: 1 });
	const [solution] = await make([task], world.at);
	expect(solution?.rollouts[0]).not.toHaveProperty('grounded');
});

test('without aid: so many answers to the plain question stand beside those that were led', async () => {
	const world = speaker();
	const policy = childOf(basePolicy('m'), { memory });
	const make = grounded.create({ ...knobs, examples: 2, samples: 2, unaided: 1 });
	const [solution] = await make([task], { ...world.at, policy });
	expect(solution?.rollouts.map(({ grounded }) => grounded ?? 'no')).toEqual([
		...['cases', 'cases', 'no'],
	]);
	expect(solution?.rollouts[2]?.turns.map(({ content }) => content)).toEqual([
		...[task.text, 'A kite flies.'],
	]);
});

test('a solver that cannot be held to rules is refused with the way out', async () => {
	const world = speaker();
	const roles = { solver: scripted({ script: () => 'x' }) };
	const at = { ...world.at, world: { ...world.at.world, roles } };
	await expect(grounded.create(knobs)([task], at)).rejects.toThrow(/switch the rules off/);
});
