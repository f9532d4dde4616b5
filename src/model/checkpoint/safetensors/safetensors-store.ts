/** @file Weight store over one or several safetensors files. */
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import type { WeightStore } from '#model/weight-store.ts';
import type { ByteSource } from '../byte-source.ts';
import { CheckpointError } from '../checkpoint-error.ts';
import { parseJson } from '../json.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { wantTensor } from '../pick.ts';
import { placedWeights, type PlacedWeight } from '../row-reader.ts';
import { headerLimit, isDtype, readLayout, unreadable } from './safetensors.ts';
import { withHeadOf } from './separate-head.ts';
import { readWhole } from '../sources/memory.ts';

const indexLimit = 64 << 20;

/** A tensor of a number format that no weight may have; an error once it is asked for. */
interface Unreadable {
	readonly dtype: string;
}

/** Positions of the tensors of one file; only its header is read. */
async function readSafetensorsPlaces(
	source: ByteSource,
	signal?: AbortSignal,
): Promise<Map<string, PlacedWeight | Unreadable>> {
	const fail = (problem: string): never => {
		throw new CheckpointError(`${source.name}: ${problem}`);
	};
	if (source.size < 8) fail(`too short to be safetensors (${source.size} bytes).`);
	const start = await source.read(0, 8, signal);
	const length = Number(
		new DataView(start.buffer, start.byteOffset, start.byteLength).getBigUint64(0, true),
	);
	if (length > headerLimit)
		fail(
			`its header claims ${length} bytes, more than the ${headerLimit} that are allowed; this is not a safetensors file.`,
		);
	if (8 + length > source.size) fail('is cut off inside its header; copy or download it again.');
	const body = 8 + length;
	const { entries } = readLayout(
		await source.read(8, body, signal),
		source.size - body,
		source.name,
	);
	return new Map(
		entries.map(({ name, shape, dtype, begin }) => [
			name,
			isDtype(dtype) ? { shape, form: dtype, source, from: body + begin } : { dtype },
		]),
	);
}

/** Shard file names in an index. */
export async function readShardIndex(
	index: ByteSource,
	signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
	const json = parseJson(await readWhole(index, indexLimit, signal), index.name);
	const map = isRecord(json) ? json['weight_map'] : undefined;
	if (!isRecord(map) || Object.values(map).some((file) => typeof file !== 'string'))
		throw new CheckpointError(`${index.name}: weight_map must say which file each tensor is in.`);
	return new Map(Object.entries(map as Record<string, string>));
}

interface StoreOptions {
	/** File by tensor, from the index. */
	readonly shards?: ReadonlyMap<string, string>;
	readonly signal?: AbortSignal;
}

/** Exactly the weights of the spec from one file, or from the files in `shards`; others are ignored. */
export async function safetensorsWeights(
	files: readonly ByteSource[],
	spec: ModelSpec,
	options: StoreOptions = {},
): Promise<WeightStore> {
	return weightsOf(await openTensors(files, options), spec);
}

/** The same, with the spec corrected by what the files hold. */
export async function safetensorsModel(
	files: readonly ByteSource[],
	stated: ModelSpec,
	options: StoreOptions = {},
): Promise<{ readonly spec: ModelSpec; readonly weights: WeightStore }> {
	const tensors = await openTensors(files, options);
	const spec = await withHeadOf(stated, tensors, options.signal);
	return { spec, weights: weightsOf(tensors, spec) };
}

/** Tensors by name over all files. */
interface Tensors {
	get(name: string): PlacedWeight | undefined;
	/** The file that holds the tensor; for messages. */
	fileOf(name: string): string;
}

async function openTensors(
	files: readonly ByteSource[],
	{ shards, signal }: StoreOptions,
): Promise<Tensors> {
	const byFile = new Map<string, ReadonlyMap<string, PlacedWeight | Unreadable>>();
	for (const file of files) byFile.set(file.name, await readSafetensorsPlaces(file, signal));
	const [only] = byFile.keys();
	const fileOf = (name: string) => (shards ? shards.get(name) : only);
	return {
		get: (name) => {
			const file = fileOf(name);
			const tensors = byFile.get(file ?? '');
			if (file !== undefined && !tensors)
				throw new CheckpointError(`${file}, which holds "${name}", is missing; add it.`);
			const found = tensors?.get(name);
			if (found && 'dtype' in found)
				throw new CheckpointError(`${String(file)}: ${unreadable(name, found.dtype)}`);
			return found;
		},
		fileOf: (name) => fileOf(name) ?? 'The index',
	};
}

function weightsOf(tensors: Tensors, spec: ModelSpec): WeightStore {
	const placed = new Map<string, PlacedWeight>();
	for (const [name, shape] of weightShapes(spec))
		placed.set(name, wantTensor(tensors.get(name), [name, shape], tensors.fileOf(name)));
	return placedWeights(placed);
}
