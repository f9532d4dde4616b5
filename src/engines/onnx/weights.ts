/** @file The weights that an engine's sessions are bound to: base, LoRA or full, swapped without a reload. */
import type { Feeds, GraphRuntime, GraphSession } from '#graph/runtime/runtime.ts';
import { feedFloat } from '#graph/runtime/runtime.ts';
import { tensorFeeds } from '#model/graphs/feeds.ts';
import type { Adapter, Parameters } from '#model/adapter.ts';
import { loraShapes, weightShapes, type ModelSpec } from '#model/spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { EngineError } from '../engine.ts';

/** Of adapters that are still held: a swap back to one costs no arithmetic. */
const foldedBefore = new WeakMap<Adapter, Feeds>();

/** LoRA factors with alpha / r folded into B: the graphs then need no scale. */
export function folded(adapter: Adapter): Feeds {
	const { parameters, tensors } = adapter;
	if (parameters.kind === 'full') return tensorFeeds(tensors);
	const known = foldedBefore.get(adapter);
	if (known) return known;
	const scale = parameters.alpha / parameters.rank;
	const feeds = Object.fromEntries(
		[...tensors].map(([name, { shape, data }]) => [
			name,
			feedFloat(name.endsWith('.lora_B.weight') ? scaled(data, scale) : data, shape),
		]),
	);
	foldedBefore.set(adapter, feeds);
	return feeds;
}

function scaled(values: Float32Array, by: number): Float32Array {
	const result = values.slice();
	// A loop, since `map` calls a function for each of some million values.
	for (let i = 0; i < result.length; i++) result[i] = (result[i] ?? 0) * by;
	return result;
}

/** Refuses an adapter that does not fit the model, naming the first tensor that is off. */
export function checkAdapter(spec: ModelSpec, { parameters, tensors }: Adapter): void {
	const wanted = parameters.kind === 'lora' ? loraShapes(spec, parameters) : weightShapes(spec);
	for (const [name, shape] of wanted) {
		const found = tensors.get(name);
		if (found?.shape.join() !== shape.join())
			throw new EngineError(
				'bad-model',
				`The adapter does not fit this model: ${name} should be [${shape.join(', ')}], is ${found ? `[${found.shape.join(', ')}]` : 'missing'}. Use an adapter trained on the same base model.`,
			);
	}
}

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
	let queue: Promise<unknown> = Promise.resolve();

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
			if (adapter) await entry.session.bind(folded(adapter));
			entry.bound = adapter;
		}
		return entry.session;
	};
	return {
		// One at a time, so that two callers never bind across each other.
		use: (adapter) => {
			const next = queue.then(() => use(adapter));
			queue = next.catch(() => undefined);
			return next;
		},
		release: async () => {
			for (const { session } of opened.values()) await session.release();
			opened.clear();
		},
	};
}
