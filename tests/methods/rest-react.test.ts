/** @file Rounds in the grid: ReST meets ReAct learns every step of walks that arrived; ETO prefers their steps to those of lost walks. */
import { shownPrompt } from '#base/prompt.ts';
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { end, pad } from '#environments/alphabet.ts';
import { openEnvironment } from '#environments/registry.ts';
import { evolve } from '#loop/evolve.ts';
import { startState } from '#loop/start.ts';
import type { LoopEvent } from '#loop/types.ts';
import { eto } from '#methods/worlds/eto.ts';
import { restReact } from '#methods/worlds/rest-react.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { measureTruth } from '#runs/measure/audit.ts';
import { assemble } from '#runs/assemble.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { testWorld } from '../loop/world.ts';

const grid = openEnvironment('grid');
const start = { model: 'grid', taught: [1, 4] } as const;

/** Goes straight by the compass of the last view, and sideways where a wall stands: many walks get stuck. */
function step(prompt: string): string {
	const view = prompt.slice(-13, -1);
	const [vertical = '', rows = '0', horizontal = '', columns = '0'] = view;
	const isFree = { n: view[5], w: view[7], e: view[8], s: view[10] };
	const free = (way: string): boolean => isFree[way as keyof typeof isFree] === '.';
	const wanted = [rows === '0' ? '' : vertical, columns === '0' ? '' : horizontal];
	const way = wanted.find((one) => one !== '' && free(one)) ?? [...'nesw'].find(free) ?? 'n';
	return `${way.toUpperCase()}${end}`;
}

test('keeps whole walks, learns each of their steps under what was seen until then, and none of the lost ones', async () => {
	const at = testWorld({ environment: grid, engine: scripted({ script: step }), start });
	const tokenizer = characterTokenizer({ pad, end, characters: alphabets.grid.slice(2) });
	const knobs = { selected: 40, poolSize: 20, samples: 1, examined: 10, steps: 2, batch: 8 };
	const { method } = assemble(restReact, { ...knobs, 'replay.share': 0 });
	const events: LoopEvent[] = [];
	const world = { ...at.world, tokenizer };
	for await (const event of evolve(method, startState(grid, start), world, 1)) events.push(event);
	expect(events.map(({ type }) => type)).toEqual([
		...['evaluated', 'acquired', 'refined', 'updated', 'evaluated'],
	]);
	const refined = events.find(({ type }) => type === 'refined')?.state.experience ?? [];
	const kept = refined.filter(({ fate }) => fate.kind === 'kept');
	expect(kept.length).toBeGreaterThan(5);
	expect(kept.length).toBeLessThan(refined.length);
	// The truth meter judges whole walks: the last step of one says nothing.
	const all = { kept: kept.length, correct: kept.length, judged: kept.length };
	expect(await measureTruth(1, refined, grid)).toMatchObject({
		...all,
		correctBefore: kept.length,
	});
	for (const { task, rollouts, fate } of kept) {
		expect(grid.tasks.isHeldOut(task.item)).toBe(false);
		const examples = fate.kind === 'kept' ? fate.examples : [];
		const said = rollouts[0]?.turns.filter(({ sampled }) => sampled) ?? [];
		expect(said.length).toBeGreaterThanOrEqual(task.difficulty);
		expect(rollouts[0]?.answer).toHaveLength(said.length);
		expect(examples).toHaveLength(said.length);
		for (const [i, example] of examples.entries()) {
			if (example.kind !== 'text') throw new Error('a text was due');
			expect(example.completion).toBe(said[i]?.content);
			expect(step(shownPrompt(example.prompt))).toBe(example.completion);
		}
	}
});

test('ETO prefers the step of a walk that arrived to that of a lost one, where they part', async () => {
	const engine = scripted({
		script: step,
		errors: { seed: 3, rate: () => 0.2, spoil: () => `N${end}` },
	});
	const at = testWorld({ environment: grid, engine, start });
	const tokenizer = characterTokenizer({ pad, end, characters: alphabets.grid.slice(2) });
	const knobs = { selected: 20, poolSize: 20, samples: 6, examined: 4, steps: 2, batch: 8 };
	const { method } = assemble(eto, knobs);
	const events: LoopEvent[] = [];
	const world = { ...at.world, tokenizer };
	for await (const event of evolve(method, startState(grid, start), world, 1)) events.push(event);
	const [plan] = events.flatMap((event) => (event.type === 'updated' ? [event.plan] : []));
	if (plan?.kind !== 'train') throw new Error('No training was planned.');
	expect(plan.objective).toMatchObject({ name: 'dpo' });
	const pairs = plan.mixture.flatMap(({ examples }) => examples);
	expect(pairs.length).toBeGreaterThan(5);
	const lengths = pairs.map((pair) => {
		if (pair.kind !== 'pair') throw new Error('a pair was due');
		expect(pair.chosen.completion).not.toBe(pair.rejected.completion);
		return shownPrompt(pair.prompt).length;
	});
	// Walks part at their first step, and later.
	expect(new Set(lengths).size).toBeGreaterThan(1);
});
