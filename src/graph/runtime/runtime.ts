/**
 * @file Graph runtime: ONNX Runtime in one or more workers. A worker runs one graph at a time; several one-thread workers
 * use several cores better than one worker with several threads (measured for the matrices of a small model), so callers
 * split a batch and run the parts concurrently.
 */
import type { ElementType } from '../value.ts';

/** A tensor as it is fed to or taken from a graph. */
export interface Feed {
	readonly type: ElementType;
	readonly shape: readonly number[];
	readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
}
export type Feeds = Readonly<Record<string, Feed>>;

/** Bytes of an external constant of a graph, in a buffer of their own, which is transferred. */
export interface ExternalData {
	readonly name: string;
	readonly data: Uint8Array;
}

export interface GraphSession {
	/** Sets these inputs on every worker for all later runs, until bound again. */
	bind(feeds: Feeds): Promise<void>;
	/** Runs on the first free worker. A run that has not begun when `signal` aborts rejects with AbortError. */
	run(feeds: Feeds, signal?: AbortSignal): Promise<Feeds>;
	release(): Promise<void>;
}

export interface GraphRuntime {
	/** Description for people: `wasm, 2 workers`. */
	readonly description: string;
	/** Number of concurrent runs. */
	readonly workers: number;
	/** Opens a graph on every worker; `constants` are its external ones, consumed one by one. */
	open(model: Uint8Array, constants?: AsyncIterable<ExternalData>): Promise<GraphSession>;
	/** Allocates zeros for feeds that grow from run to run: shared with the workers if the platform allows. */
	readonly floats: (size: number) => Float32Array;
	dispose(): Promise<void>;
}

export const feedFloat = (data: Float32Array, shape: readonly number[]): Feed => ({
	type: 'float32',
	shape,
	data,
});
export const feedInt = (data: Int32Array, shape: readonly number[]): Feed => ({
	type: 'int32',
	shape,
	data,
});
export const feedLong = (n: number): Feed => ({
	type: 'int64',
	shape: [],
	data: BigInt64Array.of(BigInt(n)),
});

/** The float values of a named output. */
export function floats(outputs: Feeds, name: string): Float32Array {
	const data = outputs[name]?.data;
	if (!(data instanceof Float32Array)) throw new Error(`the graph has no float output ${name}`);
	return data;
}
