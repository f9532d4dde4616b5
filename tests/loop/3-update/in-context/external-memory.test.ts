/** @file External memory: verified answers are inserted, what is too much of a kind is forgotten, held-out tasks never enter. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { externalMemory } from '#loop/3-update/in-context/external-memory.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { keep, textExample } from '#loop/2-refine/fate.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { basePolicy, childOf } from '#loop/policy/policy.ts';
import type { Experience } from '#loop/types.ts';
import { scripted } from '#engines/scripted.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import { answered, english, instructions, taskOf } from '../../english.ts';

const world = english(scripted({ script: () => '' }));
const topics = ['kite', 'tent', 'farm', 'harbour'];
const kept = (text: string, answer: string, logprob: number): Experience => {
	const task = taskOf(text);
	const one = answered(task, answer, 1);
	const rollouts = one.rollouts.map((rollout) => ({
		...rollout,
		turns: rollout.turns.map((turn) =>
			turn.sampled ? { ...turn, tokens: [1], logprobs: [logprob] } : turn,
		),
	}));
	const examples = rollouts.map((rollout) => textExample(task, rollout, instructions));
	return keep({ ...one, rollouts }, examples);
};
const knobs = defaultsOf(externalMemory.knobs);
const update = async (
	experience: readonly Experience[],
	memory: Memory,
	perKind: number,
	over: Partial<typeof knobs> = {},
	at = world.at,
) => {
	const context = { ...at, policy: childOf(basePolicy('m'), { memory }) };
	const plan = startPlan(experience, instructions);
	const cell = externalMemory.create({ ...knobs, perKind, ...over });
	const amended = await cell(plan, experience, context);
	return amended.kind === 'remember' ? amended.memory : (amended.memory ?? []);
};

test('remembers the likeliest of each kind, over rounds, and what was set aside not at all', async () => {
	const experience = topics.map((topic, i) =>
		kept(`Describe a ${topic}. Use at most 30 words.`, `The ${topic} is here.`, -i),
	);
	const aside = {
		...kept('Describe a river ferry. Use at most 30 words.', 'A ferry.', 0),
		fate: { kind: 'set-aside', by: 'x', reason: 'y' },
	} as const;
	const first = await update([...experience, aside], [], 2);
	expect(first.map(({ text }) => text)).toEqual(['The kite is here.', 'The tent is here.']);
	expect(first[0]).toMatchObject({ kind: 'experience', about: 'most-words', logprob: 0 });
	const other = kept('Describe a kite. Do not use any commas.', 'Kites fly.', -9);
	const better = kept('Describe a campfire. Use at most 30 words.', 'A fire burns.', -0.5);
	const second = await update([other, better], first, 2);
	expect(second.map(({ text }) => text)).toEqual([
		...['The kite is here.', 'Kites fly.', 'A fire burns.'],
	]);
});

test('never remembers a held-out task', async () => {
	const [item] = drawHeldOut(instructions, 1, 'count', 1, 1);
	if (!item) throw new Error('no item');
	expect(await update([kept(instructions.words.show(item), 'An answer.', 0)], [], 2)).toEqual([]);
});

test('remembers an answer of an engine that tells no log-probabilities, after all others', async () => {
	const silent = kept('Describe a tent. Use at most 30 words.', 'The tent is here.', 0);
	const rollouts = silent.rollouts.map((rollout) => ({
		...rollout,
		turns: rollout.turns.map(({ tokens: _tokens, logprobs: _logprobs, ...turn }) => turn),
	}));
	const told = kept('Describe a kite. Use at most 30 words.', 'The kite is here.', -9);
	const memory = await update([{ ...silent, rollouts }, told], [], 2);
	expect(memory[0]).not.toHaveProperty('logprob');
	expect(JSON.parse(JSON.stringify(memory))).toEqual(memory);
	expect((await update([{ ...silent, rollouts }, told], [], 1)).map(({ text }) => text)).toEqual([
		'The kite is here.',
	]);
});

test('alone, it only remembers: nothing is trained', async () => {
	const experience = [kept('Describe a tent. Use at most 30 words.', 'The tent is here.', 0)];
	const plan = startPlan(experience, instructions);
	const amended = await externalMemory.create({ ...knobs, perKind: 2, alone: true })(
		plan,
		experience,
		world.at,
	);
	expect(amended).toMatchObject({ kind: 'remember', memory: [{ text: 'The tent is here.' }] });
});

const entry = (text: string, t: number, logprob: number): Memory[number] => ({
	...{ id: text, kind: 'experience', text, t, from: [], logprob },
	...{ about: 'most-words', task: `Describe ${text}. Use at most 30 words.` },
});

test('forgets by likelihood, by age, or by use, as it is told', async () => {
	const memory = [entry('old', 1, -1), entry('likely', 2, 0), entry('new', 3, -5)];
	const used = answered(taskOf('Describe a kite. Use at most 30 words.'), 'A kite.', 1);
	const [rollout] = used.rollouts;
	if (!rollout) throw new Error('no rollout');
	const turns = [
		{ role: 'user', content: memory[0]?.task ?? '', sampled: false },
		{ role: 'assistant', content: 'old', sampled: false },
		...rollout.turns,
	] as const;
	const shown = { ...used, rollouts: [{ ...rollout, grounded: 'cases' as const, turns }] };
	const at = { ...world.at, t: 4 };
	const texts = async (forgets: 'unlikely' | 'old' | 'unused') =>
		(await update([shown], memory, 2, { forgets }, at)).map(({ text }) => text);
	expect(await texts('unlikely')).toEqual(['old', 'likely']);
	expect(await texts('old')).toEqual(['likely', 'new']);
	expect(await texts('unused')).toEqual(['old', 'new']);
	const [first, second] = await update([shown], memory, 3, {}, at);
	expect([first?.used, second?.used]).toEqual([4, undefined]);
});

test('reflects: a rule is drawn from what went wrong, once, before all cases; the oldest rules go', async () => {
	const wrong = ['kite', 'tent', 'farm', 'harbour', 'bridge', 'garden']
		.map((topic) =>
			answered(taskOf(`Describe a ${topic}. Do not use any commas.`), `A ${topic}, red.`, 0),
		)
		.filter(({ task }) => !instructions.tasks.isHeldOut(task.item));
	expect(wrong.length).toBeGreaterThan(3);
	const right = answered(taskOf('Describe a bee. Do not use any commas.'), 'A bee.', 1);
	const engine = scripted({
		script: (prompt) => (prompt.includes('kite') ? 'No commas.' : 'Be plain.'),
	});
	const { at } = english(engine);
	const old: Memory = [{ id: 'rule/0/0', kind: 'rule', text: 'Smile.', t: 0, from: [] }];
	const memory = [...old, entry('a case', 1, 0)];
	const rules = { rulesDrawn: 2, rulesKept: 2 };
	const made = await update([right, ...wrong], memory, 2, rules, at);
	expect(made.map(({ kind, text }) => [kind, text])).toEqual([
		['rule', 'No commas.'],
		['rule', 'Be plain.'],
		['experience', 'a case'],
	]);
	expect(made[0]?.from).toEqual(wrong.slice(0, 3).map(({ id }) => id));
	const [asked] = engine.calls.flatMap((call) => (call.kind === 'generate' ? call.prompts : []));
	expect(asked).toContain('A kite, red.');
	expect(asked).not.toContain('bee');
	expect(await update([right], memory, 2, rules, at)).toEqual(memory);
	expect(await update(wrong, made, 2, rules, at)).toEqual(made);
});
