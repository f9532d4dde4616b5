/** @file One iteration of each paper on real addition, with a scripted model and a tiny trainer. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { KnobValue } from '#base/knobs.ts';
import { shownPrompt } from '#base/prompt.ts';
import { scripted, type ScriptedEngine } from '#engines/scripted.ts';
import { evolve } from '#loop/evolve.ts';
import { startState } from '#loop/start.ts';
import type { LoopEvent } from '#loop/types.ts';
import { assemble } from '#runs/assemble.ts';
import { settled } from '#methods/agreement/settled.ts';
import { unanimous } from '#methods/agreement/unanimous.ts';
import { easyToHard } from '#methods/easy-to-hard.ts';
import { lmsi } from '#methods/lmsi.ts';
import type { Recipe } from '#methods/parts/method.ts';
import { restEm } from '#methods/rest-em.ts';
import { preferences } from '#methods/preferences.ts';
import { reflexion } from '#methods/reflexion.ts';
import { rlcd } from '#methods/rlcd.ts';
import { spinning } from '#methods/spin.ts';
import { star } from '#methods/star.ts';
import { trainerLog } from '../loop/tiny-trainer.ts';
import {
	addition,
	difficultyOfPrompt,
	learner,
	scratchpad,
	solve,
	startOf,
	testWorld,
	type Known,
} from '../loop/world.ts';
import { openEnvironment } from '#environments/registry.ts';
import { altered } from '../environments/altered.ts';
import { english } from '../loop/english.ts';

const small = { examined: 10, steps: 2, batch: 8 };
/** Of recipes that replay. */
const few = { lessons: 8 };

/** A model that is right up to the base, and beyond it as often as told, another wrong answer each time. */
function faltering(environment: Known, rate: number): ScriptedEngine {
	return scripted({
		script: (prompt) => solve(environment, prompt),
		errors: {
			seed: 3,
			rate: (prompt) =>
				!prompt.includes('~') && difficultyOfPrompt(prompt) > startOf(environment).taught[1]
					? rate
					: 0,
			spoil: (answer, stream) => answer.replace(/\d\$$/, `${stream.integer(1, 9)}$`),
		},
	});
}

async function run(
	recipe: Recipe,
	environment: Known,
	engine: ScriptedEngine,
	knobs: Readonly<Record<string, KnobValue>>,
	rounds = 1,
) {
	const at = testWorld({ environment, engine });
	const replays = recipe.update.some(({ cell }) => 'lessons' in cell.knobs);
	const { method } = assemble(recipe, { ...small, ...(replays && few), ...knobs });
	const events: LoopEvent[] = [];
	for await (const event of evolve(
		method,
		startState(environment, startOf(environment)),
		at.world,
		rounds,
	))
		events.push(event);
	const experience = events.find((event) => event.type === 'refined')?.state.experience ?? [];
	const plan = events.flatMap((event) => (event.type === 'updated' ? [event.plan] : []))[0];
	if (plan?.kind !== 'train') throw new Error('No training was planned.');
	const kept = experience.flatMap(({ fate }) => (fate.kind === 'kept' ? [fate.examples] : []));
	return { at, events, experience, plan, kept };
}

beforeEach(() => {
	trainerLog.length = 0;
});

const all = [easyToHard, star, restEm, lmsi, preferences, spinning, rlcd];
test.each(all)('$name tells the same five events', async (recipe) => {
	const draws = [star, restEm, lmsi].some((one) => one.name === recipe.name);
	const knobs = draws ? { selected: 20, poolSize: 20 } : { problems: 20 };
	const environment = recipe === star || recipe === lmsi ? scratchpad : addition;
	const { events } = await run(recipe, environment, learner(environment, 8, 0.1), knobs);
	expect(events.map((event) => event.type)).toEqual([
		'evaluated',
		'acquired',
		'refined',
		'updated',
		'evaluated',
	]);
});

describe('easy-to-hard', () => {
	test('labels one step harder, keeps what agrees, and mixes it with all it knew', async () => {
		const engine = faltering(addition, 0.15);
		const { experience, plan, kept, events } = await run(easyToHard, addition, engine, {
			problems: 60,
			minKept: 20,
		});
		expect(new Set(experience.map((one) => one.task.difficulty))).toEqual(new Set([9]));
		expect(kept.length).toBeGreaterThan(30);
		expect(kept.length).toBeLessThan(60);
		for (const example of kept.flat())
			expect(
				example.kind === 'answer' && example.answer === addition.reference.solve(example.item),
			).toBe(true);
		expect(plan.mixture.map((part) => part.share)).toBeAllclose([
			0.5,
			...Array<number>(8).fill(1 / 16),
		]);
		expect(plan.optimizer.average).toBe(0.95);
		expect(plan).toMatchObject({ carryOptimizer: true, restart: false });
		expect(events.at(-1)?.state.objective.difficulty).toBe(10);
	});

	test('giving up early asks fewer questions and keeps the same', async () => {
		const knobs = { problems: 40 };
		const asked = (engine: ScriptedEngine) =>
			engine.calls.reduce((n, call) => n + (call.kind === 'generate' ? call.prompts.length : 0), 0);
		const early = await run(easyToHard, addition, faltering(addition, 0.5), knobs);
		const all = await run(easyToHard, addition, faltering(addition, 0.5), {
			...knobs,
			early: false,
		});
		expect(early.kept).toEqual(all.kept);
		expect(asked(early.at.engine)).toBeLessThan(asked(all.at.engine));
	});

	test('without the filter it keeps false labels, and believes them', async () => {
		const knobs = { problems: 60, agreement: false, views: 1 };
		const { experience, kept } = await run(easyToHard, addition, faltering(addition, 0.4), knobs);
		const truths = kept
			.flat()
			.map((e) => e.kind === 'answer' && e.answer === addition.reference.solve(e.item));
		expect(truths).toHaveLength(60);
		expect(truths.filter((isTrue) => !isTrue).length).toBeGreaterThan(8);
		for (const { feedback } of experience) expect(feedback).toMatchObject({ score: 1 });
	});
});

test('unanimous keeps only what every view agrees on, of the same problems', async () => {
	const keptBy = async (recipe: Recipe) => {
		const engine = faltering(addition, 0.15);
		const { experience } = await run(recipe, addition, engine, { problems: 60 });
		return experience.filter(({ fate }) => fate.kind === 'kept');
	};
	const [strict, usual] = [await keptBy(unanimous), await keptBy(easyToHard)];
	for (const { rollouts } of strict)
		expect(new Set(rollouts.map(({ answer }) => answer)).size).toBe(1);
	expect(strict.length).toBeGreaterThan(5);
	expect(usual.length).toBeGreaterThan(strict.length);
	const names = new Set(usual.map(({ task }) => task.id));
	for (const { task } of strict) expect(names).toContain(task.id);
});

test('settled keeps the same as unanimous, and its learning rate falls in each round', async () => {
	const of = (recipe: Recipe) => run(recipe, addition, faltering(addition, 0.15), { problems: 20 });
	const [rests, goesOn] = [await of(settled), await of(unanimous)];
	expect(rests.kept).toEqual(goesOn.kept);
	expect(rests.plan.optimizer.schedule).toBe('cosine');
	expect(goesOn.plan.optimizer.schedule).toBe('constant');
});

describe('STaR', () => {
	const knobs = { selected: 60, poolSize: 30, poolFrom: -1, poolTo: 1 };

	test('rationalizes what went wrong, and trains the base model on it without the hint', async () => {
		const engine = faltering(scratchpad, 0.5);
		const { experience, plan, kept } = await run(star, scratchpad, engine, knobs, 2);
		const hinted = experience.filter((one) => one.rollouts.some((a) => a.rationalized));
		expect(hinted.length).toBeGreaterThan(5);
		expect(kept).toHaveLength(60);
		for (const example of kept.flat()) {
			if (example.kind !== 'text') throw new Error('STaR learns texts.');
			expect(example.prompt).not.toContain('~');
			expect(example.completion).toBe(solve(scratchpad, shownPrompt(example.prompt)));
		}
		expect(plan).toMatchObject({ restart: true, parameters: { kind: 'full' } });
		expect(trainerLog.filter((entry) => entry.kind === 'restore')).toEqual([]);
		expect(trainerLog.filter((entry) => entry.kind === 'open')).toHaveLength(2);
	});

	test('without rationalization only what it got right by itself is learned', async () => {
		const engine = faltering(scratchpad, 0.5);
		const plain = await run(star, scratchpad, engine, { ...knobs, rationalize: false });
		expect(plain.kept.length).toBeLessThan(55);
		expect(plain.experience.some((one) => one.rollouts.some((a) => a.rationalized))).toBe(false);
		for (const call of plain.at.engine.calls)
			if (call.kind === 'generate') expect(call.prompts.join('')).not.toContain('~');
	});
});

describe('ReST-EM', () => {
	test('samples many, keeps the right and distinct ones up to the cap, and restarts from base', async () => {
		const knobs = { selected: 12, poolSize: 10, samples: 8, cap: 3 };
		const { experience, kept, plan } = await run(restEm, addition, faltering(addition, 0.5), knobs);
		for (const one of experience) {
			expect(one.rollouts).toHaveLength(8);
			expect(one.feedback).toMatchObject({ kind: 'scored', source: 'environment' });
		}
		// One way to write each sum in one view: equal texts count once.
		for (const examples of kept) expect(examples).toHaveLength(1);
		for (const example of kept.flat())
			expect(
				example.kind === 'text' &&
					example.completion === solve(addition, shownPrompt(example.prompt)),
			).toBe(true);
		expect(plan.restart).toBe(true);
	});
});

describe('LMSI', () => {
	test('the majority is the label, and every path to it is learned; the truth is not asked', async () => {
		const knobs = { selected: 12, poolSize: 10, samples: 9, agree: 0.5 };
		const blind = altered(scratchpad, {
			reference: {
				// The first lessons have true answers; what is beyond them must not be looked up.
				solve: (item) => {
					if (scratchpad.tasks.difficultyOf(item) > 6 && !scratchpad.tasks.isHeldOut(item))
						throw new Error('the truth was asked');
					return scratchpad.reference.solve(item);
				},
			},
		});
		const engine = faltering(scratchpad, 0.2);
		const { experience, kept, plan } = await run(lmsi, blind, engine, knobs);
		expect(experience.every((one) => one.feedback.kind === 'scored')).toBe(true);
		expect(kept.length).toBeGreaterThan(6);
		for (const example of kept.flat()) expect(example.kind).toBe('text');
		expect(plan.restart).toBe(false);
	});
});

describe('preferences, SPIN and RLCD', () => {
	test.each([preferences, spinning, rlcd])(
		'$name prefers what is right to what is wrong, and learns pairs alone',
		async (recipe) => {
			const engine = faltering(addition, 0.5);
			const { plan } = await run(recipe, addition, engine, { problems: 40 });
			expect(plan.objective).toMatchObject({ name: 'dpo', beta: 1 });
			const pairs = plan.mixture.flatMap(({ examples }) => examples);
			expect(pairs.length).toBeGreaterThan(5);
			for (const pair of pairs) {
				if (pair.kind !== 'pair') throw new Error('Only pairs are learnt.');
				const right = solve(addition, shownPrompt(pair.prompt));
				expect(pair.chosen.completion).toBe(right);
				expect(pair.rejected.completion).not.toBe(right);
			}
			const steps = trainerLog.flatMap((one) => (one.kind === 'step' ? one.batches : []));
			// A pair is two rows, and what is rejected is pushed down.
			expect(steps.every(({ batch }) => batch === 2 * small.batch)).toBe(true);
			expect(steps.some(({ weights }) => weights.some((weight) => weight < 0))).toBe(true);
		},
	);
});

test('Reflexion changes a note and no weight, and is examined with the note in view', async () => {
	const said = (prompt: string) => (prompt.includes('short note') ? 'Be brief.' : 'A kite, red.');
	const at = english(scripted({ script: said }));
	const environment = openEnvironment('instructions');
	const { method } = assemble(reflexion, { problems: 4, examined: 2 });
	const events: LoopEvent[] = [];
	const world = { ...at.world, environment };
	const start = startState(environment, { model: 'm' });
	for await (const event of evolve(method, start, world, 1)) events.push(event);
	const updated = events.find(({ type }) => type === 'updated');
	expect(updated?.state.policy).toMatchObject({ adapter: null, memory: [{ text: 'Be brief.' }] });
	const prompts = at.engine.calls.flatMap((call) => (call.kind === 'generate' ? call.prompts : []));
	expect(prompts.at(0)).not.toContain('Be brief.');
	expect(prompts.at(-1)).toMatch(/^system: Be brief\.\nuser: /);
	expect(trainerLog).toEqual([]);
	expect(events.at(-1)?.state.accepted?.findings?.length).toBeGreaterThan(1);
});
