/** @file GGUF metadata as a Hugging Face `config.json`, so that one reader validates both. */
import { quote, shown } from '#base/untrusted/quote.ts';
import { familyOf } from '../../families.ts';
import { readSpec, UnsupportedModelError } from '../../spec.ts';
import { noToken, type ModelSpec } from '../../model-spec.ts';
import type { GgufHeader, GgufMetadata } from './header.ts';
import { architectures } from './names.ts';
import { readGgufRope } from './rope-settings.ts';
import { isNumbers } from './values.ts';
import { readRopeFactors } from './rope-factors.ts';

/** The spec of the model in a GGUF file; `ropeFactors` are the values of `rope_freqs.weight`, if present. */
export function readGgufSpec(
	header: GgufHeader,
	file: string,
	ropeFactors?: Float32Array,
): ModelSpec {
	const config = ggufConfig(header, file, ropeFactors);
	try {
		return readSpec(config);
	} catch (error) {
		if (!(error instanceof UnsupportedModelError)) throw error;
		throw new UnsupportedModelError(
			error.message.replace('config.json', `${file}, in the words of config.json`),
		);
	}
}

/** The equivalent `config.json`. */
export function ggufConfig(
	{ metadata, tensors }: GgufHeader,
	file: string,
	ropeFactors?: Float32Array,
): Readonly<Record<string, unknown>> {
	const fail = (problem: string): never => {
		throw new UnsupportedModelError(`${file}: ${problem}`);
	};
	const kind = metadata.get('general.type') ?? 'model';
	if (kind !== 'model')
		return fail(`is of the kind "${shown(kind)}", not a model; open its base model.`);
	const arch = metadata.get('general.architecture');
	const architecture = typeof arch === 'string' ? architectures.get(arch) : undefined;
	if (typeof arch !== 'string' || architecture === undefined)
		return fail(
			`architecture "${shown(arch)}" is not supported; these are: ${[...architectures.keys()].sort().join(', ')}.`,
		);
	const family = familyOf(architecture);
	const at = (name: string) => metadata.get(`${arch}.${name}`);
	const heads = at('attention.head_count');
	const hidden = at('embedding_length');
	const headSize =
		at('attention.key_length') ??
		(typeof hidden === 'number' && typeof heads === 'number' ? hidden / heads : undefined);
	for (const name of ['attention.value_length', 'rope.dimension_count'])
		if ((at(name) ?? headSize) !== headSize)
			fail(`${name} ${quote(at(name))} differs from the head size ${quote(headSize)}.`);
	for (const name of ['expert_count', 'attention.sliding_window'])
		if ((at(name) ?? 0) !== 0) fail(`${arch}.${name} is not supported; use a model without it.`);
	const epsilon = decimal(at('attention.layer_norm_rms_epsilon'));
	if (typeof epsilon !== 'number')
		return fail(`${arch}.attention.layer_norm_rms_epsilon is missing; convert the model again.`);
	const theta = decimal(at('rope.freq_base') ?? 10_000);
	const llama3 =
		ropeFactors && typeof theta === 'number' && typeof headSize === 'number'
			? readRopeFactors(ropeFactors, theta, headSize, fail)
			: undefined;
	return {
		architectures: [architecture],
		vocab_size: tensors.get('token_embd.weight')?.shape[0],
		hidden_size: hidden,
		intermediate_size: at('feed_forward_length'),
		num_hidden_layers: at('block_count'),
		num_attention_heads: heads,
		num_key_value_heads: at('attention.head_count_kv') ?? heads,
		head_dim: headSize,
		hidden_act: 'silu',
		rms_norm_eps: epsilon,
		rope_theta: theta,
		rope_scaling: readGgufRope(metadata, arch, llama3, fail),
		...(family?.ropeLayers ? { no_rope_layer_interval: 4 } : {}), // llama.cpp knows no other
		tie_word_embeddings: !tensors.has('output.weight'),
		attention_bias: !family?.attentionBias && tensors.has('blk.0.attn_q.bias'),
		max_position_embeddings: at('context_length'),
		bos_token_id: metadata.get('tokenizer.ggml.bos_token_id') ?? null,
		eos_token_id: endTokensOf(metadata)[0] ?? null,
		pad_token_id: metadata.get('tokenizer.ggml.padding_token_id') ?? null,
	};
}

/** The shortest decimal with the same F32: 0.00001 for a stored 0.0000099999997… */
function decimal(value: unknown): unknown {
	if (typeof value !== 'number' || !Number.isFinite(value)) return value;
	for (let digits = 1; digits <= 9; digits++) {
		const short = Number(value.toPrecision(digits));
		if (Math.fround(short) === Math.fround(value)) return short;
	}
	return value;
}

/** Texts of the control tokens that end a turn in the templates of these families. */
const endTexts: ReadonlySet<string> = new Set([
	'<|im_end|>',
	'<|eot_id|>',
	'<|endoftext|>',
	'<|eom_id|>',
]);
const controlToken = 3;

/** End tokens: those that the file names, and control tokens known to end a turn. */
export function ggufEndTokens(metadata: GgufMetadata, spec: ModelSpec): readonly number[] {
	const own = spec.endToken === noToken ? [] : [spec.endToken];
	const stated = endTokensOf(metadata).filter((id) => id < spec.vocabularySize);
	return [...new Set([...own, ...stated])];
}

/** The same without their range; the first one is the model's end token. */
function endTokensOf(metadata: GgufMetadata): readonly number[] {
	const found = new Set<number>();
	for (const name of ['eos', 'eot', 'eom']) {
		// SentencePiece files may leave out their usual one, as llama.cpp does.
		const usual =
			name === 'eos' && metadata.get('tokenizer.ggml.model') === 'llama' ? 2 : undefined;
		const id = metadata.get(`tokenizer.ggml.${name}_token_id`) ?? usual;
		if (typeof id === 'number' && Number.isInteger(id) && id >= 0) found.add(id);
	}
	const tokens = metadata.get('tokenizer.ggml.tokens');
	const types = metadata.get('tokenizer.ggml.token_type');
	if (Array.isArray(tokens) && isNumbers(types))
		for (const [id, text] of (tokens as readonly unknown[]).entries())
			if (typeof text === 'string' && types[id] === controlToken && endTexts.has(text))
				found.add(id);
	return [...found];
}
