/** @file Another try: what the interpreter said is in view, and what holds then is learnt without it. */
import { expect, test } from 'vitest';
import { retry } from '#loop/2-refine/correct/critique-free/retry.ts';
import { textExample } from '#loop/2-refine/fate.ts';
import { environment as verifier } from '#loop/1-acquire/feedback/environment.ts';
import { openEnvironment } from '#environments/registry.ts';
import { scripted } from '#engines/scripted.ts';
import { asTask } from '#loop/draw.ts';
import { addition, experienceOf, solve, taskOf, testWorld } from '../../../world.ts';
import { rolloutOf } from '../../../rollout/rollouts.ts';

const programs = openEnvironment('list-programs');
const item = { mode: 'induction', inputs: ['3514', '129', '70'], outputs: ['5264', '032', '18'] };
const view = { offset: 0, turned: 0 };
const task = asTask(programs, 'one', item);
const knobs = { retries: 2, again: 1, retryTemperature: 0 };

async function failed(answer: string) {
	const prompt = programs.open(item, view).first();
	const rollout = rolloutOf({ view, prompt, completion: `${answer}$`, answer });
	const at = testWorld({
		environment: programs,
		start: { model: 'm' },
		// Mends its program once it has read twice what came out.
		engine: scripted({ script: (asked) => ((asked.match(/!/g) ?? []).length > 1 ? 'RA$' : 'A$') }),
	});
	const [one] = await verifier.create({})([{ task, rollouts: [rollout] }], at.context());
	if (!one) throw new Error('An experience was lost.');
	return { at, one };
}

test('reads what came out instead, try after try, and learns the mended answer under the plain prompt', async () => {
	const { at, one } = await failed('R');
	const [mended] = await retry.create(knobs)([one], at.context());
	expect(mended).toMatchObject({
		feedback: { score: 1, answer: 'RA', each: [0, 1] },
		rollouts: [{ answer: 'R' }, { answer: 'RA', critique: '!a344b511c155d433~' }],
	});
	const [, last] = mended?.rollouts ?? [];
	expect(last && textExample(task, last, programs)).toMatchObject({
		prompt: programs.open(item, view).first(),
		completion: 'RA$',
	});
	const once = await retry.create({ ...knobs, retries: 1 })([one], at.context());
	expect(once[0]).toBe(one);
});

test('where nothing is said it is asked again, and what was right or unjudged stays as it was', async () => {
	const sum = taskOf(addition, '12', '34');
	const at = testWorld({
		engine: scripted({
			script: (prompt, { index }) => solve(addition, prompt, index % 3 === 2 ? undefined : '45'),
		}),
	});
	const judged = await verifier.create({})(
		[{ task: sum, rollouts: experienceOf(sum, ['45']).rollouts }],
		at.context(),
	);
	const [first] = judged;
	if (first?.feedback.kind !== 'scored') throw new Error('It was not judged.');
	const right = { ...first, id: 'right', feedback: { ...first.feedback, score: 1 } };
	const unjudged = experienceOf(sum, ['45'], { id: 'unjudged' });
	const refined = await retry.create({ ...knobs, again: 3 })(
		[...judged, right, unjudged],
		at.context(),
	);
	expect(refined[0]).toMatchObject({ feedback: { score: 1, answer: '46' } });
	expect(refined[0]?.rollouts.at(-1)).not.toHaveProperty('critique');
	expect(refined.slice(1)).toEqual([right, unjudged]);
});
