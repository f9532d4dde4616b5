/** @file The weights that an engine's sessions are bound to: base, LoRA or full, swapped without a reload. */
import { createMutex } from '#base/mutex.ts';
import type { GraphRuntime, GraphSession } from '#graph/runtime/runtime.ts';
import { tensorFeeds } from '#model/graphs/feeds.ts';
import type { Adapter, Parameters } from '#model/adapter.ts';
import type { TensorMap } from '#model/tensor.ts';
import { folded } from '../decoding/adapter.ts';

/** A graph whose weights can be those of the base model or of an adapter. */
export interface AdaptiveSession {
	/** The session for this adapter, its weights bound. */
	use(adapter: Adapter | null): Promise<GraphSession>;
	release(): Promise<void>;
}

/** A graph in the variants that adapters ask for (without, or with a LoRA of some rank and targets), opened on demand. */
export function adaptiveSession(
	runtime: GraphRuntime,
	base: TensorMap,
	build: (parameters: Parameters | null) => Uint8Array,
): AdaptiveSession {
	const opened = new Map<string, { session: GraphSession; bound: Adapter | null | undefined }>();
	// One at a time, so that two callers never bind across each other.
	const exclusive = createMutex();

	const use = async (adapter: Adapter | null): Promise<GraphSession> => {
		const lora = adapter?.parameters.kind === 'lora' ? adapter.parameters : null;
		const key = lora ? `${lora.rank} ${lora.targets.join()}` : '';
		let entry = opened.get(key);
		if (!entry) {
			entry = { session: await runtime.open(build(lora)), bound: undefined };
			await entry.session.bind(tensorFeeds(base));
			opened.set(key, entry);
		}
		if (entry.bound !== adapter) {
			// A full adapter lies over the base weights; going back needs them again.
			if (!lora && !adapter) await entry.session.bind(tensorFeeds(base));
			if (adapter) await entry.session.bind(tensorFeeds(folded(adapter)));
			entry.bound = adapter;
		}
		return entry.session;
	};
	return {
		use: (adapter) => exclusive(() => use(adapter)),
		release: async () => {
			for (const { session } of opened.values()) await session.release();
			opened.clear();
		},
	};
}
