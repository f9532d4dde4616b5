/**
 * @file Session over packed weights: they are constants of one graph, so that kernels may re-pack them. A LoRA is an
 * input of any rank, so another LoRA is another feed.
 */
import { createMutex } from '#base/concurrency/mutex.ts';
import type { Feeds, GraphRuntime, GraphSession } from '#graph/runtime/runtime.ts';
import { feedFloat } from '#graph/runtime/runtime.ts';
import type { Adapter, LoraTarget } from '#model/adapter.ts';
import { packedStepGraph } from '#model/graphs/decoding-graph.ts';
import { tensorFeeds } from '#model/graphs/feeds.ts';
import { isExact } from '#model/packing/blocks.ts';
import {
	packWeights,
	planWeights,
	type PackedFormat,
	type PackedPlan,
} from '#model/packing/packing.ts';
import { loraShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { folded } from '../decoding/adapter-tensors.ts';
import { BackendError } from '#base/backend-error.ts';
import type { AdaptiveSession } from './weights.ts';

/** Weights read when a graph is opened, and their packed format. */
export interface PackedModel {
	readonly form: PackedFormat;
	readonly store: WeightStore;
	/** Modules that accept a LoRA without a reload of the weights; by default those of the first LoRA. */
	readonly targets?: readonly LoraTarget[];
}

/** Description of the weights for people. */
export function describeForm(spec: ModelSpec, { form, store }: PackedModel): string {
	if (form === 'f32') return 'weights in F32';
	const plan = planWeights(spec, store.stored, form);
	const exact = [...plan.values()].every(
		(weight) => weight.shape.length < 2 || isExact(weight.form),
	);
	return `weights in blocks of ${bitsOf(plan)} bits${exact ? ', as they are stored' : ''}`;
}

const bitsOf = (plan: PackedPlan): string => {
	const parts = [...plan.values()].flatMap(({ parts }) => parts);
	const bits = parts.flatMap((part) => (part.kind === 'blocks' ? [part.bits] : []));
	return [...new Set(bits)].sort().join(' and ');
};

/**
 * Accuracy level of MatMulNBits: F32 activations. Level 4, 8 bits by block, raises perplexity by 0.6 % and makes prefill
 * a third faster.
 */
const accuracy = 1;

/** Session of `packedStepGraph`, opened on first use. */
export function packedSession(
	runtime: GraphRuntime,
	spec: ModelSpec,
	model: PackedModel,
): AdaptiveSession {
	const plan = planWeights(spec, model.store.stored, model.form);
	let opened: { session: GraphSession; targets: readonly LoraTarget[] } | undefined;
	let bound: Adapter | null | undefined;
	// Serialised, so that two callers never interleave their bindings.
	const exclusive = createMutex();

	const open = async (targets: readonly LoraTarget[]) => {
		// The old session is released first: memory may not hold two.
		await opened?.session.release();
		opened = undefined;
		bound = undefined;
		const graph = packedStepGraph(spec, plan, targets, accuracy);
		const session = await runtime.open(graph, packWeights(plan, model.store));
		opened = { session, targets };
		return opened;
	};
	const use = async (adapter: Adapter | null): Promise<GraphSession> => {
		if (adapter?.parameters.kind === 'full')
			throw new BackendError(
				'bad-model',
				'An adapter that changes every weight needs the model in F32; open it with the form f32.',
			);
		const wanted = adapter?.parameters.kind === 'lora' ? adapter.parameters.targets : [];
		let now = opened;
		if (!now || wanted.some((target) => !now?.targets.includes(target)))
			now = await open([
				...new Set([...(model.targets ?? []), ...(opened?.targets ?? []), ...wanted]),
			]);
		if (bound !== adapter) {
			const factors = adapter ? tensorFeeds(folded(adapter)) : {};
			await now.session.bind({ ...idle(spec, now.targets, adapter, factors), ...factors });
			bound = adapter;
		}
		return now.session;
	};
	return {
		use: (adapter) => exclusive(() => use(adapter)),
		release: async () => {
			await opened?.session.release();
			opened = undefined;
		},
	};
}

/** Zero factors for the modules that this adapter does not change. */
function idle(
	spec: ModelSpec,
	targets: readonly LoraTarget[],
	adapter: Adapter | null,
	factors: Feeds,
): Feeds {
	const rank = adapter?.parameters.kind === 'lora' ? adapter.parameters.rank : 1;
	return Object.fromEntries(
		[...loraShapes(spec, { rank, targets })]
			.filter(([name]) => !(name in factors))
			.map(([name, shape]) => [name, feedFloat(new Float32Array(sizeOf(shape)), shape)]),
	);
}
