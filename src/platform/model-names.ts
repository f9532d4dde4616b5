/**
 * @file One model, one name. A run may ask for a model of the library by a short one, `SmolLM2-135M-Instruct`; what is
 * open, in use or trained is identified by its full name, `library:<id>`.
 */
import type { RunRecord, Store } from '#storage/runs/store.ts';
import type { Models } from './models.ts';
import type { FullName } from './platform.ts';

/** The same models, each open once by whatever name it is asked for. */
export const openedByFullName = (models: Models, fullName: FullName): Models => ({
	...models,
	open: async (name) => models.open(await fullName(name)),
	close: async (name) => models.close(await fullName(name)),
	using: async (name, work) => models.using(await fullName(name), work),
});

/** The same store, whose runs name their models in full. */
export function withFullNames(store: Store, fullName: FullName): Store {
	const named = async (run: RunRecord): Promise<RunRecord> => {
		const { recipe } = run;
		return { ...run, recipe: { ...recipe, model: await fullName(recipe.model) } };
	};
	return {
		...store,
		entries: async () =>
			Promise.all(
				(await store.entries()).map(async (entry) =>
					entry.kind === 'sound' ? { ...entry, run: await named(entry.run) } : entry,
				),
			),
		runs: async () => Promise.all((await store.runs()).map(named)),
		run: async (id) => {
			const run = await store.run(id);
			return run && named(run);
		},
	};
}
