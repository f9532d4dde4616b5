/** @file An examination without a run: how a base model, or the policy of a stored run, does on held-out items. */
import { examine } from '#loop/4-evaluate/examine.ts';
import { startState } from '#loop/start.ts';
import type { Progress, ScoreCell } from '#loop/types.ts';
import type { RunRecipe, RunRecord } from '#storage/store.ts';
import { loadAdapter } from './codec.ts';
import { SessionFailure } from './failure.ts';
import type { Platform } from './platform.ts';
import { assembleRun } from './request.ts';
import { renderOf } from './render.ts';
import { readSavedState } from './saved-state.ts';

/** Whom to examine, and on what. */
export interface ExaminationOptions {
	/** The policy of this run; null examines the base model. */
	readonly run: RunRecord | null;
	readonly recipe: Omit<RunRecipe, 'model'> & { readonly model?: string };
	/** Difficulties, inclusive; by default those first taught and two more. */
	readonly from?: number | undefined;
	readonly to?: number | undefined;
	/** Items of each difficulty and stratum. */
	readonly count: number;
	readonly signal: AbortSignal;
	report(progress: Progress): void;
}

/** What an examination found. */
export interface Examination {
	readonly policy: string;
	readonly cells: readonly ScoreCell[];
}

/** Asks the same items as a run of this seed does. */
export async function examinePolicy(
	platform: Platform,
	options: ExaminationOptions,
): Promise<Examination> {
	const { run, recipe, count, signal, report } = options;
	const { environment } = assembleRun(recipe);
	const { min, max } = environment.difficulty;
	const from = options.from ?? environment.base[0];
	const to = options.to ?? Math.max(from, Math.min(environment.base[1] + 2, max));
	if (from < min || to > max || from > to)
		throw new SessionFailure(
			'bad-request',
			`Difficulties of ${environment.name} go from ${min} to ${max}; got ${from} to ${to}.`,
		);
	const start = startState(environment);
	const saved = run && readSavedState(run.state).policy;
	const model = await platform.openModel(environment.model);
	try {
		const adapter = saved && (await loadAdapter(saved, platform.store.files));
		await model.engine.setAdapter(adapter);
		const policy = { id: saved?.id ?? start.policy.id, adapter, trainer: null };
		const { engine, openTrainer, tokenizer } = model;
		const world = {
			seed: recipe.seed,
			engine,
			...renderOf(model),
			openTrainer,
			tokenizer,
			environment,
			past: () => Promise.resolve([]),
			signal,
			report,
		};
		const context = { world, t: 0, rounds: 0, objective: start.objective, policy };
		const cells: ScoreCell[] = [];
		for (let difficulty = from; difficulty <= to; difficulty++) {
			const rows = await examine(difficulty, count, context, '4-evaluate/quantitative');
			cells.push(...rows.filter((row) => row.n > 0));
		}
		return { policy: policy.id, cells };
	} finally {
		await model.engine.dispose();
	}
}
