/** @file Hashes, seals, names and lines: what the stores put on disk. */
import { fromJson, toJson } from '#storage/runs/json.ts';
import {
	fileReference,
	filesNamedBy,
	flatName,
	isFileName,
	nameOfFlat,
} from '#storage/runs/references.ts';
import { sealOf, unseal } from '#storage/files/seal.ts';
import { sha256, startSha256 } from '#storage/files/sha256.ts';
import { crc32 } from '#storage/files/crc32.ts';
import { asStoreError } from '#storage/files/errors.ts';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { expectCode } from '../../contracts/store-samples.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

test('SHA-256 in pieces gives the standard test values', () => {
	const of = (...pieces: string[]) => {
		const hash = startSha256();
		for (const piece of pieces) hash.update(utf8(piece));
		return hash.finish();
	};
	expect(of('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
	expect(of()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
	expect(of('abcdbcdecdefdefgefghfghighijhijkijkl', 'jklmklmnlmnomnopnopq')).toBe(
		'248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
	);
});

test('SHA-256 agrees with the system however the bytes are cut', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }),
			async (pieces) => {
				const whole = Buffer.concat(pieces);
				const hash = startSha256();
				for (const piece of pieces) hash.update(piece);
				const expected = createHash('sha256').update(whole).digest('hex');
				expect(hash.finish()).toBe(expected);
				expect(await sha256(whole)).toBe(expected);
			},
		),
		{ numRuns: 300 },
	);
});

test('CRC-32 gives the standard test value', () => {
	expect(crc32(utf8('123456789'))).toBe(0xcbf43926);
});

test('a seal holds for its bytes and for no others', async () => {
	const bytes = utf8('weights');
	const sealed = new Uint8Array([...(await sealOf(bytes)), ...bytes]);
	expect(await unseal('x', sealed)).toEqual(bytes);
	for (let at = 0; at < sealed.length; at++) {
		const changed = sealed.slice();
		changed[at] = (changed[at] ?? 0) ^ 4;
		await expectCode(unseal('x', changed), 'corrupt');
		await expectCode(unseal('x', sealed.subarray(0, at)), 'corrupt');
	}
});

test('JSON keeps every number and refuses bytes', () => {
	const number = fc.double().map((x) => (x === 0 ? 0 : x)); // JSON has no −0
	const data = fc.dictionary(fc.string(), fc.oneof(number, fc.string(), fc.array(number)));
	fc.assert(
		fc.property(data, (value) => {
			expect(fromJson(toJson(value))).toEqual({ ...value });
		}),
	);
	const numbers = [Number.NaN, Infinity, -Infinity, 0.1, 5e-324, { $number: 'other' }];
	expect(fromJson(toJson(numbers))).toEqual(numbers);
	expect(() => toJson({ weights: new Float32Array(2) })).toThrow(TypeError);
});

test('a run names files by references anywhere in its state', () => {
	const state = {
		a: [fileReference('x/y.bin'), { b: fileReference('z'), c: 'file:../bad', d: 'profile:z' }],
		e: fileReference('z'),
	};
	expect(filesNamedBy({ state })).toEqual(['x/y.bin', 'z']);
	const deep = Array.from({ length: 200_000 }).reduce<unknown>(
		(inner) => [inner],
		fileReference('deep'),
	);
	expect(filesNamedBy({ state: deep })).toEqual(['deep']);
});

test('flat names can be undone', () => {
	fc.assert(
		fc.property(fc.string({ maxLength: 30 }).filter(isFileName), (name) => {
			expect(nameOfFlat(flatName(name))).toBe(name);
		}),
	);
	expect(nameOfFlat(flatName('weights/a.b-c_d'))).toBe('weights/a.b-c_d');
});

test('"no room" is recognised under every name that browsers and systems have for it', () => {
	const named = (name: string, more: object = {}) =>
		Object.assign(new Error('x'), { name, ...more });
	const faults = [
		new DOMException('x', 'QuotaExceededError'),
		Object.assign(new Error('x'), { code: 'ENOSPC' }),
		named('AbortError', { inner: new DOMException('x', 'QuotaExceededError') }),
		named('BulkError', { failures: [named('QuotaExceededError')] }),
		new Error('outer', { cause: new DOMException('x', 'QuotaExceededError') }),
	];
	expect(faults.map((fault) => asStoreError(fault, 'keep this').code)).toEqual(
		faults.map(() => 'full'),
	);
	expect(asStoreError(new Error('x'), 'keep this').code).toBe('not-available');
	expect(asStoreError(faults[0], 'keep this step').message).toMatch(/keep this step: delete runs/);
});
