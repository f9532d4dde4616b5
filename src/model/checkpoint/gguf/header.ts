/**
 * @file Header of a GGUF file: metadata and tensor positions, read in windows and fully validated.
 *
 * Layout (ggml's docs/gguf.md): magic, version, two counts, key–value pairs, tensor infos, padding, tensor data.
 */
import { workBudget } from '#base/untrusted/budget.ts';
import { workLimits } from '#base/limits.ts';
import { quote } from '#base/untrusted/quote.ts';
import { sizeOf } from '../../tensor.ts';
import type { WeightForm } from '../../weight-store.ts';
import type { ByteSource } from '../byte-source.ts';
import { CheckpointError } from '../checkpoint-error.ts';
import { openCursor, type Cursor } from './cursor.ts';
import { bytesOf, formOf, layouts, nameOfType } from './tensor-types.ts';
import { readValue, type GgufMetadata, type GgufType, type GgufValue } from './values.ts';

export type { GgufMetadata, GgufValue } from './values.ts';

/** Position and type of a tensor. */
export interface GgufTensor {
	/** Row-major, the slowest dimension first: the reverse of the file's order. */
	readonly shape: readonly number[];
	readonly form: WeightForm;
	/** First byte, and the one after the last, from the start of the file. */
	readonly from: number;
	readonly to: number;
}

/** Contents of a GGUF header. */
export interface GgufHeader {
	readonly metadata: GgufMetadata;
	/** Type of each metadata value, to write it again unchanged. */
	readonly types: ReadonlyMap<string, GgufType>;
	readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** "GGUF", little-endian. */
export const magic = 0x46554747;

/** Real headers stay below 40 MB (a vocabulary of 262k tokens with its merges). */
const headerLimit = 1 << 27;
const entryLimit = 1 << 16;
/** Minimum bytes of a tensor info, and of a key–value pair. */
const leastTensor = 8 + 4 + 4 + 8;
const leastPair = 8 + 4 + 1;

/** Reads and validates a header, and nothing after it. */
export async function readGgufHeader(
	source: ByteSource,
	signal?: AbortSignal,
): Promise<GgufHeader> {
	const fail: Fail = (problem) => {
		throw new CheckpointError(`${source.name}: ${problem}`);
	};
	const cursor = openCursor(source, headerLimit, signal);
	await readVersion(cursor, fail);
	const tensorCount = await cursor.count('the number of tensors', entryLimit);
	const pairCount = await cursor.count('the number of metadata entries', entryLimit);
	if (tensorCount * leastTensor + pairCount * leastPair > cursor.left)
		fail('is shorter than its own table of contents; copy or download it again.');

	const budget = workBudget(
		workLimits.ggufHeader,
		`${source.name}: its header`,
		'use a file with less metadata.',
	);
	const metadata = new Map<string, GgufValue>();
	const types = new Map<string, GgufType>();
	for (let i = 0; i < pairCount; i++) {
		const key = await cursor.text('a metadata key');
		if (metadata.has(key)) fail(`names the metadata entry ${quote(key)} twice.`);
		const { type, value } = await readValue({ cursor, budget, fail }, `metadata ${quote(key)}`);
		metadata.set(key, value);
		types.set(key, type);
	}
	const alignment = metadata.get('general.alignment') ?? 32;
	if (typeof alignment !== 'number' || alignment < 8 || alignment > 65536 || alignment % 8 !== 0)
		return fail(`general.alignment must be a multiple of 8 up to 65536, got ${quote(alignment)}.`);
	const infos: (Omit<GgufTensor, 'to'> & { readonly name: string })[] = [];
	for (let i = 0; i < tensorCount; i++) infos.push(await readTensorInfo(cursor, alignment, fail));
	const start = Math.ceil(cursor.position / alignment) * alignment;
	return { metadata, types, tensors: placeTensors(infos, start, source.size, fail) };
}

type Fail = (problem: string) => never;

async function readVersion(cursor: Cursor, fail: Fail): Promise<void> {
	if (cursor.left < 24) fail(`is too short to be GGUF (${cursor.left} bytes).`);
	if ((await cursor.u32('the magic number')) !== magic)
		fail('does not begin with "GGUF"; this is not a GGUF file.');
	const version = await cursor.u32('the version');
	if (version === 0x02000000 || version === 0x03000000)
		fail('is big-endian GGUF; convert it to the little-endian form.');
	if (version !== 2 && version !== 3)
		fail(`is GGUF version ${version}; versions 2 and 3 can be read: convert it again.`);
}

async function readTensorInfo(
	cursor: Cursor,
	alignment: number,
	fail: Fail,
): Promise<Omit<GgufTensor, 'to'> & { readonly name: string }> {
	const name = await cursor.text('a tensor name');
	const what = `tensor ${quote(name)}`;
	const rank = await cursor.u32(what);
	if (rank > 4) fail(`${what} has ${rank} dimensions; 4 are allowed.`);
	const shape: number[] = [];
	for (let i = 0; i < rank; i++) shape.unshift(await cursor.count(`${what}: a size`, 2 ** 32));
	const id = await cursor.u32(what);
	const form = formOf(id);
	if (!form)
		return fail(
			`${what} is stored as ${nameOfType(id)}; these can be read: ${Object.keys(layouts).join(', ')}. Choose a file of such a kind.`,
		);
	const row = shape.at(-1) ?? 1;
	if (row % layouts[form].values !== 0)
		fail(`${what}: a row of ${row} is not whole blocks of ${form} (${layouts[form].values}).`);
	if (!Number.isSafeInteger(sizeOf(shape) * 4))
		fail(`${what}: [${shape.join(', ')}] is too large.`);
	const from = await cursor.count(`${what}: its place`, Number.MAX_SAFE_INTEGER);
	if (from % alignment !== 0) fail(`${what} lies at ${from}, not a multiple of ${alignment}.`);
	return { name, shape, form, from };
}

/** Offsets from the start of the file; checks that every tensor is inside it and none overlap. */
function placeTensors(
	infos: readonly (Omit<GgufTensor, 'to'> & { readonly name: string })[],
	start: number,
	size: number,
	fail: Fail,
): ReadonlyMap<string, GgufTensor> {
	const tensors = new Map<string, GgufTensor>();
	for (const { name, shape, form, from } of infos) {
		const what = `tensor ${quote(name)}`;
		if (tensors.has(name)) fail(`names ${what} twice.`);
		const to = start + from + bytesOf(form, sizeOf(shape));
		if (to > size)
			fail(`${what} ends at byte ${to} of ${size}: the file is cut off; download it again.`);
		tensors.set(name, { shape, form, from: start + from, to });
	}
	let last = 0;
	for (const [name, { from, to }] of [...tensors].sort((a, b) => a[1].from - b[1].from)) {
		if (from < last && to > from) fail(`tensor ${quote(name)} lies over another one.`);
		last = Math.max(last, to);
	}
	return tensors;
}
