/** @file Tokenizer files of a Hugging Face folder: tokenizer.json, chat template, special tokens. */
import type { ByteSource } from './byte-source.ts';
import { chatTemplateFor } from '../chat-template.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { parseJson } from './json.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { readWhole } from './sources/memory.ts';

/** The parts of `ModelSource` that come from the tokenizer's files. */
export interface FolderTokenizer {
	/** `tokenizer.json`, parsed. */
	readonly json: unknown;
	readonly chatTemplate?: string;
	readonly specialTokens: Readonly<Record<string, string>>;
	/** The id of an added token by its text. */
	idOf(text: string): number | undefined;
}

const tokenizerLimit = 128 << 20;
const configLimit = 16 << 20;

/** Reads tokenizer.json, and tokenizer_config.json, special_tokens_map.json and chat_template.jinja if present. */
export async function readFolderTokenizer(
	named: (name: string) => ByteSource | undefined,
	signal?: AbortSignal,
): Promise<FolderTokenizer> {
	const file = named('tokenizer.json');
	if (!file) throw new CheckpointError('tokenizer.json is missing; add it beside config.json.');
	const json = parseJson(await readWhole(file, tokenizerLimit, signal), 'tokenizer.json');
	const configFile = named('tokenizer_config.json');
	const config = configFile
		? parseJson(await readWhole(configFile, configLimit, signal), 'tokenizer_config.json')
		: {};
	if (!isRecord(config))
		throw new CheckpointError('tokenizer_config.json must hold a JSON object.');
	// Older files keep the texts of special tokens here alone.
	const mapFile = named('special_tokens_map.json');
	const map = mapFile
		? parseJson(await readWhole(mapFile, configLimit, signal), 'special_tokens_map.json')
		: {};
	if (!isRecord(map)) throw new CheckpointError('special_tokens_map.json must hold a JSON object.');
	const templateFile = named('chat_template.jinja');
	const stated = templateFile
		? new TextDecoder().decode(await readWhole(templateFile, configLimit, signal))
		: readTemplate(config['chat_template']);
	const added = addedTokens(json);
	const chatTemplate = chatTemplateFor(stated, (text) => added.has(text));
	return {
		json,
		...(chatTemplate === undefined ? {} : { chatTemplate }),
		specialTokens: { ...readSpecialTokens(map), ...readSpecialTokens(config) },
		idOf: (text) => added.get(text),
	};
}

/** A template, or the one called `default` of several. */
function readTemplate(value: unknown): string | undefined {
	if (typeof value === 'string') return value;
	if (!Array.isArray(value)) return undefined;
	const all = (value as readonly unknown[]).filter(isRecord);
	const template = (all.find(({ name }) => name === 'default') ?? all[0])?.['template'];
	return typeof template === 'string' ? template : undefined;
}

/** `bos_token`, `eos_token` …, each a text or an object with its content. */
function readSpecialTokens(
	config: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
	const found: [string, string][] = [];
	for (const [name, value] of Object.entries(config)) {
		if (!name.endsWith('_token')) continue;
		const text: unknown = isRecord(value) ? value['content'] : value;
		if (typeof text === 'string') found.push([name, text]);
	}
	return Object.fromEntries(found);
}

/** Ids of the tokens that were added to the vocabulary. */
function addedTokens(json: unknown): ReadonlyMap<string, number> {
	const added: unknown = isRecord(json) ? json['added_tokens'] : undefined;
	const found = new Map<string, number>();
	if (Array.isArray(added))
		for (const token of (added as readonly unknown[]).filter(isRecord)) {
			const { content, id } = token;
			if (typeof content === 'string' && typeof id === 'number') found.set(content, id);
		}
	return found;
}
