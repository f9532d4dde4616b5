/** @file Archives with random accidents: noticed, or without consequence; never anything in between. */
import { readArchive } from '#storage/archive/archive.ts';
import { StoreError } from '#storage/runs/store.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectCode } from '../../contracts/store-samples.ts';
import { archive, forged, run } from './archive-sample.ts';

const original = await readArchive(archive);

describe('an archive with an accident', () => {
	/** Refused, or (where a byte means nothing) read as it was. */
	const isHarmless = async (bytes: Uint8Array): Promise<void> => {
		try {
			expect(await readArchive(bytes)).toEqual(original);
		} catch (error) {
			if (!(error instanceof StoreError)) throw error;
			expect(error.code).toBe('corrupt');
		}
	};

	test('at any byte is noticed, or does not matter', async () => {
		const change = fc.tuple(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }));
		await fc.assert(
			fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
				const bytes = archive.slice();
				for (const [at, bits] of changes) bytes[at] = (bytes[at] ?? 0) ^ bits;
				await isHarmless(bytes);
			}),
			{ numRuns: 400 },
		);
	});

	test('in its table of contents is noticed, or does not matter, at every single byte', async () => {
		for (let at = archive.length - 300; at < archive.length; at++)
			for (const bits of [1, 0x80, 0xff]) {
				const bytes = archive.slice();
				bytes[at] = (bytes[at] ?? 0) ^ bits;
				await isHarmless(bytes);
			}
	});

	test('that cuts it short anywhere is refused', async () => {
		await fc.assert(
			fc.asyncProperty(fc.nat(archive.length - 1), async (length) => {
				await expectCode(readArchive(archive.subarray(0, length)), 'corrupt');
			}),
			{ numRuns: 300 },
		);
	});

	test('with any other JSON in any place of the manifest or a row never gives anything but a run or a refusal', async () => {
		const sample = await forged(() => ({}));
		expect((await readArchive(sample)).run).toEqual(run);
		await fc.assert(
			fc.asyncProperty(fc.nat(), fc.jsonValue(), fc.boolean(), async (place, value, inRow) => {
				const bytes = await forged(({ manifest, rows: lines }) => {
					const [first = '', ...rest] = String(lines).split('\n');
					const target: unknown = inRow ? JSON.parse(first) : structuredClone(manifest);
					replaceLeaf(target, place, value);
					return inRow
						? { rows: [JSON.stringify(target), ...rest].join('\n') }
						: { manifest: target };
				});
				try {
					const read = await readArchive(bytes);
					expect(typeof read.run.recipe.method).toBe('string');
					expect(read.rows.every((row) => typeof row.text === 'string')).toBe(true);
				} catch (error) {
					if (!(error instanceof StoreError)) throw error;
					expect(error.code).toBe('corrupt');
				}
			}),
			{ numRuns: 400 },
		);
	});
});

/** Puts `value` in the place of one of the properties, however deep. */
function replaceLeaf(target: unknown, place: number, value: unknown): void {
	const places: (readonly [object, string])[] = [];
	const walk = (node: unknown): void => {
		if (typeof node !== 'object' || node === null) return;
		for (const [key, item] of Object.entries(node)) {
			places.push([node, key]);
			walk(item);
		}
	};
	walk(target);
	const [owner, key] = places[place % places.length] ?? [{}, ''];
	Reflect.set(owner, key, value);
}
