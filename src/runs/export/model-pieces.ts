/** @file A model or its adapter as the pieces of one file, for the terminal and the page alike. */
import { SessionFailure } from '#base/failure.ts';
import type { Adapter } from '#model/adapter.ts';
import { ggufAdapter, ggufModel, type GgufModelOptions } from '#model/checkpoint/gguf/export.ts';
import { tokenizerEntriesOf } from '#model/checkpoint/gguf/tokenizer-entries.ts';
import type { OpenedFiles } from '#model/checkpoint/open.ts';

/** Export formats of a model; `peft` is a folder, the others are one file. */
export const modelFormats = ['peft', 'gguf-lora', 'gguf-f16', 'gguf-q8_0', 'gguf-q4_0'] as const;
export type ModelFormat = (typeof modelFormats)[number];
/** Formats of one file. */
export type GgufFormat = Exclude<ModelFormat, 'peft'>;

const forms: Readonly<Record<Exclude<GgufFormat, 'gguf-lora'>, GgufModelOptions['form']>> = {
	'gguf-f16': 'F16',
	'gguf-q8_0': 'Q8_0',
	'gguf-q4_0': 'Q4_0',
};

/** One weight is in memory at a time. */
export function ggufPieces(
	model: OpenedFiles,
	format: GgufFormat,
	adapter: Adapter | undefined,
	signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
	const { spec, weights, name, licence } = model;
	const stop = signal ? { signal } : {};
	if (format === 'gguf-lora') return ggufAdapter(spec, needed(adapter, format), { name, ...stop });
	return ggufModel(spec, weights, {
		form: forms[format],
		tokenizer: tokenizerEntriesOf(model),
		name,
		...(adapter ? { adapter } : {}),
		...(licence === undefined ? {} : { licence }),
		...stop,
	});
}

/** The adapter; a format that holds one cannot do without. */
export function needed(adapter: Adapter | undefined, format: ModelFormat): Adapter {
	if (adapter) return adapter;
	throw new SessionFailure(
		'bad-request',
		`The format ${format} holds an adapter; name one with --adapter, or choose gguf-f16, gguf-q8_0 or gguf-q4_0.`,
	);
}
