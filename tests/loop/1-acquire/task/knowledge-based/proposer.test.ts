/** @file Questions by a proposer: it sees the record and asks about it, the solver does not see it, and nothing else comes in. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { scripted, type ScriptedEngine } from '#engines/scripted.ts';
import { openEnvironment } from '#environments/registry.ts';
import { questionsOfRecords } from '#loop/1-acquire/task/knowledge-based/proposer.ts';
import { questionOf } from '#loop/rollout/ask.ts';
import { testWorld } from '../../../world.ts';

const facts = openEnvironment('facts', { told: 'text' });
const knobs = { ...defaultsOf(questionsOfRecords.knobs), proposed: 12, patterns: 2 };
const lastOf = (prompt: string): string => prompt.slice(prompt.lastIndexOf('user: '));
/** A question about the first town that the last message names. */
const reader = (say: (town: string) => string): ScriptedEngine =>
	scripted({
		script: (prompt) => {
			const passage = facts.knowledge.records.find(({ text }) => lastOf(prompt).includes(text));
			const [first] = passage ? facts.knowledge.about(passage.id) : [];
			return say(String(first?.['town']));
		},
	});
const propose = (engine: ScriptedEngine, proposer?: ScriptedEngine) => {
	const { world, context } = testWorld({ engine });
	return questionsOfRecords.create(knobs)({
		...context(),
		world: { ...world, environment: facts, ...(proposer && { roles: { proposer } }) },
	});
};

test('a question comes in once if it is about the passage that was shown, and the solver sees no passage', async () => {
	const engine = reader((town) => `Who is the mayor of ${town}?`);
	const tasks = await propose(engine);
	expect(tasks.length).toBeGreaterThan(1);
	expect(new Set(tasks.map(({ text }) => text)).size).toBe(tasks.length);
	expect(tasks.some(({ item }) => facts.tasks.isHeldOut(item))).toBe(false);
	const prompts = engine.calls.flatMap((call) => (call.kind === 'generate' ? call.prompts : []));
	expect(prompts).toHaveLength(12);
	for (const prompt of prompts) expect(prompt.match(/user: /g)).toHaveLength(3);
	for (const task of tasks) {
		const seen = JSON.stringify(questionOf(facts, task, { wording: 0 }).prompt);
		for (const { text } of facts.knowledge.records) expect(seen).not.toContain(text);
	}
	expect(await propose(reader((town) => `Who is the mayor of ${town}?`))).toEqual(tasks);
});

test('what is no question, or about another record, is dropped', async () => {
	const [elsewhere] = facts.knowledge.about(facts.knowledge.records[0]?.id ?? '');
	const town = String(elsewhere?.['town']);
	expect(await propose(reader(() => 'I do not know.'))).toEqual([]);
	const others = await propose(
		reader((own) => `Who is the mayor of ${own === town ? 'X' : town}?`),
	);
	expect(others).toEqual([]);
});

test('whoever plays the proposer asks, and the policy is not asked', async () => {
	const policy = scripted({ script: () => '' });
	const proposer = reader((town) => `What is the river of ${town} called?`);
	expect((await propose(policy, proposer)).length).toBeGreaterThan(0);
	expect([proposer.calls.length, policy.calls.length]).toEqual([1, 0]);
});
