/**
 * @file Adapters beside a recording: the policy of a middle round and of the last one, so that a person can ask them.
 *
 * Each is a safetensors file of F16 numbers; its header says so. The adapter of the start is none: it is the base model.
 */
import { count, list, object, type Schema } from '#base/schema.ts';
import type { Parameters } from '#model/adapter.ts';
import { parameters } from './saved-state.ts';

/** Entry of a recording for one of its adapters; the file's name follows from the round. */
export interface RecordedAdapter {
	/** Round after whose examination the policy had it. */
	readonly t: number;
	readonly parameters: Parameters;
}

export const recordedAdaptersSchema = list(object({ t: count, parameters })) satisfies Schema<
	readonly RecordedAdapter[]
>;

/** Path of an adapter beside its recording: `default.json`, 3 → `default.adapters/3.safetensors`. */
export const adapterPath = (recording: string, t: number): string =>
	`${recording.replace(/\.json$/, '')}.adapters/${t}.safetensors`;

/** An adapter's bytes as they lie beside a recording. */
export interface AdapterFile {
	readonly parameters: Parameters;
	/** Safetensors of F16. */
	readonly bytes: Uint8Array;
}
