/** @file Agreement of programs: the largest group that does the same and passes what the problem shows is learnt. */
import { expect, test } from 'vitest';
import { programAgreement } from '#loop/2-refine/filter/metric-free/program-agreement.ts';
import { openEnvironment } from '#environments/registry.ts';
import { environmentFor, truths } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';
import { asTask } from '#loop/draw.ts';
import type { Experience } from '#loop/types.ts';
import { rolloutOf } from '../../../rollout/rollouts.ts';
import { testWorld } from '../../../world.ts';

const programs = openEnvironment('list-programs');
const induction = {
	mode: 'induction',
	inputs: ['3514', '129', '70'],
	outputs: ['5264', '032', '18'],
};
const written = (item: Item, answers: readonly (string | null)[]): Experience => {
	const task = asTask(programs, 'one', item);
	const view = { offset: 0, turned: 0 };
	const prompt = programs.open(item, view).first();
	return {
		...{ id: '1/one', t: 1, task, policy: 'test', fate: { kind: 'fresh' } },
		// Equal programs are told apart by a space, as rollouts with other working are.
		rollouts: answers.map((answer, i) =>
			rolloutOf({ view, prompt, completion: `${answer ?? '?'}$${' '.repeat(i)}`, answer }),
		),
		feedback: {
			kind: 'scored',
			source: 'model',
			score: 1,
			answer: answers[0] ?? null,
			each: answers.map(() => 1),
		},
	};
};
/** All that the cell asks for, and no key: it must do with that. */
const environment = environmentFor(programs, programAgreement.needs);
const refine = async (one: Experience, consensus = 0.3) => {
	const at = testWorld({ environment: programs, start: { model: 'm' } });
	const context = { ...at.context(), world: { ...at.world, environment } };
	const [refined] = await programAgreement.create({ inputs: 6, consensus })([one], context);
	return refined;
};
const learnt = (one: Experience | undefined) =>
	one?.fate.kind === 'kept' &&
	one.fate.examples.map((example) => example.kind === 'text' && example.completion.trim());

test('keeps the programs that do the same on inputs of its own, however they are written', async () => {
	const refined = await refine(written(induction, ['RA', 'AR', 'RAA', 'S', 'RRRA', null]));
	expect(learnt(refined)).toEqual(['RA$', 'AR$', 'RRRA$']);
});

test('passing what is shown weighs against mere numbers', async () => {
	const refined = await refine(written(induction, ['S', 'S', 'RA', 'RA']));
	expect(learnt(refined)).toEqual(['RA$', 'RA$']);
});

test('without a consensus the problem is set aside with its shares', async () => {
	const refined = await refine(written(induction, ['S', 'R', 'A', 'RA']), 0.3);
	expect(refined?.fate).toEqual({
		kind: 'set-aside',
		by: '2-refine/filter/metric-free/program-agreement',
		reason: '1 of 4 programs do the same, and 25 % of programs and tests agree',
	});
});

test('a problem whose answer is no program passes unchanged: running it would be its key', async () => {
	const one = written({ mode: 'deduction', program: 'RA', input: '3514' }, ['5264']);
	expect(await refine(one)).toBe(one);
});

test('it is handed no truth', () => {
	for (const truth of truths) expect(environment).not.toHaveProperty(truth);
	expect(environment).toHaveProperty('programs');
});
