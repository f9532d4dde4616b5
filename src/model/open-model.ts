/** @file Model files opened for inference: weights on demand, tokenizer, chat template. */
import type { ByteSource } from './checkpoint/byte-source.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { openModelFiles, type OpenOptions } from './checkpoint/open.ts';
import type { ModelSource } from './model-source.ts';
import { readGgufTokenizer } from './tokenizers/gguf-tokenizer.ts';
import { tokenizerOf } from './tokenizers/tokenizer-json.ts';

/** A model with everything an engine needs for chat. */
export interface ChatModel extends ModelSource {
	/** Tokens before a text without template; a template includes them itself. */
	readonly startTokens: readonly number[];
}

/** Opens one GGUF file, the files of a Hugging Face folder, or a checkpoint of llama2.c. */
export async function openChatModel(
	files: readonly ByteSource[],
	options: OpenOptions = {},
): Promise<ChatModel> {
	const {
		tokenizer: text,
		header: _header,
		kind: _kind,
		...opened
	} = await openModelFiles(files, options);
	const { spec } = opened;
	if (text.kind === 'gguf') {
		const { json: _json, ...read } = readGgufTokenizer(text.metadata, spec, opened.name);
		return { ...opened, ...read, endTokens: opened.endTokens };
	}
	return {
		...opened,
		tokenizer: await tokenizerOf(text.json, spec),
		...(text.chatTemplate === undefined ? {} : { chatTemplate: text.chatTemplate }),
		specialTokens: text.specialTokens,
		startTokens: startTokens(text.json).flatMap((token) => text.idOf(token) ?? []),
	};
}

/** Special tokens that a `tokenizer.json` puts before a text, from its `TemplateProcessing`. */
function startTokens(json: unknown): readonly string[] {
	const found = isRecord(json) ? json['post_processor'] : undefined;
	if (!isRecord(found)) return [];
	const several: unknown = found['processors'];
	const steps = Array.isArray(several) ? (several as readonly unknown[]) : [found];
	const template = steps.filter(isRecord).find(({ type }) => type === 'TemplateProcessing');
	const pieces: unknown = template?.['single'];
	const before: string[] = [];
	for (const piece of Array.isArray(pieces) ? (pieces as readonly unknown[]) : []) {
		const special: unknown = isRecord(piece) ? piece['SpecialToken'] : undefined;
		const id: unknown = isRecord(special) ? special['id'] : undefined;
		if (typeof id !== 'string') break;
		before.push(id);
	}
	return before;
}
