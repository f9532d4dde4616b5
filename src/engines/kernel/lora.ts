/** @file LoRA slots in the kernel's memory: selecting an adapter writes a few table entries per module. */
import type { Adapter } from '#model/adapter.ts';
import { BackendError } from '#base/backend-error.ts';
import * as Matrix from '#kernel/assembly/layout/matrix.ts';
import * as Model from '#kernel/assembly/layout/model.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { mostTokens, type KernelModel } from './model.ts';
import { blockColumns, filled, tileRows } from '#kernel/matrices.ts';

/** Adapters held at a time: the policy and its reference. */
const mostHeld = 2;

/** Addresses of the factors of one module. */
interface HeldModule {
	readonly at: number;
	readonly rank: number;
	readonly a: number;
	readonly b: number;
	/** Offset of its sums in a token's row. */
	readonly place: number;
}

interface HeldAdapter {
	readonly modules: readonly HeldModule[];
	/** Numbers in a token's row of sums, and the address of the rows. */
	readonly stride: number;
	readonly sums: number;
	readonly pieces: readonly (readonly [address: number, bytes: number])[];
}

/** Index of a module among those with the same input, in the order of a layer's table: their sums are adjacent. */
const together: Readonly<Record<string, number>> = { k_proj: 1, v_proj: 2, up_proj: 1 };

export interface LoraSlots {
	/** Applies this adapter from the next job on. */
	select(adapter: Adapter | null): void;
}

/** Creates a model's slots; `adapter.tensors` must fit the model. */
export function createLoraSlots(kernel: Kernel, model: KernelModel): LoraSlots {
	const { heap } = kernel;
	const held = new Map<Adapter, HeldAdapter>();
	let current: Adapter | null = null;

	const free = (pieces: HeldAdapter['pieces']): void => {
		for (const [address, bytes] of pieces) heap.free(address, bytes);
	};
	const load = ({ parameters, tensors }: Adapter): HeldAdapter => {
		if (parameters.kind === 'full')
			throw new BackendError(
				'bad-model',
				'An adapter that changes every weight needs the model in F32; open it with the form f32.',
			);
		const { rank, alpha } = parameters;
		const stride = 3 * rank;
		const pieces: [number, number][] = [];
		const take = (count: number): number => {
			const at = heap.allocate(4 * count);
			pieces.push([at, 4 * count]);
			return at;
		};
		const modules: HeldModule[] = [];
		try {
			for (const [name, { shape, data }] of tensors) {
				const module = /^(.*)\.lora_A\.weight$/.exec(name)?.[1];
				const at = module === undefined ? undefined : model.moduleAt(module);
				const up = tensors.get(`${module ?? ''}.lora_B.weight`);
				if (module === undefined || at === undefined || !up) continue;
				const [, columns = 1] = shape;
				const width = filled(columns, blockColumns);
				const outputs = filled(up.shape[0] ?? 1, tileRows);
				const [a, b] = [take(rank * width), take(outputs * rank)];
				const { buffer } = heap.memory;
				for (let r = 0; r < rank; r++)
					new Float32Array(buffer, a + 4 * r * width).set(
						data.subarray(r * columns, (r + 1) * columns),
					);
				inTiles(up.data, rank, alpha / rank, new Float32Array(buffer, b, outputs * rank));
				const place = (together[module.split('.').at(-1) ?? ''] ?? 0) * rank;
				modules.push({ at, rank, a, b, place });
			}
			return { modules, stride, sums: take(mostTokens * stride), pieces };
		} catch (error) {
			free(pieces);
			throw error;
		}
	};
	/** Evicts the least recently selected adapter. */
	const forgetOldest = (): void => {
		for (const [adapter, { pieces }] of held) {
			free(pieces);
			held.delete(adapter);
			return;
		}
	};
	const write = ({ modules, stride, sums }: HeldAdapter, on: boolean): void => {
		const view = new DataView(heap.memory.buffer);
		const put = (at: number, value: number): void => {
			view.setUint32(at, value, true);
		};
		put(model.at + Model.lora, sums);
		put(model.at + Model.loraStride, stride);
		for (const { at, rank, a, b, place } of modules) {
			put(at + Matrix.rank, on ? rank : 0);
			put(at + Matrix.loraA, a);
			put(at + Matrix.loraB, b);
			put(at + Matrix.loraAt, place);
		}
	};
	return {
		select: (adapter) => {
			if (adapter === current) return;
			const before = current && held.get(current);
			if (before) write(before, false);
			current = null;
			if (!adapter) return;
			const known = held.get(adapter);
			if (!known && held.size >= mostHeld) forgetOldest();
			const found = known ?? load(adapter);
			held.delete(adapter);
			held.set(adapter, found);
			write(found, true);
			current = adapter;
		},
	};
}

/** B [out, rank] → [tiles, rank, 8], times `by`. */
function inTiles(b: Float32Array, rank: number, by: number, to: Float32Array): void {
	for (let out = 0, i = 0; i < b.length; out++) {
		const worker = out % tileRows;
		let at = (out - worker) * rank + worker;
		for (const end = i + rank; i < end; i++, at += tileRows) to[at] = (b[i] ?? 0) * by;
	}
}
