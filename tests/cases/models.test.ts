/** @file Model files as people bring them: the answers are transformers', or the sentence says what is wrong. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pickFiles } from '#library/add-model.ts';
import { chatMl } from '#model/chat-template.ts';
import { openChatModel } from '#model/open-model.ts';
import { writeConfig } from '#model/checkpoint/export.ts';
import { readGgufHeader, type GgufHeader } from '#model/checkpoint/gguf/header.ts';
import { readGgufSpec } from '#model/checkpoint/gguf/config.ts';
import { readSafetensors, writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { caseFile, expected, modelFolder, run, temporaryFolder } from './folder.ts';

const weights = readSafetensors(await readFile(caseFile('tiny-llama/model.safetensors'))).tensors;
const head = readSafetensors(await readFile(caseFile('lm_head.safetensors'))).tensors;
const ropeGguf = caseFile('gguf/rope-linear-legacy-scale_linear.gguf');

const config = JSON.parse(await readFile(caseFile('tiny-llama/config.json'), 'utf8')) as Record<
	string,
	unknown
>;
const changed = (changes: Readonly<Record<string, unknown>>): string =>
	JSON.stringify({ ...config, ...changes });

const ask = async (model: string, ...more: readonly string[]) => {
	const { code, err, events } = await run(
		...['chat', '--model', model, '--raw', '--prompt', 'Hello and the', '--max-tokens', '6'],
		...['--form', 'f32', '--threads', '1', '--json', ...more],
	);
	const [answer] = events as readonly { tokens: number[]; logprobs: number[] }[];
	return { code, err, answer };
};

/** Tokens alike, and log-probabilities within 0.03. */
async function answersAs(name: string, model: string, ...more: readonly string[]) {
	const { code, err, answer } = await ask(model, ...more);
	const right = expected.greedy[name];
	expect({ code, err, tokens: answer?.tokens }).toEqual({
		code: 0,
		err: [],
		tokens: right?.tokens,
	});
	right?.logprobs.forEach((logprob, i) => {
		expect(Math.abs((answer?.logprobs[i] ?? NaN) - logprob)).toBeLessThan(0.03);
	});
}

describe('a separate head beside a config that says it is tied', () => {
	test('answers, and is exported', async () => {
		const model = await modelFolder({
			'model.safetensors': writeSafetensors(new Map([...weights, ...head])),
		});
		await answersAs('tied-config-with-separate-head', model);
		const out = join(await temporaryFolder(), 'out.gguf');
		const { code, err } = await run(
			...['export', '--model', model, '--format', 'gguf-f16', '--out', out],
		);
		expect({ code, err }).toEqual({ code: 0, err: [] });
		const header = await readGgufHeader(bytesSource('out.gguf', await readFile(out)));
		expect(header.tensors.has('output.weight')).toBe(true);
	});

	test('is none if it is the embedding table written twice', async () => {
		const table = weights.get('model.embed_tokens.weight');
		if (!table) throw new Error('no table');
		const twice = writeSafetensors(new Map([...weights, ['lm_head.weight', table] as const]));
		await answersAs('model-and-consolidated', await modelFolder({ 'model.safetensors': twice }));
	});
});

describe('an adapter that leaves out modules', () => {
	test.each(['exclude-modules', 'layers-to-transform'])('answers: %s', async (name) => {
		const folder = caseFile(`adapters/${name}`);
		await answersAs(`adapter ${name}`, await modelFolder(), '--adapter', folder);
	});
});

describe('files beside those of the model', () => {
	const wrong = writeSafetensors(new Map([['w', { shape: [1], data: new Float32Array(1) }]]));
	test.each<[string, Readonly<Record<string, string | Uint8Array>>]>([
		['the layout of another library', { 'consolidated.safetensors': wrong }],
		['an optimizer', { 'optimizer.safetensors': wrong, 'optimizer.pt': wrong }],
		['an adapter', { 'adapter_model.safetensors': wrong, 'adapter_config.json': '{}' }],
		['a GGUF of it', { 'half.gguf': wrong }],
		['an index that was left behind', { 'model.safetensors.index.json': '{"weight_map":{}}' }],
	])('are passed over: %s', async (_, files) => {
		await answersAs('model-and-consolidated', await modelFolder(files));
	});

	test('are passed over in folders that a trainer wrote below it', async () => {
		const folder = await modelFolder();
		const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
		const top = await Promise.all(
			names.map(async (name) => bytesSource(`out/${name}`, await readFile(join(folder, name)))),
		);
		const below = names.map((name) => bytesSource(`out/checkpoint-2/${name}`, new Uint8Array(9)));
		expect(pickFiles([...below, ...top]).map(({ name }) => name)).toEqual(
			top.map(({ name }) => name),
		);
		expect((await openChatModel([...below, ...top])).spec.layers).toBe(2);
		await expect(
			openChatModel([...below, bytesSource('out/checkpoint-4/config.json', new Uint8Array(9))]),
		).rejects.toThrow(
			'There are models in out/checkpoint-2 and out/checkpoint-4; choose one folder.',
		);
	});

	test('may hold numbers that no weight needs, but no weight may', async () => {
		const withBuffers = (dtype: string, ...names: readonly string[]) => {
			const file = writeSafetensors(weights);
			const length = Number(new DataView(file.buffer).getBigUint64(0, true));
			const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as object;
			let at = file.length - 8 - length;
			for (const name of names)
				Object.assign(header, { [name]: { dtype, shape: [1], data_offsets: [at, (at += 8)] } });
			const json = new TextEncoder().encode(JSON.stringify(header));
			const out = new Uint8Array(8 + json.length + at);
			new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
			out.set(json, 8);
			out.set(file.subarray(8 + length), 8 + json.length);
			return out;
		};
		const buffers = withBuffers('I64', 'model.position_ids', 'model.layers.0.other');
		await answersAs('model-and-consolidated', await modelFolder({ 'model.safetensors': buffers }));
		const { err } = await ask(
			await modelFolder({ 'model.safetensors': withBuffers('I64', 'lm_head.weight') }),
		);
		expect(err.join()).toContain('tensor "lm_head.weight" has dtype "I64"; these can be read');
	});

	test('are not needed to know the family: without architectures, by its type', async () => {
		const model = await modelFolder({ 'config.json': changed({ architectures: null }) });
		await answersAs('model-and-consolidated', model);
	});
});

test('an export names no padding if the model has none', async () => {
	const model = await modelFolder({
		'config.json': changed({ pad_token_id: null }),
		'tokenizer_config.json': '{"eos_token": "<|im_end|>"}',
	});
	const out = join(await temporaryFolder(), 'out.gguf');
	const { code, err } = await run(
		...['export', '--model', model, '--format', 'gguf-f16', '--out', out],
	);
	expect({ code, err }).toEqual({ code: 0, err: [] });
	const header = await readGgufHeader(bytesSource('m', await readFile(out)));
	expect(header.metadata.get('tokenizer.ggml.eos_token_id')).toBe(268);
	expect(header.metadata.has('tokenizer.ggml.padding_token_id')).toBe(false);
	expect(writeConfig(readGgufSpec(header, 'm'))).toMatchObject({ pad_token_id: null });
});

describe('positions of a GGUF file', () => {
	test('are scaled by the factor of old converters', async () => {
		await answersAs('rope-linear-legacy-scale_linear', ropeGguf);
	});

	const header = readFile(ropeGguf).then((bytes) => readGgufHeader(bytesSource('m.gguf', bytes)));
	const specWith = async (...entries: readonly (readonly [string, string | number])[]) => {
		const { metadata, ...rest } = await header;
		const plain = [...metadata].filter(([key]) => key !== 'llama.rope.scale_linear');
		const changed: GgufHeader = { ...rest, metadata: new Map([...plain, ...entries]) };
		return readGgufSpec(changed, 'm.gguf');
	};

	test('follow each spelling', async () => {
		const linear = { kind: 'linear', factor: 4 };
		expect((await specWith()).ropeScaling).toBeUndefined();
		expect((await specWith(['llama.rope.scaling.factor', 4])).ropeScaling).toEqual(linear);
		expect((await specWith(['llama.rope.scale_linear', 4])).ropeScaling).toEqual(linear);
		expect(
			(
				await specWith(
					['llama.rope.scaling.type', 'none'],
					['llama.rope.scaling.factor', 4],
					['llama.rope.scaling.attn_factor', 1],
				)
			).ropeScaling,
		).toBeUndefined();
	});

	test.each([
		['llama.rope.scaling.attn_factor', 2],
		['llama.rope.scaling.yarn_beta_fast', 32],
		['llama.rope.freq_base_swa', 10_000],
		['llama.rope.never_heard_of', 1],
	])('are refused by the name of %s', async (key, value) => {
		await expect(specWith([key, value])).rejects.toThrow(`${key} is not supported`);
	});

	test('need a norm epsilon', async () => {
		const { metadata, ...rest } = await header;
		const without = [...metadata].filter(([key]) => !key.endsWith('rms_epsilon'));
		expect(() => readGgufSpec({ ...rest, metadata: new Map(without) }, 'm.gguf')).toThrow(
			'layer_norm_rms_epsilon is missing',
		);
	});
});

/** What a model of a folder needs, and more of its files. */
const sourcesIn = (folder: string, more: readonly string[] = []) =>
	Promise.all(
		['config.json', 'tokenizer.json', 'model.safetensors', ...more].map(async (name) =>
			bytesSource(name, await readFile(join(folder, name))),
		),
	);

const openAt = async (folder: string) =>
	openChatModel(await sourcesIn(folder, ['tokenizer_config.json', 'chat_template.jinja']));

describe('an end token that config.json does not name', () => {
	test('is the tokenizer’s alone, not the first of the vocabulary', async () => {
		const { spec, endTokens, tokenizer } = await openAt(
			await modelFolder({ 'config.json': changed({ eos_token_id: null }) }),
		);
		expect({ end: spec.endToken, endTokens, own: tokenizer.endToken }).toEqual({
			end: 268,
			endTokens: [268],
			own: 268,
		});
	});

	test('is none if nobody names one', async () => {
		const { spec, endTokens } = await openAt(
			await modelFolder({
				'config.json': changed({ eos_token_id: null }),
				'tokenizer_config.json': '{}',
			}),
		);
		expect({ end: spec.endToken, endTokens }).toEqual({ end: -1, endTokens: [] });
	});

	test('is the one that ends a turn in a GGUF file', async () => {
		const { metadata, ...rest } = await readGgufHeader(
			bytesSource('m.gguf', await readFile(ropeGguf)),
		);
		const without = [...metadata].filter(([key]) => key !== 'tokenizer.ggml.eos_token_id');
		expect(readGgufSpec({ ...rest, metadata: new Map(without) }, 'm.gguf').endToken).not.toBe(0);
	});
});

describe('a setting written as text', () => {
	test.each([
		['rms_norm_eps', { rms_norm_eps: '1e-5' }],
		['rope_theta', { rope_parameters: null, rope_theta: '10000' }],
	])('is refused by the name of %s', async (name, changes) => {
		const model = await modelFolder({ 'config.json': changed(changes) });
		const { code, err } = await ask(model);
		expect(code).not.toBe(0);
		expect(err.join()).toContain(`${name} must be a number`);
	});
});

test('special_tokens_map.json gives the texts that tokenizer_config.json leaves out', async () => {
	const map = '{"bos_token": "<|im_start|>", "eos_token": {"content": "<|im_end|>"}}';
	const template =
		'{{ bos_token }}{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}';
	const folder = await modelFolder({
		'tokenizer_config.json': '{}',
		'chat_template.jinja': template,
	});
	const files = await sourcesIn(folder, ['tokenizer_config.json']);
	const { specialTokens } = await openChatModel([
		...files,
		bytesSource('special_tokens_map.json', new TextEncoder().encode(map)),
	]);
	expect(specialTokens).toEqual({ bos_token: '<|im_start|>', eos_token: '<|im_end|>' });
});

test('a folder without a template is spoken to in ChatML if its vocabulary has the marks', async () => {
	const files = await sourcesIn(await modelFolder({}));
	expect((await openChatModel(files)).chatTemplate).toBe(chatMl);
});

test('one part of a split GGUF file says which, and how to join it', async () => {
	const source = bytesSource('m-00001-of-00002.gguf', await firstOfTwo());
	await expect(openChatModel([source])).rejects.toThrow(
		/is part 1 of 2 of a model; join the parts with llama-gguf-split --merge m-00001-of-00002.gguf m.gguf/,
	);
});

/** A header with the entries that llama-gguf-split writes, and no tensors. */
async function firstOfTwo(): Promise<Uint8Array> {
	const { writeGguf } = await import('#model/checkpoint/gguf/write.ts');
	const pieces: Uint8Array[] = [];
	const entries = new Map([
		['general.architecture', { type: 'text', value: 'llama' }],
		['split.no', { type: 'u16', value: 0 }],
		['split.count', { type: 'u16', value: 2 }],
	] as const);
	for await (const piece of writeGguf(entries, [])) pieces.push(piece);
	return Buffer.concat(pieces);
}
