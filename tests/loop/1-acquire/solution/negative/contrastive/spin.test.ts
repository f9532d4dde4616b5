/** @file SPIN: the known answer beside the opponent's, whose rightness does not count, and who the opponent is. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { shownPrompt } from '#base/prompt.ts';
import { scripted } from '#engines/scripted.ts';
import { environment as verifier } from '#loop/1-acquire/feedback/environment.ts';
import { spin } from '#loop/1-acquire/solution/negative/contrastive/spin.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { advantagedOf } from '#loop/3-update/grouping.ts';
import { pairsOf } from '#loop/3-update/pairs.ts';
import { basePolicy, childOf } from '#loop/policy/policy.ts';
import type { Context } from '#loop/types.ts';
import type { Adapter } from '#model/adapter.ts';
import {
	scratchpad,
	solve,
	solveWrongly,
	taskOf,
	testWorld,
	type Full,
} from '../../../../world.ts';

const adapter: Adapter = { parameters: { kind: 'full' }, tensors: new Map() };
const task = taskOf(scratchpad, '357', '864');
const knobs = defaultsOf(spin.knobs);

/** The base model errs; the policy is right, with another working. */
const rewording = (prompt: string): string => solve(scratchpad, prompt).replace(/\d(?=\D)/, '0');
const model = () =>
	scripted({
		script: (prompt, { adapter: speaking }) =>
			speaking ? rewording(prompt) : solveWrongly(scratchpad, prompt),
	});

async function solved(context: Context<Full>, opponent: 'round' | 'base') {
	const solutions = await spin.create({ ...knobs, opponent, losers: 2 })([task], context);
	const judged = await verifier.create({})(solutions, context);
	return metricBased.create(defaultsOf(metricBased.knobs))(judged, context);
}

test('the known answer is preferred even to an answer of its own that is right in other words', async () => {
	const at = testWorld({ environment: scratchpad, engine: model() });
	await at.engine.setAdapter(adapter);
	const policy = childOf(basePolicy('m'), { adapter });
	const refined = await solved(at.context({ policy }), 'round');
	expect(refined[0]?.feedback).toMatchObject({ each: [1, 1, 1] });
	const [pair, ...more] = pairsOf(refined, scratchpad);
	if (pair?.kind !== 'pair') throw new Error('There is a pair.');
	const prompt = shownPrompt(pair.prompt);
	expect(pair.chosen).toEqual({ completion: solve(scratchpad, prompt) });
	expect(pair.rejected.completion).toBe(rewording(prompt));
	// Equal answers of the opponent are one.
	expect(more).toEqual([]);
	expect(refined[0]?.fate).toMatchObject({
		examples: [{ kind: 'text', completion: solve(scratchpad, prompt) }],
	});
	// What was made for a pair is no sample of the policy.
	expect(advantagedOf(refined, scratchpad, { normalise: 'none' })).toEqual([]);
});

test('the first policy as opponent speaks with its own weights, and the engine has the policy back', async () => {
	const at = testWorld({ environment: scratchpad, engine: model() });
	await at.engine.setAdapter(adapter);
	const policy = childOf(basePolicy('m'), { adapter });
	const [pair] = pairsOf(await solved(at.context({ policy }), 'base'), scratchpad);
	if (pair?.kind !== 'pair') throw new Error('There is a pair.');
	expect(pair.rejected.completion).toBe(solveWrongly(scratchpad, shownPrompt(pair.prompt)));
	const set = at.engine.calls.flatMap((call) => (call.kind === 'setAdapter' ? [call.adapter] : []));
	expect(set).toEqual([adapter, null, adapter]);
});

test('an opponent that says exactly the known answer gives no pair', async () => {
	const at = testWorld({ environment: scratchpad });
	expect(pairsOf(await solved(at.context(), 'round'), scratchpad)).toEqual([]);
});
