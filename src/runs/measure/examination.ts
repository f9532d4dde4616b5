/** @file An examination without a run: how a base model, or the policy of a stored run, does on held-out items. */
import type { Environment } from '#environments/environment.ts';
import { examine } from '#loop/4-evaluate/examine.ts';
import { startState } from '#loop/start.ts';
import { createMeter } from '#loop/meter.ts';
import type { Policy } from '#loop/policy/policy.ts';
import type { Objective, Progress, ScoreCell } from '#loop/types.ts';
import type { Adapter } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { RunRecipe, RunRecord } from '#storage/runs/store.ts';
import { loadAdapter } from '../stored/codec.ts';
import { SessionFailure } from '#base/failure.ts';
import type { OpenModel, Platform } from '#platform/platform.ts';
import { assembleRun, type AssembledRun } from '../request.ts';
import { renderOf } from '#platform/render.ts';
import { readSavedState } from '../stored/saved-state.ts';

/** Request for an examination. */
export interface ExaminationOptions {
	/** The policy of this run; null examines the base model. */
	readonly run: RunRecord | null;
	/** Another policy, examined after the base model on the same items. */
	readonly beside?: Beside | undefined;
	readonly recipe: Omit<RunRecipe, 'model'> & { readonly model?: string };
	/** Difficulties, inclusive; by default those first taught and two more. */
	readonly from?: number | undefined;
	readonly to?: number | undefined;
	/** Items of each difficulty and stratum. */
	readonly count: number;
	readonly signal: AbortSignal;
	report(progress: Progress, policy: string): void;
}

/** An adapter from elsewhere than a run. */
interface Beside {
	readonly name: string;
	/** Refuses what does not fit this model. */
	read(spec: ModelSpec): Promise<Adapter>;
}

/** Result of an examination. */
export interface Examination {
	readonly policy: string;
	readonly cells: readonly ScoreCell[];
}

/** Examines each policy on the same items as a run of this seed. */
export async function examinePolicies(
	platform: Platform,
	options: ExaminationOptions,
): Promise<readonly Examination[]> {
	const { run, recipe, beside } = options;
	const assembled = assembleRun(recipe);
	const { environment, start } = assembled;
	const range = readRange(assembled, options);
	const saved = run && readSavedState(run.state).policy;
	const model = await platform.openModel(start.model);
	try {
		const { policy: base, objective } = startState(environment, start);
		const own = saved && {
			...base,
			id: saved.id,
			memory: saved.memory,
			adapter: await loadAdapter(saved, platform.store.files),
		};
		const policies: Policy[] = [own ?? base];
		// Read before the long work: one that does not fit is refused at once.
		if (beside) policies.push({ ...base, id: beside.name, adapter: await beside.read(model.spec) });
		const found: Examination[] = [];
		for (const policy of policies)
			found.push(await examineOne(model, { environment, objective, policy }, range, options));
		return found;
	} finally {
		await model.dispose();
	}
}

interface Examined {
	readonly environment: Environment;
	readonly objective: Objective;
	readonly policy: Policy;
}

async function examineOne(
	model: OpenModel,
	{ environment, objective, policy }: Examined,
	{ from, to }: Range,
	{ recipe, count, signal, report }: ExaminationOptions,
): Promise<Examination> {
	const { engine, openTrainer, tokenizer } = model;
	await engine.setAdapter(policy.adapter);
	const world = {
		seed: recipe.seed,
		engine,
		...renderOf(model),
		openTrainer,
		tokenizer,
		environment,
		meter: createMeter(),
		past: () => Promise.resolve([]),
		signal,
		report: (progress: Progress) => report(progress, policy.id),
	};
	const context = { world, t: 0, rounds: 0, objective, policy, incumbent: policy, accepted: null };
	const cells: ScoreCell[] = [];
	for (let difficulty = from; difficulty <= to; difficulty++) {
		const rows = await examine(difficulty, count, context, '4-evaluate/quantitative');
		cells.push(...rows.filter((row) => row.n > 0));
	}
	return { policy: policy.id, cells };
}

interface Range {
	readonly from: number;
	readonly to: number;
}

function readRange(
	{ environment: { name, tasks }, start }: AssembledRun,
	options: Pick<ExaminationOptions, 'from' | 'to'>,
): Range {
	const { min, max } = tasks.difficulty;
	const taught = start.taught ?? [min, min];
	const from = options.from ?? taught[0];
	const to = options.to ?? Math.max(from, Math.min(taught[1] + 2, max));
	const isWhole = Number.isInteger(from) && Number.isInteger(to);
	if (isWhole && from >= min && to <= max && from <= to) return { from, to };
	throw new SessionFailure(
		'bad-request',
		`Difficulties of ${name} go from ${min} to ${max}${isWhole ? '' : ' in whole numbers'}; got ${from} to ${to}.`,
	);
}
