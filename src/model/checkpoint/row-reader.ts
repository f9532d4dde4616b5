/** @file Weights read piece by piece from their files, so that a large one is never in memory twice. */
import { sizeOf } from '../tensor.ts';
import type { StoredWeight, WeightStore } from '../weight-store.ts';
import type { ByteSource } from './byte-source.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { dequantize } from './gguf/dequantize.ts';
import { bytesOf } from './gguf/tensor-types.ts';
import { reorderRows } from './gguf/names.ts';

/** One weight and its position. */
export interface PlacedWeight extends StoredWeight {
	readonly source: ByteSource;
	readonly from: number;
	/** Rows of a head, if rows are stored in interleaved order. */
	readonly headSize?: number;
}

/** Bytes read at a time for dequantisation. */
const pieceBytes = 1 << 22;

/** A store over weights in one or several sources. */
export function placedWeights(placed: ReadonlyMap<string, PlacedWeight>): WeightStore {
	const find = (name: string): PlacedWeight => {
		const weight = placed.get(name);
		if (!weight) throw new CheckpointError(`The checkpoint has no weight "${name}".`);
		return weight;
	};
	return {
		stored: new Map([...placed].map(([name, { shape, form }]) => [name, { shape, form }])),
		async raw(name, signal) {
			const weight = find(name);
			const { rows, rowBytes } = rowsOf(weight);
			return await readRows(weight, 0, rows, rowBytes, signal);
		},
		async floats(name, signal) {
			const weight = find(name);
			const { rows, rowBytes } = rowsOf(weight);
			const values = new Float32Array(sizeOf(weight.shape));
			const width = values.length / Math.max(1, rows);
			const unit = weight.headSize ?? 1;
			const step = Math.max(1, Math.floor(pieceBytes / (rowBytes * unit))) * unit;
			for (let row = 0; row < rows; row += step) {
				signal?.throwIfAborted();
				const to = Math.min(rows, row + step);
				const piece = await readRows(weight, row, to, rowBytes, signal);
				values.set(dequantize(weight.form, piece), row * width);
			}
			return values;
		},
	};
}

/** Rows of a weight: a vector is one row; blocks run along rows, so a row is whole bytes. */
function rowsOf({ shape, form }: PlacedWeight): {
	readonly rows: number;
	readonly rowBytes: number;
} {
	const rows = shape.length > 1 ? sizeOf(shape.slice(0, -1)) : 1;
	return { rows, rowBytes: bytesOf(form, shape.at(-1) ?? 1) };
}

async function readRows(
	weight: PlacedWeight,
	first: number,
	end: number,
	rowBytes: number,
	signal?: AbortSignal,
): Promise<Uint8Array> {
	const { source, from, headSize } = weight;
	const bytes = await source.read(from + first * rowBytes, from + end * rowBytes, signal);
	if (bytes.length !== (end - first) * rowBytes)
		throw new CheckpointError(
			`${source.name} gave ${bytes.length} bytes where ${(end - first) * rowBytes} were asked for; open it again.`,
		);
	return headSize === undefined ? bytes : reorderRows(bytes, headSize, rowBytes, 'halves');
}
