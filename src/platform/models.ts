/** @file The open models of a session: opened once, replaced by a fallback when one fails. */
import { isCoded } from '#base/coded-error.ts';
import type { BackendError } from '#base/backend-error.ts';
import type { OpenModel, Platform } from './platform.ts';

/** Engine and trainer in use, with a sentence if a better one was not available. */
export interface ModelOpened {
	readonly type: 'opened';
	readonly engine: string;
	readonly trainer: string;
	readonly note?: string;
}

/** Models by name, each open once. */
export interface Models {
	/** The model of that name, opened on first use; a failed opening is tried again next time. */
	open(name: string): Promise<OpenModel>;
	/** After a failure of the engine: the platform's fallback, or the same model opened anew. */
	replace(model: OpenModel, failure: BackendError): Promise<OpenModel | undefined>;
	/** Lets go of a model and its memory; the next `open` opens it anew. */
	close(name: string): Promise<void>;
	/** Works with a model, opened on first use. One whose engine is lost is let go of, so that asking again opens it anew. */
	using<T>(name: string, work: (model: OpenModel) => Promise<T>): Promise<T>;
	/** Description of the models opened last, for late subscribers. */
	latest(): ModelOpened | undefined;
	dispose(): Promise<void>;
}

/** Caches the models that the platform opens; emits the back ends of each. */
export function createModels(platform: Platform, emit: (event: ModelOpened) => void): Models {
	const models = new Map<string, Promise<OpenModel>>();
	let latest: ModelOpened | undefined;

	const enter = (name: string, model: OpenModel): OpenModel => {
		latest = {
			type: 'opened',
			engine: model.engine.description,
			trainer: model.description,
			...(model.note !== undefined && { note: model.note }),
		};
		emit(latest);
		return { ...model, name };
	};
	/** Closes it, unless another one has its place already. */
	const drop = async (model: OpenModel): Promise<void> => {
		const opening = models.get(model.name);
		if ((await opening?.catch(() => undefined)) !== model) return;
		if (models.get(model.name) !== opening) return;
		models.delete(model.name);
		await model.dispose().catch(() => undefined);
	};
	const open = (name: string): Promise<OpenModel> => {
		const known = models.get(name);
		if (known) return known;
		const opening = platform.openModel(name).then((model) => enter(name, model));
		models.set(name, opening);
		opening.catch(() => models.delete(name));
		return opening;
	};
	return {
		open,
		async replace(model, failure) {
			models.delete(model.name);
			// It has failed already; that it also fails to close changes nothing.
			await model.dispose().catch(() => undefined);
			const fallback = await platform.openFallback?.(model.name, failure);
			// Opened anew where there is no other: a worker was lost, and another may live. Not where memory ran out.
			const isFull = failure.code === 'out-of-memory';
			const next = fallback ?? (isFull ? undefined : await platform.openModel(model.name));
			if (!next) return undefined;
			const entered = enter(model.name, next);
			models.set(model.name, Promise.resolve(entered));
			return entered;
		},
		async close(name) {
			const opening = models.get(name);
			models.delete(name);
			// One that failed to open has nothing to close.
			await opening?.then(
				(model) => model.dispose(),
				() => undefined,
			);
		},
		async using(name, work) {
			const model = await open(name);
			try {
				return await work(model);
			} catch (error) {
				if (isCoded(error) && error.code === 'device-lost') await drop(model);
				throw error;
			}
		},
		latest: () => latest,
		async dispose() {
			const open = await Promise.allSettled(models.values());
			models.clear();
			for (const model of open) if (model.status === 'fulfilled') await model.value.dispose();
		},
	};
}
