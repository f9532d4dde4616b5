/** @file The judge: a mark becomes a score, no mark leaves an answer unjudged, no answer is worth nothing. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { judge } from '#loop/1-acquire/feedback/model/judge.ts';
import { readMark } from '#loop/rollout/judge.ts';
import { answered, english, speaker, taskOf } from '../../../english.ts';

const task = taskOf('Describe a kite. Use at most 30 words.');
const knobs = { ...defaultsOf(judge.knobs), judgements: 1, judgeForm: 'free' as const };
const judged = async (
	answers: readonly (string | null)[],
	script: Readonly<Record<string, string>>,
) => {
	const rollouts = answers.flatMap((answer) => answered(task, answer, 1).rollouts);
	const engine = speaker(script);
	const [one] = await judge.create(knobs)([{ task, rollouts }], english(engine).at);
	return { feedback: one?.feedback, engine };
};

test('the best mark is the score, and its answer what the feedback is about', async () => {
	const { feedback, engine } = await judged(['It flies.', 'A toy on a string.', null], {
		'It flies.': '3',
		'A toy': 'I give it a 4 out of 5.',
	});
	expect(feedback).toEqual({
		kind: 'scored',
		source: 'model',
		score: 0.75,
		answer: 'A toy on a string.',
		each: [0.5, 0.75, 0],
	});
	const [call] = engine.calls;
	expect(call?.kind === 'generate' && call.prompts[0]).toContain(task.text);
});

test('a mark that cannot be read is unjudged and never 0', async () => {
	expect((await judged(['It flies.'], { 'It flies.': 'Very nice!' })).feedback).toEqual({
		kind: 'unjudged',
		reason: 'the judge gave no mark',
	});
	expect(
		(await judged(['It flies.', 'Up.'], { 'It flies.': 'Hm.', 'Up.': '1' })).feedback,
	).toMatchObject({ score: 0, each: [null, 0] });
});

test('several marks are sampled and their mean counts; whoever plays the judge gives them', async () => {
	const other = speaker({ flies: '4' });
	const policy = speaker({});
	const [one] = await judge.create({ ...knobs, judgements: 3, judgeForm: '1-5' })(
		[{ task, rollouts: answered(task, 'It flies.', 1).rollouts }],
		english(policy, { roles: { judge: other } }).at,
	);
	expect(one?.feedback).toMatchObject({ score: 0.75 });
	expect(policy.calls).toEqual([]);
	const [call] = other.calls;
	expect(call?.kind === 'generate' && call.prompts).toHaveLength(3);
	expect(call?.kind === 'generate' && call.options).toMatchObject({
		temperature: 1,
		form: { kind: 'expression', source: '[1-5]' },
	});
});

test('a judge that keeps to no form is asked without one, and its words are read', async () => {
	const other = { ...speaker({ flies: 'Yes, it is.' }), forms: ['json-schema'] as const };
	const [one] = await judge.create({ ...knobs, judgeForm: 'yes-no' })(
		[{ task, rollouts: answered(task, 'It flies.', 1).rollouts }],
		english(speaker({}), { roles: { judge: other } }).at,
	);
	expect(one?.feedback).toMatchObject({ score: 1 });
	const [call] = other.calls;
	expect(call?.kind === 'generate' && 'form' in call.options).toBe(false);
});

test.each([
	['4', 0.75],
	['5', 1],
	[' 1.', 0],
	['Score: 3/5', 0.5],
	['two', 0.25],
	['5 out of 5', 1],
	['**4** because it is short', 0.75],
	['3 or 4', null],
	['4.5', null],
	['12', null],
	['0', null],
	['', null],
	['good', null],
	['Yes', 1],
	['No.', 0],
	['Yes and no.', null],
	['nothing', null],
])('%j is read as %s', (said, score) => {
	expect(readMark(said)).toBe(score);
});
