/** @file Sessions of one ONNX Runtime in this thread, used inside a web worker and in Node. */
import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-common';
import type { ElementType } from '../value.ts';
import type { Feed, Feeds } from './runtime.ts';

/** The used part of the onnxruntime-web and onnxruntime-node modules. */
export interface OrtModule {
	readonly InferenceSession: {
		create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
	};
	readonly Tensor: new (
		type: ElementType,
		data: Feed['data'],
		dims: readonly number[],
	) => TypedTensor<ElementType>;
}

export interface OrtWorker {
	/** Supplies an external constant of the graph that is opened next with this id. */
	supply(id: number, name: string, data: Uint8Array): Promise<void>;
	open(id: number, model: Uint8Array): Promise<void>;
	bind(id: number, feeds: Feeds): Promise<void>;
	run(id: number, feeds: Feeds): Promise<Feeds>;
	release(id: number): Promise<void>;
	dispose(): Promise<void>;
}

export function createOrtWorker(
	ort: OrtModule,
	options: InferenceSession.SessionOptions,
): OrtWorker {
	const sessions = new Map<number, { session: InferenceSession; bound: Map<string, Tensor> }>();
	const supplied = new Map<number, { path: string; data: Uint8Array }[]>();
	const toTensor = (feed: Feed): Tensor => new ort.Tensor(feed.type, feed.data, feed.shape);
	const find = (id: number) => {
		const found = sessions.get(id);
		if (!found) throw new Error(`graph session ${id} is not open`);
		return found;
	};
	return {
		supply(id, path, data) {
			const files = supplied.get(id) ?? [];
			files.push({ path, data });
			supplied.set(id, files);
			return Promise.resolve();
		},
		async open(id, model) {
			const externalData = supplied.get(id);
			supplied.delete(id);
			const session = await ort.InferenceSession.create(model, {
				...options,
				// Nothing to fuse or fold there; the search took a third of the opening time (SmolLM2, wasm).
				...(externalData ? { externalData, graphOptimizationLevel: 'disabled' as const } : {}),
			});
			sessions.set(id, { session, bound: new Map() });
		},
		bind(id, feeds) {
			const { bound } = find(id);
			for (const [name, feed] of Object.entries(feeds)) bound.set(name, toTensor(feed));
			return Promise.resolve();
		},
		async run(id, feeds) {
			const { session, bound } = find(id);
			const all: Record<string, Tensor> = Object.fromEntries(bound);
			for (const [name, feed] of Object.entries(feeds)) all[name] = toTensor(feed);
			const results = await session.run(all);
			const outputs: Record<string, Feed> = {};
			for (const [name, tensor] of Object.entries(results)) {
				// On a GPU the values may still be there; getData fetches them.
				const data = (await tensor.getData()) as Feed['data'];
				outputs[name] = { type: tensor.type as ElementType, shape: tensor.dims, data };
				tensor.dispose();
			}
			return outputs;
		},
		async release(id) {
			const found = sessions.get(id);
			sessions.delete(id);
			supplied.delete(id);
			await found?.session.release();
		},
		async dispose() {
			for (const id of [...sessions.keys()]) await this.release(id);
		},
	};
}
