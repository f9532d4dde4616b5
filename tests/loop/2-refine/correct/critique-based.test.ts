/** @file Critique and revision: weak answers are written again, and only a better mark makes them count. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { critiqueBased } from '#loop/2-refine/correct/critique-based.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { answered, english, speaker, taskOf } from '../../english.ts';

const task = taskOf('Describe a kite. Use at most 30 words.');
const other = taskOf('Describe a boat. Use at most 30 words.');
const knobs = {
	...defaultsOf(critiqueBased.knobs),
	reviseBelow: 0.75,
	judgements: 1,
	judgeForm: 'free' as const,
};
const talk = (mark: string) =>
	speaker({
		'an answer:\n\nA toy': mark,
		'In one short sentence': 'It does not say what a kite is.',
		'It does not say what a kite is.': 'A toy on a string.',
	});

test('a weak answer is criticised, written again and judged again', async () => {
	const engine = talk('5');
	const { at } = english(engine);
	const good = answered(other, 'A thing that floats.', 1);
	const [first, second] = await critiqueBased.create(knobs)(
		[answered(task, 'It flies.', 0.25), good],
		at,
	);
	expect(first).toMatchObject({
		rollouts: [
			{ answer: 'It flies.' },
			{ answer: 'A toy on a string.', critique: 'It does not say what a kite is.' },
		],
		feedback: { score: 1, answer: 'A toy on a string.', each: [0.25, 1] },
	});
	expect(second).toBe(good);
	const asked = engine.calls.flatMap((call) => (call.kind === 'generate' ? call.prompts : []));
	expect(asked).toHaveLength(3);
	expect(asked[1]).toBe(
		`user: ${task.text}\nassistant: It flies.\nuser: It does not say what a kite is.\n\nNow write a better answer to the task. Write only the answer.\n`,
	);
});

test('what is learnt is the new answer to the task alone', async () => {
	const { at } = english(talk('5'));
	const refined = await critiqueBased.create(knobs)([answered(task, 'It flies.', 0.25)], at);
	const [kept] = await metricBased.create({
		...defaultsOf(metricBased.knobs),
		minScore: 0.75,
		cap: 1,
	})(refined, at);
	expect(kept?.fate).toEqual({
		kind: 'kept',
		examples: [
			{
				kind: 'text',
				difficulty: 1,
				prompt: [{ role: 'user', content: task.text }],
				completion: 'A toy on a string.',
			},
		],
	});
});

test('a revision with a lower mark changes no label, one without a mark is not judged', async () => {
	for (const [mark, each] of [
		['1', [0.5, 0]],
		['Nice!', [0.5, null]],
	] as const) {
		const { at } = english(talk(mark));
		const [one] = await critiqueBased.create(knobs)([answered(task, 'It flies.', 0.5)], at);
		expect(one?.feedback).toMatchObject({ score: 0.5, answer: 'It flies.', each });
	}
});

test('unjudged, set aside and answerless ones are left as they are', async () => {
	const engine = speaker({});
	const aside = {
		...answered(task, 'It flies.', 0),
		fate: { kind: 'set-aside', by: 'person', reason: 'rejected' } as const,
	};
	const experience = [answered(task, 'It flies.', null), aside, answered(other, null, 0)];
	const { at } = english(engine);
	expect(await critiqueBased.create(knobs)(experience, at)).toEqual(experience);
	const asked = engine.calls.flatMap((call) => (call.kind === 'generate' ? call.prompts : []));
	expect(asked).toEqual([]);
});

test('each role is played by whom the run says', async () => {
	const engines = {
		critic: speaker({ 'In one short sentence': 'Too short.' }),
		solver: speaker({ 'Too short.': 'A toy on a string.' }),
		judge: speaker({ 'an answer:\n\nA toy': '4' }),
	};
	const policy = speaker({});
	const { at } = english(policy, { roles: engines });
	const [one] = await critiqueBased.create(knobs)([answered(task, 'It flies.', 0.25)], at);
	expect(one?.feedback).toMatchObject({ score: 0.75 });
	expect(policy.calls).toEqual([]);
});
