/** @file Codec of the adapters beside a recording, and their collector during the run that is recorded. */
import type { Adapter } from '#model/adapter.ts';
import { writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import { fileOfReference, filesNamedBy } from '#storage/runs/references.ts';
import type { SessionEvent } from '../session.ts';
import { orderOf, readOrdered } from './codec.ts';
import type { AdapterFile } from './recorded-adapters.ts';
import { savedStateOf } from './saved-state.ts';

/** Throws a CheckpointError if the bytes are no safetensors. */
export const openAdapterFile = ({ parameters, bytes }: AdapterFile): Adapter => ({
	parameters,
	tensors: readOrdered(bytes, 'recorded adapter'),
});

/** Collector of the adapters of a run under way: a store keeps only the newest. */
export class AdapterCollector {
	/** Those that the newest state names, and what was written since. */
	readonly #written = new Map<string, Uint8Array>();
	readonly #kept = new Map<number, AdapterFile>();
	/** Called with every file that the store writes. */
	wrote(name: string, bytes: Uint8Array): void {
		this.#written.set(name, bytes);
	}
	/** Called with every event; keeps the adapter that stands after an examination. */
	heard(event: SessionEvent): void {
		if (event.type !== 'committed') return;
		const named = new Set(filesNamedBy(event.run));
		for (const file of this.#written.keys()) if (!named.has(file)) this.#written.delete(file);
		if (!event.score) return;
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
