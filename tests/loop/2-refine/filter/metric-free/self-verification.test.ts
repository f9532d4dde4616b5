/** @file Self-verification: the question must be recovered from the answer, with no truth at hand. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { scripted } from '#engines/scripted.ts';
import { truths } from '#environments/environment.ts';
import { selfVerification } from '#loop/2-refine/filter/metric-free/self-verification.ts';
import type { Experience } from '#loop/types.ts';
import { altered } from '../../../../environments/altered.ts';
import { addition, experienceOf, readPrompt, solve, taskOf, testWorld } from '../../../world.ts';
import { answered, english, taskOf as instruction } from '../../../english.ts';

const knobs = { ...defaultsOf(selfVerification.knobs), against: 3 };
const judged = (a: string, b: string, answer: string | null): Experience =>
	experienceOf(taskOf(addition, a, b), [answer], {
		feedback: { kind: 'scored', source: 'model', score: 1, answer, each: [1] },
	});
const sums = [
	judged('12', '34', '46'),
	judged('20', '31', '51'),
	judged('44', '11', '55'),
	judged('70', '19', '99'),
	judged('81', '15', null),
];
/** Finds a question likely whose sum is what was read; one question is likely after everything. */
const reader = () =>
	scripted({
		script: () => '',
		score: (answer, question) => {
			const right = solve(addition, question).replace('$', '') === answer;
			const { a } = readPrompt(question);
			return Array.from(question, () => (right ? -1 : -2) + (a === '20' ? 5 : 0));
		},
	});

test('keeps the answers from which the question can be told, however likely another question is by itself', async () => {
	const at = testWorld({ engine: reader() });
	const refined = await selfVerification.create(knobs)(sums, at.context());
	expect(refined.map(({ fate }) => fate.kind)).toEqual([
		...['kept', 'kept', 'kept', 'set-aside', 'set-aside'],
	]);
	expect(refined[3]?.fate).toMatchObject({
		by: '2-refine/filter/metric-free/self-verification',
		reason: 'its question fits better than 0 % of the others',
	});
	expect(refined[4]?.fate).toMatchObject({ reason: 'no answer is well-formed' });
	expect(await selfVerification.create(knobs)(sums, at.context())).toEqual(refined);
});

test('reads no truth: it does the same where every truth of the environment fails', async () => {
	const faulty = altered(addition, {
		reference: {
			solve: () => {
				throw new Error('nobody may look');
			},
		},
	});
	const [hidden, open] = [
		testWorld({ environment: faulty, engine: reader() }),
		testWorld({ engine: reader() }),
	];
	const filter = selfVerification.create(knobs);
	expect(await filter(sums, hidden.context())).toEqual(await filter(sums, open.context()));
	expect(selfVerification.needs.filter((need) => truths.includes(need))).toEqual([]);
});

test('a chat is asked with its prompt; a question that stands alone is recovered', async () => {
	const prompts: string[] = [];
	const engine = scripted({
		script: () => '',
		score: (prompt, completion) => {
			prompts.push(prompt);
			return Array.from(completion, () =>
				prompt.includes('kite') === completion.includes('kite') ? -1 : -3,
			);
		},
	});
	const { at } = english(engine);
	const experience = [
		answered(instruction('Describe a kite. Use at most 30 words.'), 'A kite flies.', 1),
		answered(instruction('Describe a lamp. Use at most 30 words.'), 'A lamp shines.', 1),
	];
	const refined = await selfVerification.create(knobs)(experience, at);
	expect(refined.map(({ fate }) => fate.kind)).toEqual(['kept', 'kept']);
	expect(prompts[0]).toContain('Which task does it answer?');
	const alone = await selfVerification.create(knobs)(experience.slice(0, 1), at);
	expect(alone[0]?.fate.kind).toBe('kept');
});
