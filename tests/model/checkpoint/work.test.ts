/** @file Model files that are valid and large to hold, or hold numbers out of range. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { readGgufHeader } from '#model/checkpoint/gguf/header.ts';
import { readPeftAdapter } from '#model/checkpoint/peft.ts';
import { readSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import { readSpec } from '#model/spec.ts';
import { tinySpec } from '../../fixtures/tiny-spec.ts';

const config = {
	architectures: ['LlamaForCausalLM'],
	vocab_size: 32,
	hidden_size: 16,
	intermediate_size: 24,
	num_hidden_layers: 1,
	num_attention_heads: 2,
};
const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

/** A GGUF of lists of one number type, each of `length`. */
function lists(count: number, type: number, width: number, length: number): Uint8Array {
	const pair = 8 + 2 + 4 + 4 + 8 + length * width;
	const bytes = new Uint8Array(24 + count * pair);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, 0x46554747, true);
	view.setUint32(4, 3, true);
	view.setUint32(16, count, true);
	for (let i = 0; i < count; i++) {
		const at = 24 + i * pair;
		view.setUint32(at, 2, true);
		bytes.set([65 + i, 65], at + 8);
		view.setUint32(at + 10, 9, true);
		view.setUint32(at + 14, type, true);
		view.setUint32(at + 18, length, true);
	}
	return bytes;
}

describe('a GGUF of long lists', () => {
	it('of bytes takes no more memory than its bytes', async () => {
		const bytes = lists(24, 0, 1, 1 << 22);
		const before = process.memoryUsage();
		const { metadata } = await readGgufHeader(bytesSource('x.gguf', bytes));
		const after = process.memoryUsage();
		expect(metadata.get('AA')).toBeInstanceOf(Uint8Array);
		const more = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
		expect(more).toBeLessThan(1.5 * bytes.length);
	});

	it('of empty lists is refused by the memory that they would take', async () => {
		const bytes = lists(4, 9, 12, 500_000);
		await expect(readGgufHeader(bytesSource('x.gguf', bytes))).rejects.toThrow(
			'x.gguf: its header takes more than 256 MB of memory',
		);
	});
});

describe('numbers out of range', () => {
	it.each([
		['rms_norm_eps', [-1, 0, Infinity, NaN, '1e-6', 2]],
		['rope_theta', [0, -1, Infinity, '10000']],
		['eos_token_id', [1.5, 32, Infinity, [99]]],
	])('%s are refused by name', (name, values) => {
		for (const value of values)
			expect(() => readSpec({ ...config, [name]: value })).toThrow(`config.json: ${name} must be`);
		expect(
			readSpec({ ...config, rms_norm_eps: 1e-5, rope_theta: 1e6, eos_token_id: 31 }),
		).toMatchObject({
			normEpsilon: 1e-5,
			ropeTheta: 1e6,
			endToken: 31,
		});
	});
});

describe('a value nested 10,000 deep is refused by name', () => {
	it.each(['hidden_size', 'rms_norm_eps', 'rope_theta', 'rope_scaling', 'architectures'])(
		'in config.json: %s',
		(name) => {
			const value = name === 'rope_scaling' ? { rope_type: deep(10_000) } : deep(10_000);
			expect(() => readSpec({ ...config, [name]: value })).toThrow(/^config\.json: .{1,400}$/);
		},
	);

	it('in an adapter', async () => {
		const json = `{"peft_type":"LORA","r":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
		const read = () => Promise.resolve(new TextEncoder().encode(json));
		await expect(readPeftAdapter(read, tinySpec([...'abc']))).rejects.toThrow(
			/^adapter_config\.json: r must be/,
		);
	});

	it('in a header of safetensors', () => {
		const json = `{"w":{"dtype":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`;
		const bytes = new Uint8Array(8 + json.length);
		new DataView(bytes.buffer).setUint32(0, json.length, true);
		bytes.set(new TextEncoder().encode(json), 8);
		expect(() => readSafetensors(bytes)).toThrow(/tensor "w" has dtype \[\[\[\[…/);
	});
});
