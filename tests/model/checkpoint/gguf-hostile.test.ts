/** @file Broken and hostile GGUF files: one sentence each, no crash, no huge allocation. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { readGgufHeader } from '#model/checkpoint/gguf/header.ts';
import { openModelFiles } from '#model/checkpoint/open.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { UnsupportedModelError } from '#model/spec.ts';
import { ggufFixture } from '../../fixtures/gguf/load.ts';

/** A number of 8 bytes, a text, or raw bytes. */
type Part = bigint | string | readonly number[];

function file(...parts: readonly Part[]): Uint8Array {
	const bytes: number[] = [...new TextEncoder().encode('GGUF')];
	const put64 = (value: bigint) => {
		for (let i = 0n; i < 8n; i++) bytes.push(Number((value >> (8n * i)) & 255n));
	};
	for (const part of parts)
		if (typeof part === 'bigint') put64(part);
		else if (typeof part === 'string') {
			const text = new TextEncoder().encode(part);
			put64(BigInt(text.length));
			bytes.push(...text);
		} else bytes.push(...part);
	return Uint8Array.from(bytes);
}

const u32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
const v3 = u32(3);
const zeros = (count: number) => Array<number>(count).fill(0);

async function messageOf(bytes: Uint8Array): Promise<string> {
	try {
		await readGgufHeader(bytesSource('x.gguf', bytes));
	} catch (error) {
		if (error instanceof CheckpointError) return error.message;
		throw error;
	}
	return 'accepted';
}

/** A file of one tensor of this type, sizes and place. */
const tensor = (type: number, sizes: readonly bigint[], at = 0n, data = 64, name = 't') =>
	file(v3, 1n, 0n, name, u32(sizes.length), ...sizes, u32(type), at, zeros(data));

const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
	['nothing', new Uint8Array(0), /too short to be GGUF/],
	['another magic number', Uint8Array.from(zeros(64)), /does not begin with "GGUF"/],
	['version 1', file(u32(1), 0n, 0n), /version 1; versions 2 and 3/],
	['big-endian', file([0, 0, 0, 3], 0n, 0n), /big-endian/],
	['2⁶³ tensors', file(v3, 2n ** 63n, 0n), /number of tensors claims 9223372036854775808/],
	['2⁶⁴ − 1 entries', file(v3, 0n, 2n ** 64n - 1n), /number of metadata entries claims/],
	['more entries than bytes', file(v3, 0n, 60_000n), /shorter than its own table/],
	['a key of 2⁶⁰ bytes', file(v3, 0n, 1n, 2n ** 60n, zeros(40)), /length of a metadata key claims/],
	['an unknown type', file(v3, 0n, 1n, 'k', u32(13), zeros(20)), /"k" has the unknown type 13/],
	[
		'a list of 2⁴⁰ texts',
		file(v3, 0n, 1n, 'k', u32(9), u32(8), 2n ** 40n, zeros(20)),
		/length of metadata "k" claims/,
	],
	[
		'lists within lists',
		file(
			v3,
			0n,
			1n,
			'k',
			...Array.from({ length: 9 }, () => [u32(9), 1n] as const).flat(),
			zeros(99),
		),
		/list inside lists|unknown type|claims/,
	],
	['a truth of 7', file(v3, 0n, 1n, 'k', u32(7), [7], zeros(20)), /must be true or false, got 7/],
	['text that is not UTF-8', file(v3, 0n, 1n, 1n, [255], zeros(20)), /a metadata key is not UTF-8/],
	[
		'an entry twice',
		file(v3, 0n, 2n, 'k', u32(0), [1], 'k', u32(0), [1], zeros(20)),
		/names the metadata entry "k" twice/,
	],
	[
		'an alignment of 3',
		file(v3, 0n, 1n, 'general.alignment', u32(4), u32(3), zeros(20)),
		/general.alignment must be a multiple of 8/,
	],
	['five dimensions', tensor(0, [1n, 1n, 1n, 1n, 1n]), /has 5 dimensions/],
	['a size of 2⁶³', tensor(0, [2n ** 63n]), /a size claims/],
	['sizes whose product overflows', tensor(0, [2n ** 32n, 2n ** 32n, 2n ** 32n]), /is too large/],
	['a form that cannot be read', tensor(16, [256n]), /stored as IQ2_XXS; these can be read: F32/],
	['a form nobody knows', tensor(99, [1n]), /stored as number 99/],
	['a row of half a block', tensor(8, [48n]), /a row of 48 is not whole blocks of Q8_0/],
	['a tensor beyond the end', tensor(0, [1024n]), /the file is cut off/],
	['a place that is not aligned', tensor(0, [1n], 1n), /not a multiple of 32/],
	['a place beyond 2⁵³', tensor(0, [1n], 2n ** 60n), /its place claims/],
	[
		'a tensor twice',
		file(v3, 2n, 0n, 't', u32(0), u32(0), 0n, 't', u32(0), u32(0), 32n, zeros(99)),
		/names tensor "t" twice/,
	],
	[
		'tensors over each other',
		file(v3, 2n, 0n, 'a', u32(0), u32(0), 0n, 'b', u32(0), u32(0), 0n, zeros(99)),
		/tensor "b" lies over another/,
	],
];

describe('a hostile header', () => {
	it.each(cases)('is refused with %s', async (_, bytes, message) => {
		expect(await messageOf(bytes)).toMatch(message);
	});

	it('reads or refuses any damaged file, and never asks for more than there is', async () => {
		const good = await Promise.all(
			['metadata.gguf', 'llama-gqa.gguf'].map(async (name) => {
				const source = await ggufFixture(name);
				return await source.read(0, source.size);
			}),
		);
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...good),
				fc.array(fc.tuple(fc.nat(1400), fc.nat(255)), { maxLength: 5 }),
				fc.option(fc.nat()),
				async (bytes, changes, cut) => {
					const damaged = bytes.slice(0, cut === null ? bytes.length : cut % bytes.length);
					for (const [at, value] of changes)
						if (damaged.length > 0) damaged[at % damaged.length] = value;
					const inner = bytesSource('x.gguf', damaged);
					let read = 0;
					const source = {
						...inner,
						read: async (from: number, to: number) => {
							read += to - from;
							return await inner.read(from, to);
						},
					};
					try {
						await openModelFiles([source]);
					} catch (error) {
						const named =
							error instanceof CheckpointError || error instanceof UnsupportedModelError;
						if (!named) throw error;
					}
					expect(read).toBeLessThanOrEqual(2 * damaged.length + 64);
				},
			),
			{ numRuns: 400 },
		);
	});

	it('refuses every cut inside the header', async () => {
		const source = await ggufFixture('llama-gqa.gguf');
		const bytes = await source.read(0, source.size);
		for (let cut = 0; cut < bytes.length; cut += 97)
			expect(await messageOf(bytes.subarray(0, cut)), String(cut)).not.toBe('accepted');
	});
});
