/**
 * @file Adapters beside a recording: the policy of a middle round and of the last one, so that a person can ask them.
 *
 * Each is a safetensors file of F16 numbers; its header says so. The adapter of the start is none: it is the base model.
 */
import { count, list, object, type Schema } from '#base/schema.ts';
import type { Adapter, Parameters } from '#model/adapter.ts';
import { writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import { fileOfReference } from '#storage/runs/references.ts';
import type { SessionEvent } from '../session.ts';
import { orderOf, readOrdered } from './codec.ts';
import { parameters, savedStateOf } from './saved-state.ts';

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

/** Throws a CheckpointError if the bytes are no safetensors. */
export const openAdapterFile = ({ parameters, bytes }: AdapterFile): Adapter => ({
	parameters,
	tensors: readOrdered(bytes, 'recorded adapter'),
});

/** Collector of the adapters of a run under way: a store keeps only the newest. */
export class AdapterCollector {
	readonly #written = new Map<string, Uint8Array>();
	readonly #kept = new Map<number, AdapterFile>();
	/** Called with every file that the store writes. */
	wrote(name: string, bytes: Uint8Array): void {
		this.#written.set(name, bytes);
	}
	/** Called with every event; keeps the adapter that stands after an examination. */
	heard(event: SessionEvent): void {
		if (event.type !== 'committed' || !event.score) return;
		const saved = savedStateOf(event.run.state)?.policy.adapter;
		const name = saved && fileOfReference(saved.file);
		const bytes = name === undefined || name === null ? undefined : this.#written.get(name);
		if (saved && bytes) this.#kept.set(event.score.t, { parameters: saved.parameters, bytes });
	}
	/** Of a middle round and the last one of `rounds`, in F16; without those that were not trained. */
	shipped(rounds: number): ReadonlyMap<number, AdapterFile> {
		const wanted = new Set([Math.round(rounds / 3), rounds]);
		return new Map(
			[...this.#kept].flatMap(([t, { parameters, bytes }]) =>
				wanted.has(t) ? [[t, { parameters, bytes: narrowed(bytes) }] as const] : [],
			),
		);
	}
}

function narrowed(bytes: Uint8Array): Uint8Array {
	const tensors = readOrdered(bytes, 'adapter');
	const metadata = { format: 'pt', order: orderOf(tensors) };
	return writeSafetensors(tensors, { dtype: 'F16', metadata });
}
