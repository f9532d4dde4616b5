/** @file Safetensors: the same bytes as Python, and a clear sentence for every broken or hostile file. */
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { readSafetensors, writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import type { Tensor } from '#model/tensor.ts';
import { modelNames, readFixtureFile } from '../fixtures/transformer/load.ts';

const recorded = async (name: string) =>
	new Uint8Array(await readFile(new URL(`../fixtures/checkpoint/${name}`, import.meta.url)));

/** A file with this header text and body. */
function file(header: string, body = new Uint8Array(0), headerLength?: number): Uint8Array {
	const text = new TextEncoder().encode(header);
	const bytes = new Uint8Array(8 + text.length + body.length);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? text.length), true);
	bytes.set(text, 8);
	bytes.set(body, 8 + text.length);
	return bytes;
}

const messageOf = (bytes: Uint8Array): string => {
	try {
		readSafetensors(bytes);
	} catch (error) {
		if (error instanceof CheckpointError) return error.message;
		throw error;
	}
	return 'accepted';
};

describe('files from Python', () => {
	it('reads F32, scalars, empty tensors and any name', async () => {
		const { tensors, metadata } = readSafetensors(await recorded('f32.safetensors'));
		expect(metadata).toEqual(new Map([['format', 'pt']]));
		expect(tensors.get('scalar')).toEqual({ shape: [], data: Float32Array.of(1.1) });
		expect(tensors.get('empty')).toEqual({ shape: [0, 3], data: new Float32Array(0) });
		expect(tensors.get('usual')?.shape).toEqual([40, 50, 2]);
		expect(tensors.get('größe.重み."quoted"\\')?.data).toEqual(
			Float32Array.from({ length: 6 }, (_, i) => i / 7),
		);
	});

	it.each(['F32', 'F16', 'BF16'] as const)(
		'writes the bytes that Python writes in %s, rounding as torch rounds',
		async (dtype) => {
			const { tensors } = readSafetensors(await recorded('f32.safetensors'));
			const bytes = await recorded(`${dtype.toLowerCase()}.safetensors`);
			expect(writeSafetensors(tensors, { dtype })).toEqual(bytes);
			expect(writeSafetensors(readSafetensors(bytes).tensors, { dtype })).toEqual(bytes);
		},
	);

	it.each(modelNames)('writes the bytes of %s again', async (name) => {
		for (const part of ['model.safetensors', 'adapter/adapter_model.safetensors']) {
			const bytes = await readFixtureFile(name, part);
			expect(writeSafetensors(readSafetensors(bytes).tensors)).toEqual(bytes);
		}
	});

	it('names a number format it cannot read', async () => {
		expect(messageOf(await recorded('int64.safetensors'))).toBe(
			'model.safetensors: tensor "counts" has dtype "I64"; these can be read: F32, F16, BF16.',
		);
	});
});

describe('writing', () => {
	it('gives back any tensors and metadata', () => {
		const names = fc.string({ unit: 'grapheme' }).filter((name) => !/^(__|proto|const)/.test(name));
		const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) =>
			fc
				.array(fc.float(), {
					minLength: shape.reduce((n, d) => n * d, 1),
					maxLength: shape.reduce((n, d) => n * d, 1),
				})
				.map((values): Tensor => ({ shape, data: Float32Array.from(values) })),
		);
		fc.assert(
			fc.property(
				fc.array(fc.tuple(names, tensor), { maxLength: 6 }),
				fc.dictionary(names, fc.string(), { noNullPrototype: true }),
				(entries, metadata) => {
					const tensors = new Map(entries);
					const bytes = writeSafetensors(tensors, { metadata });
					const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
					expect(headerLength % 8).toBe(0);
					// In the middle of a larger buffer, at an odd place.
					const inside = new Uint8Array(bytes.length + 9);
					inside.set(bytes, 3);
					const back = readSafetensors(inside.subarray(3, 3 + bytes.length));
					expect(back.tensors).toEqual(tensors);
					expect(Object.fromEntries(back.metadata)).toEqual(metadata);
				},
			),
		);
	});

	it('refuses values that do not fit the shape, and names that are not for tensors', () => {
		const data = new Float32Array(3);
		expect(() => writeSafetensors(new Map([['w', { shape: [2], data }]]))).toThrow(
			'Tensor "w" has 3 values, but its shape is [2].',
		);
		for (const name of ['__metadata__', '__proto__'])
			expect(() => writeSafetensors(new Map([[name, { shape: [3], data }]]))).toThrow(
				CheckpointError,
			);
	});
});

describe('broken and hostile files', () => {
	const w = (rest: string, name = 'w') => `{"${name}":{"dtype":"F32",${rest}}}`;
	const eight = new Uint8Array(8);
	const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
		['nothing', new Uint8Array(0), /too short/],
		['seven bytes', new Uint8Array(7), /too short/],
		['a header longer than the file', file('{}', eight, 99), /cut off inside its header/],
		['a header of 2⁶³ bytes', file('{}', eight, 2 ** 63), /not a safetensors file/],
		['a header just over 100 MB', file('{}', eight, 100_000_001), /more than the 100000000/],
		['a header that is no object', file('[1]'), /does not start with "\{"/],
		['a header of spaces first', file(' {}'), /does not start with "\{"/],
		['bad JSON', file('{"w":'), /not valid JSON/],
		['JSON nested without end', file(`{"w":${'['.repeat(1e6)}`), /not valid JSON/],
		['bytes that are not UTF-8', file('{"w":1}').fill(0xff, 10, 11), /not UTF-8/],
		['a tensor that is a number', file('{"w":1}'), /tensor "w" must be described/],
		['a tensor that is a list', file('{"w":[]}'), /tensor "w" must be described/],
		['no dtype', file('{"w":{"shape":[],"data_offsets":[0,4]}}'), /has dtype undefined/],
		['a dtype from a prototype', file('{"w":{"dtype":"toString"}}'), /has dtype "toString"/],
		['no shape', file(w('"data_offsets":[0,8]'), eight), /shape must be/],
		['a negative size', file(w('"shape":[-2],"data_offsets":[0,8]'), eight), /shape must be/],
		['half a size', file(w('"shape":[0.5],"data_offsets":[0,2]'), eight), /shape must be/],
		['a size as text', file(w('"shape":["2"],"data_offsets":[0,8]'), eight), /shape must be/],
		['three offsets', file(w('"shape":[2],"data_offsets":[0,4,8]'), eight), /data_offsets must/],
		['negative offsets', file(w('"shape":[2],"data_offsets":[-8,0]'), eight), /data_offsets must/],
		['offsets backwards', file(w('"shape":[2],"data_offsets":[8,0]'), eight), /hold -8 bytes/],
		['huge offsets', file(w('"shape":[2],"data_offsets":[0,1e300]'), eight), /data_offsets must/],
		['a shape of other size', file(w('"shape":[3],"data_offsets":[0,8]'), eight), /needs 12/],
		[
			'a shape whose size overflows',
			file(w('"shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]')),
			/is too large/,
		],
		['data cut off', file(w('"shape":[4],"data_offsets":[0,16]'), eight), /is cut off/],
		[
			'a gap in front',
			file(w('"shape":[1],"data_offsets":[4,8]'), eight),
			/starts at byte 4 where 0/,
		],
		[
			'bytes left over',
			file(w('"shape":[1],"data_offsets":[0,4]'), eight),
			/has 4 bytes that belong/,
		],
		[
			'overlapping tensors',
			file(
				'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
				new Uint8Array(4),
			),
			/tensor "b" starts at byte 0 where 4/,
		],
		[
			'a gap between tensors',
			file(
				'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}',
				new Uint8Array(12),
			),
			/tensor "b" starts at byte 8 where 4/,
		],
		['a tensor named twice', file('{"w":1,"w":2}'), /names "w" twice/],
		['a name twice, once escaped', file('{"w":1,"\\u0077":2}'), /names "w" twice/],
		['a field twice', file('{"w":{"dtype":"F32","dtype":"F16"}}'), /names "dtype" twice/],
		[
			'a tensor called __proto__',
			file(w('"shape":[2],"data_offsets":[0,8]', '__proto__'), eight),
			/may not be called "__proto__"/,
		],
		[
			'a tensor called constructor',
			file(w('"shape":[2],"data_offsets":[0,8]', 'constructor'), eight),
			/may not be called "constructor"/,
		],
		[
			'fields inherited through __proto__',
			file('{"w":{"__proto__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}', eight),
			/has dtype undefined/,
		],
		['metadata that is not text', file('{"__metadata__":{"a":1}}'), /__metadata__ must map/],
		['metadata that is a list', file('{"__metadata__":["a"]}'), /__metadata__ must map/],
	];

	it.each(cases)('refuses %s', (_, bytes, message) => {
		expect(messageOf(bytes)).toMatch(message);
		expect(Object.prototype).not.toHaveProperty('dtype');
	});

	it('keeps a metadata entry called __proto__ as a mere entry', () => {
		const { metadata } = readSafetensors(file('{"__metadata__":{"__proto__":"x"}}'));
		expect([...metadata]).toEqual([['__proto__', 'x']]);
	});

	it('reads or refuses any damaged file, and never fails otherwise', async () => {
		const good = await readFixtureFile('llama-gqa', 'adapter/adapter_model.safetensors');
		const small = file(w('"shape":[2],"data_offsets":[0,8]'), eight);
		fc.assert(
			fc.property(
				fc.constantFrom(good, small),
				fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
				fc.nat(),
				fc.boolean(),
				(bytes, changes, cut, cuts) => {
					const damaged = bytes.slice(0, cuts ? cut % bytes.length : bytes.length);
					for (const [at, value] of changes)
						if (damaged.length > 0) damaged[at % Math.min(damaged.length, 400)] = value;
					const message = messageOf(damaged);
					if (cuts && changes.length === 0) expect(message).not.toBe('accepted');
				},
			),
			{ numRuns: 500 },
		);
	});

	it('reads or refuses any header made of plausible parts', () => {
		const count = fc.oneof(fc.nat(12), fc.constantFrom(-1, 0.5, 2 ** 53, 1e300, null, '4'));
		const entry = fc.record(
			{
				dtype: fc.constantFrom('F32', 'F16', 'BF16', 'F64', 1),
				shape: fc.oneof(fc.array(count, { maxLength: 3 }), fc.constant(null)),
				data_offsets: fc.oneof(fc.tuple(count, count), fc.array(count)),
			},
			{ requiredKeys: [] },
		);
		const header = fc.dictionary(fc.constantFrom('a', 'b', '__metadata__', '__proto__'), entry);
		fc.assert(
			fc.property(header, fc.nat(24), (entries, size) => {
				const bytes = file(JSON.stringify(entries), new Uint8Array(size));
				if (messageOf(bytes) !== 'accepted') return;
				const total = [...readSafetensors(bytes).tensors.values()].reduce(
					(n, t) => n + t.data.length,
					0,
				);
				expect(total).toBeLessThanOrEqual(size / 2);
			}),
			{ numRuns: 2000 },
		);
	});
});
