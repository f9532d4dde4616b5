/** @file The metric-free filter: agreement keeps, disagreement sets aside, off believes everything. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { model } from '#loop/1-acquire/feedback/model.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { addition, experienceOf, taskOf, testWorld } from '../../world.ts';

const task = taskOf(addition, '12', '34');
const defaults = { agreement: true, agree: 0.8, keeps: 'answer', shorter: 0 } as const;

async function refine(answers: readonly (string | null)[], knobs: Partial<Knobs> = {}) {
	const context = testWorld().context();
	const { rollouts } = experienceOf(task, answers);
	const experience = await model.create({})([{ task, rollouts }], context);
	const [refined] = await metricFree.create({ ...defaults, ...knobs })(experience, context);
	if (!refined) throw new Error('An experience was lost.');
	return refined;
}
type Knobs = Parameters<typeof metricFree.create>[0];

test('keeps the agreed answer to be written anew, at 4 of 5 and not at 3', async () => {
	const { fate } = await refine(['46', '46', '45', '46', '46']);
	expect(fate).toEqual({
		kind: 'kept',
		examples: [{ kind: 'answer', item: task.item, difficulty: 2, answer: '46' }],
	});
	expect((await refine(['46', '46', '45', '46', null])).fate).toEqual({
		kind: 'set-aside',
		by: '2-refine/filter/metric-free',
		reason: '3 of 5 answers agree',
	});
});

test('does not know the truth: what agrees is kept though it is wrong', async () => {
	const { fate } = await refine(['47', '47', '47', '47', '47']);
	expect(fate).toMatchObject({ kind: 'kept', examples: [{ answer: '47' }] });
});

test('a problem given up early never passes, whatever few answers it has', async () => {
	const anAnswer = fc.constantFrom('44', '45', '46', null);
	await fc.assert(
		fc.asyncProperty(fc.array(anAnswer, { minLength: 5, maxLength: 5 }), async (answers) => {
			const whole = (await refine(answers)).fate.kind;
			for (let asked = 1; asked < 5; asked++) {
				const counts = answers
					.slice(0, asked)
					.map((a) => (a === null ? 0 : answers.slice(0, asked).filter((b) => a === b).length));
				if (Math.max(...counts) + 5 - asked >= 4) continue;
				expect(whole).toBe('set-aside');
				expect((await refine(answers.slice(0, asked))).fate.kind).toBe('set-aside');
			}
		}),
	);
});

test('can keep every path to the agreed answer, as written', async () => {
	const { fate } = await refine(['46', '45', '46', '46', '46'], { keeps: 'paths' });
	expect(fate.kind === 'kept' && fate.examples).toHaveLength(4);
	expect(fate.kind === 'kept' && new Set(fate.examples.map((e) => e.kind))).toEqual(
		new Set(['text']),
	);
});

test('off takes every well-formed first answer at its word, and says how few agree with it', async () => {
	const { fate, feedback } = await refine(['45', '46', '46', '46', '46'], { agreement: false });
	expect(fate).toMatchObject({ kind: 'kept', examples: [{ answer: '45' }] });
	expect(feedback).toMatchObject({ score: 0.2, answer: '45', each: [1, 0, 0, 0, 0] });
	expect((await refine([null, '46'], { agreement: false })).fate).toMatchObject({
		kind: 'set-aside',
		reason: 'no end mark',
	});
	const paths = await refine(['45', '45'], { agreement: false, keeps: 'paths' });
	expect(paths.fate.kind === 'kept' && paths.fate.examples).toHaveLength(1);
});

test('unjudged is set aside as unjudged, with the filter or without', async () => {
	for (const agreement of [true, false])
		expect((await refine([], { agreement, agree: 0 })).fate).toMatchObject({
			kind: 'set-aside',
			reason: 'unjudged: no answer was given',
		});
});

test('leaves alone what was set aside before', async () => {
	const fate = { kind: 'set-aside', by: 'person', reason: 'rejected' } as const;
	const one = experienceOf(task, ['46'], { fate });
	const [refined] = await metricFree.create(defaults)([one], testWorld().context());
	expect(refined).toBe(one);
});

test('sets aside what is much shorter than the longest answer of its difficulty, and of no other', async () => {
	const context = testWorld().context();
	const sums = [
		{ task: taskOf(addition, '123', '456'), answer: '579' },
		{ task: taskOf(addition, '321', '456'), answer: '77' },
		{ task: taskOf(addition, '999', '456'), answer: '1455' },
		{ task: taskOf(addition, '12', '34'), answer: '46' },
	];
	const solved = sums.map(({ task, answer }) => ({
		task,
		rollouts: experienceOf(task, Array<string>(5).fill(answer)).rollouts,
	}));
	const judged = await model.create({})(solved, context);
	const fates = async (shorter: number) =>
		(await metricFree.create({ ...defaults, shorter })(judged, context)).map(({ fate }) =>
			fate.kind === 'set-aside' ? fate.reason : fate.kind,
		);
	const aside = '2 characters shorter than the longest answer';
	expect(await fates(2)).toEqual(['kept', aside, 'kept', 'kept']);
	expect(await fates(0)).toEqual(['kept', 'kept', 'kept', 'kept']);
});
