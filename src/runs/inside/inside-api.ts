/**
 * @file Calls about the inside of a run for the page: texts of tokens, what one experience changes (stoppable, with progress), and
 * what the adapter does.
 */
import { SessionFailure } from '#base/failure.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import type { Models } from '#platform/models.ts';
import type { Store } from '#storage/runs/store.ts';
import { assembleRun, readKnobs } from '../request.ts';
import { noSuchRun } from '../local-session.ts';
import type { Changes } from '../stored/changes.ts';
import { loadState } from '../stored/codec.ts';
import { readRow } from '../stored/row.ts';
import { readSavedState } from '../stored/saved-state.ts';
import { changesOf } from './changes.ts';
import { influenceOf, type Influence } from './influence.ts';

export interface InfluenceRequest {
	/** Chosen by the page; the events of this call carry it. */
	readonly id: string;
	readonly runId: string;
	/** Round and id of the experience. */
	readonly t: number;
	readonly experience: string;
	/** Held-out items to ask. */
	readonly items: number;
}

export interface InsideEvent {
	readonly type: 'influence';
	readonly id: string;
	readonly done: number;
	readonly total: number;
}

export interface InsideApi {
	/** The text of each token by itself, in the vocabulary of a base model, which is opened for it. */
	tokenTexts(model: string, tokens: readonly number[]): Promise<readonly string[]>;
	/**
	 * A step with one example and one without it, from where the run stands; nothing is stored. Rejects with `bad-request`
	 * while the run is under way, and if the experience gave nothing to train on.
	 */
	influence(request: InfluenceRequest): Promise<Influence>;
	/** What the run's adapter changes, as it stands now, on so many held-out problems of a difficulty; nothing is stored. */
	adapterChanges(
		runId: string,
		of: { readonly difficulty: number; readonly items: number },
	): Promise<Changes>;
	/** Stops a call of `influence`; it rejects. */
	stopInfluence(id: string): Promise<void>;
}

export interface InsideParts {
	readonly models: Models;
	readonly store: Store;
	readonly emit: (event: InsideEvent) => void;
}

export function openInsideApi({ models, store, emit }: InsideParts): InsideApi {
	const under = new Map<string, AbortController>();
	return {
		tokenTexts: (model, tokens) =>
			models.using(model, ({ tokenizer }) =>
				Promise.resolve(tokens.map((token) => tokenizer.decode([token]))),
			),
		async influence({ id, runId, t, experience: wanted, items }) {
			const run = await store.run(runId);
			if (!run) throw noSuchRun(runId);
			if (run.status === 'running')
				throw new SessionFailure('bad-request', 'Pause the run first: it needs the model.');
			const { environment, start } = assembleRun(run.recipe);
			const knobs = readKnobs(run.recipe);
			const numberOf = (short: 'learningRate' | 'batch'): number => {
				const row = knobs.find((one) => one.knob === architecture.knobs[short]);
				return Number(row?.value ?? architecture.knobs[short].default);
			};
			const found = (await store.experiences(runId, { t })).flatMap((row) => readRow(row) ?? []);
			const kept = found.filter((row) => row.fate === 'kept' && !row.rejected);
			const experience = found.find((row) => row.id === wanted)?.payload;
			if (!experience)
				throw new SessionFailure('bad-request', 'This experience is not stored any more.');
			const saved = readSavedState(run.state);
			const { policy } = await loadState(saved, store.files, () => undefined, run.recipe.model);
			const stop = new AbortController();
			under.set(id, stop);
			try {
				return await models.using(start.model, (model) =>
					influenceOf({
						...{ experience, others: kept.map(({ payload }) => payload), policy },
						...{ environment, model, seed: run.recipe.seed, items },
						learningRate: numberOf('learningRate'),
						batch: numberOf('batch'),
						signal: stop.signal,
						onProgress: (done, total) => emit({ type: 'influence', id, done, total }),
					}),
				);
			} finally {
				under.delete(id);
			}
		},
		async adapterChanges(runId, of) {
			const run = await store.run(runId);
			if (!run) throw noSuchRun(runId);
			const { environment, start } = assembleRun(run.recipe);
			const saved = readSavedState(run.state);
			const { policy } = await loadState(saved, store.files, () => undefined, run.recipe.model);
			return models.using(start.model, (model) =>
				changesOf({ ...of, policy, model, environment, seed: run.recipe.seed }),
			);
		},
		async stopInfluence(id) {
			under.get(id)?.abort();
		},
	};
}
