/**
 * @file Opening of a user's model files: one GGUF, a Hugging Face folder, or a llama2.c checkpoint.
 *
 * Small files are read at once, weights on demand: unsupported models are refused before much is fetched.
 */
import type { ModelSource } from '../model-source.ts';
import { readSpec } from '../spec.ts';
import { noToken, type ModelSpec } from '../model-spec.ts';
import type { ByteSource } from './byte-source.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { ggufEndTokens, readGgufSpec } from './gguf/config.ts';
import { dequantize } from './gguf/dequantize.ts';
import { readGgufHeader, type GgufHeader, type GgufMetadata } from './gguf/header.ts';
import { ggufWeights, ropeFactorTensor } from './gguf/weights.ts';
import { readFolderTokenizer, type FolderTokenizer } from './folder-tokenizer.ts';
import { parseJson } from './json.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { fileName, folderFiles, type FolderFiles } from './model-files.ts';
import { openLlama2c, readLlama2cTokenizer } from './llama2c.ts';
import { readShardIndex, safetensorsModel } from './safetensors/safetensors-store.ts';
import { partOf, readWhole } from './sources/memory.ts';

/** A model without its tokenizer, and the source of the tokenizer. */
export interface OpenedFiles extends Omit<
	ModelSource,
	'tokenizer' | 'chatTemplate' | 'specialTokens'
> {
	readonly kind: 'gguf' | 'safetensors' | 'llama2.c';
	/** `gguf`: as GGUF metadata, to which the tokenizer of llama2.c is converted, too. */
	readonly tokenizer:
		| ({ readonly kind: 'json' } & FolderTokenizer)
		| { readonly kind: 'gguf'; readonly metadata: GgufMetadata };
	/** Header of a GGUF file; an export copies its tokenizer from here. */
	readonly header?: GgufHeader;
}

/** Options of `openModelFiles`. */
export interface OpenOptions {
	/** Name of the model; by default the one in its files, or the file name. */
	readonly name?: string;
	readonly signal?: AbortSignal;
}

const configLimit = 16 << 20;

/** Recognises the files by name and content, and opens the model in them. */
export async function openModelFiles(
	files: readonly ByteSource[],
	options: OpenOptions = {},
): Promise<OpenedFiles> {
	const named = (name: string) => files.find((file) => baseName(file) === name);
	const ending = (end: string) => files.filter((file) => file.name.toLowerCase().endsWith(end));
	const folder = folderFiles(files.map((file) => ({ path: file.name, file })));
	if (folder && folder.weights.length > 0) return await openFolder(folder, options);
	const ggufs = ending('.gguf');
	const [gguf] = ggufs;
	if (gguf && ggufs.length > 1)
		throw new CheckpointError(
			`There are ${ggufs.length} GGUF files; choose one (a split one must be joined first: llama-gguf-split --merge).`,
		);
	if (gguf) return await openGguf(gguf, options);
	if (folder)
		throw new CheckpointError('No .safetensors file of the model is among them; add the weights.');
	if (named('adapter_config.json'))
		throw new CheckpointError(
			'This is a LoRA adapter, not a model; open its base model first, then the adapter.',
		);
	if (ending('.safetensors').length > 0)
		throw new CheckpointError(
			'config.json is missing; add it, and tokenizer.json, beside the weights.',
		);
	const [only] = files;
	if (!only)
		throw new CheckpointError('There is no file to open; choose a .gguf file or a model folder.');
	if (baseName(only).startsWith('pytorch_model') || ending('.pt').length > 0)
		throw new CheckpointError(
			`${only.name} is a PyTorch pickle, which can run code; convert it to safetensors.`,
		);
	if (only.size >= 4 && isMagic(await only.read(0, 4, options.signal)))
		return await openGguf(only, options);
	const checkpoint = ending('.bin').find((file) => baseName(file) !== 'tokenizer.bin') ?? only;
	return await openStories(checkpoint, named('tokenizer.bin'), options);
}

const baseName = ({ name }: { readonly name: string }): string => fileName(name);

/** "GGUF" */
const isMagic = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes) === 'GGUF';

async function openGguf(source: ByteSource, options: OpenOptions): Promise<OpenedFiles> {
	const { signal } = options;
	const header = await readGgufHeader(source, signal);
	refuseShard(header.metadata, source.name);
	const rope = header.tensors.get(ropeFactorTensor);
	const factors = rope && dequantize(rope.form, await source.read(rope.from, rope.to, signal));
	const spec = readGgufSpec(header, source.name, factors);
	const { metadata } = header;
	const text = (key: string) => {
		const value = metadata.get(key);
		return typeof value === 'string' && value !== '' ? value : undefined;
	};
	const licence = text('general.license');
	return {
		kind: 'gguf',
		name: options.name ?? text('general.name') ?? baseName(source),
		spec,
		weights: ggufWeights(source, header, spec),
		tokenizer: { kind: 'gguf', metadata },
		endTokens: ggufEndTokens(metadata, spec),
		...(licence === undefined ? {} : { licence }),
		bytes: source.size,
		header,
	};
}

/** A part of a split file, which llama.cpp's tool joins. */
function refuseShard(metadata: GgufMetadata, name: string): void {
	const [parts, part] = [metadata.get('split.count'), metadata.get('split.no')];
	if (typeof parts !== 'number' || parts < 2) return;
	const joined = baseName({ name }).replace(/(-\d+-of-\d+)?\.gguf$/i, '.gguf');
	throw new CheckpointError(
		`${name} is part ${typeof part === 'number' ? part + 1 : '?'} of ${parts} of a model; join the parts with llama-gguf-split --merge ${baseName({ name })} ${joined}, and open that.`,
	);
}

async function openFolder(
	folder: FolderFiles<{ readonly path: string; readonly file: ByteSource }>,
	options: OpenOptions,
): Promise<OpenedFiles> {
	const { signal } = options;
	const configFile = folder.config.file;
	const named = (name: string) => folder.small.find(({ path }) => fileName(path) === name)?.file;
	const small = async (name: string): Promise<unknown> => {
		const file = named(name);
		return file && parseJson(await readWhole(file, configLimit, signal), name);
	};
	const config = parseJson(await readWhole(configFile, configLimit, signal), 'config.json');
	readSpec(config); // refused before the tokenizer is read
	const generation = await small('generation_config.json');
	const tokenizer = await readFolderTokenizer(named, signal);
	const stated = readSpec(withEndToken(config, generation, tokenizer));
	const index = named('model.safetensors.index.json');
	const shards = index && (await readShardIndex(index, signal));
	const wanted = shards && new Set(shards.values());
	if (!folder.isSplit && folder.weights.length > 1)
		throw new CheckpointError(
			`There are ${folder.weights.length} files of weights; add model.safetensors.index.json, which says what is where.`,
		);
	const weightFiles = folder.weights
		.map(({ file }) => file)
		.filter((file) => !wanted || wanted.has(baseName(file)));
	const renamed = weightFiles.map((file) => partOf(file, baseName(file), 0));
	const { spec, weights } = await safetensorsModel(renamed, stated, {
		...(shards ? { shards } : {}),
		...(signal ? { signal } : {}),
	});
	const licence = await readLicence(named('README.md'), signal);
	return {
		kind: 'safetensors',
		name: options.name ?? pathName(configFile) ?? 'model folder',
		spec,
		weights,
		tokenizer: { kind: 'json', ...tokenizer },
		endTokens: endTokens(spec, tokenizer, [config, generation]),
		...(licence === undefined ? {} : { licence }),
		bytes: weightFiles.reduce((sum, { size }) => sum + size, 0),
	};
}

/** Folder of a file. */
const pathName = ({ name }: ByteSource): string | undefined => name.split(/[/\\]/).at(-2);

/** A `config.json` that names no end token, with the one of `generation_config.json` or of the tokenizer. */
function withEndToken(config: unknown, generation: unknown, tokenizer: FolderTokenizer): unknown {
	if (!isRecord(config) || (config['eos_token_id'] ?? null) !== null) return config;
	const stated = isRecord(generation) ? generation['eos_token_id'] : undefined;
	const end = stated ?? tokenizer.idOf(tokenizer.specialTokens['eos_token'] ?? '');
	return { ...config, eos_token_id: end ?? null };
}

function endTokens(
	spec: ModelSpec,
	tokenizer: FolderTokenizer,
	configs: readonly unknown[],
): readonly number[] {
	const found = new Set(spec.endToken === noToken ? [] : [spec.endToken]);
	for (const config of configs) {
		const value: unknown = isRecord(config) ? config['eos_token_id'] : undefined;
		for (const id of Array.isArray(value) ? (value as readonly unknown[]) : [value])
			if (isTokenOf(spec, id)) found.add(id);
	}
	const end = tokenizer.idOf(tokenizer.specialTokens['eos_token'] ?? '');
	if (isTokenOf(spec, end)) found.add(end);
	return [...found];
}

const isTokenOf = ({ vocabularySize }: ModelSpec, id: unknown): id is number =>
	typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < vocabularySize;

/** `license:` in the front matter of a model card. */
async function readLicence(
	card: ByteSource | undefined,
	signal?: AbortSignal,
): Promise<string | undefined> {
	if (!card) return undefined;
	const text = new TextDecoder().decode(await card.read(0, Math.min(card.size, 1 << 16), signal));
	const [, front = ''] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? [];
	return /^license:\s*["']?([\w.+-]+)/m.exec(front)?.[1];
}

async function openStories(
	source: ByteSource,
	tokenizerFile: ByteSource | undefined,
	options: OpenOptions,
): Promise<OpenedFiles> {
	const { spec, weights, end } = await openLlama2c(source, options.signal);
	const vocabulary =
		tokenizerFile ??
		(end < source.size ? partOf(source, `the tokenizer in ${source.name}`, end) : undefined);
	if (!vocabulary)
		throw new CheckpointError(`tokenizer.bin is missing; add it beside ${source.name}.`);
	const metadata = await readLlama2cTokenizer(vocabulary, spec.vocabularySize, options.signal);
	return {
		kind: 'llama2.c',
		name: options.name ?? baseName(source),
		spec,
		weights,
		tokenizer: { kind: 'gguf', metadata },
		endTokens: [spec.endToken, 2],
		bytes: source.size,
	};
}
