/** @file Whose prompts a run's budget of the KV cache is for, and what is refused. */
import { expect, test } from 'vitest';
import type { Engine } from '#engines/engine.ts';
import { scripted } from '#engines/scripted.ts';
import { budgetedRoles } from '#platform/roles/budgeted.ts';
import { newRecord } from '#runs/request.ts';
import { recipeSchema } from '#storage/runs/record.ts';
import * as v from 'valibot';

const cache = { budget: 512, window: 'auto', kernel: 13 } as const;

/** An engine that notes the budget of what it is asked. */
function listening(name: string, takesBudget: boolean, heard: unknown[]): Engine {
	const engine = scripted({ script: () => name });
	return {
		...engine,
		takesBudget,
		generate: (prompts, options) => {
			heard.push([name, options.cache?.budget]);
			return engine.generate(prompts, options);
		},
	};
}

test('a budget is for proposer, critic and judge on this machine, never for the solver or the policy itself', async () => {
	const heard: unknown[] = [];
	const policy = listening('policy', true, heard);
	const judge = listening('server', false, heard);
	const solver = listening('solver', true, heard);
	const roles = budgetedRoles({ judge, solver }, policy, cache);
	for (const role of ['proposer', 'critic', 'judge', 'solver'] as const)
		await roles[role]?.generate(['a'], { maxTokens: 3 });
	await policy.generate(['a'], { maxTokens: 3 });
	expect(heard).toEqual([
		['policy', 512],
		['policy', 512],
		['server', undefined],
		['solver', undefined],
		['policy', undefined],
	]);
	expect(budgetedRoles({ judge }, policy, undefined)).toEqual({ judge });
});

test('a model that is not on the kernel is refused before the run begins', () => {
	const policy = listening('policy', false, []);
	expect(() => budgetedRoles({}, policy, cache)).toThrow(
		/only the kernel can.*leave out kv-budget/,
	);
});

test('a run keeps its budget in its record, checked', () => {
	const asked = { method: 'easy-to-hard', environment: 'addition', seed: 1, rounds: 1, knobs: {} };
	const { recipe } = newRecord({ ...asked, cache }, 'r', 0);
	expect(recipe.cache).toEqual(cache);
	expect(v.parse(recipeSchema, recipe)).toEqual(recipe);
	expect(newRecord(asked, 'r', 0).recipe).not.toHaveProperty('cache');
	expect(() => newRecord({ ...asked, cache: { ...cache, budget: 5 } }, 'r', 0)).toThrow(
		/kv-budget must be a whole number from 128/,
	);
});
