/** @file Weights bound to an engine's sessions: base, LoRA or full, swapped without a reload. */
import { createMutex } from '#base/concurrency/mutex.ts';
import type { GraphRuntime, GraphSession } from '#graph/runtime/runtime.ts';
import { tensorFeeds } from '#model/graphs/feeds.ts';
import type { Adapter, Parameters } from '#model/adapter.ts';
import type { TensorMap } from '#model/tensor.ts';
import { folded } from '../decoding/adapter-tensors.ts';

/** A graph that can run the base model or an adapter. */
export interface AdaptiveSession {
	/** The session for this adapter, with its weights bound. */
	use(adapter: Adapter | null): Promise<GraphSession>;
	release(): Promise<void>;
}

/** Variants of a graph (without LoRA, or with one of some rank and targets), opened on demand. */
export function adaptiveSession(
	runtime: GraphRuntime,
	base: TensorMap,
	build: (parameters: Parameters | null) => Uint8Array,
): AdaptiveSession {
	const opened = new Map<string, { session: GraphSession; bound: Adapter | null | undefined }>();
	// Serialised, so that two callers never interleave their bindings.
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
			// A full adapter overwrote the base weights, so going back binds them again.
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
