/**
 * @file Checkpoints of llama2.c in its first format (F32, no magic number), with an optional tokenizer.
 *
 * Seven int32 (width, feed-forward width, layers, heads, key–value heads, ±vocabulary, context), then each kind of weight
 * for all layers together. RoPE rotates neighbours, as in GGUF. A negative vocabulary means that the head has its own
 * table.
 */
import { noToken, type ModelSpec } from '../model-spec.ts';
import { sizeOf } from '../tensor.ts';
import type { WeightStore } from '../weight-store.ts';
import type { ByteSource } from './byte-source.ts';
import { CheckpointError } from './checkpoint-error.ts';
import type { GgufMetadata, GgufValue } from './gguf/header.ts';
import { placedWeights, type PlacedWeight } from './row-reader.ts';
import { readWhole } from './sources/memory.ts';

/** Settings that llama2.c has in its code, not in its files. */
const normEpsilon = 1e-5;
const ropeTheta = 10_000;
/** The token between stories; llama2.c stops at it. */
const boundary = 1;
const headerBytes = 28;
const tokenizerLimit = 64 << 20;

/** A checkpoint whose weights are read on demand. */
export interface Llama2c {
	readonly spec: ModelSpec;
	readonly weights: WeightStore;
	/** End of the weights; a tokenizer may follow. */
	readonly end: number;
}

/** Opens a checkpoint; refuses implausible sizes. */
export async function openLlama2c(source: ByteSource, signal?: AbortSignal): Promise<Llama2c> {
	const fail = (problem: string): never => {
		throw new CheckpointError(`${source.name}: ${problem}`);
	};
	if (source.size < headerBytes) fail('is too short to be a checkpoint of llama2.c.');
	const bytes = await source.read(0, headerBytes, signal);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (view.getUint32(0, true) === 0x616b3432)
		fail('is a newer checkpoint of llama2.c; export it as version 0 (legacy), or to safetensors.');
	const [dim = 0, hidden = 0, layers = 0, heads = 0, keyHeads = 0, signed = 0, context = 0] =
		Array.from({ length: 7 }, (_, i) => view.getInt32(i * 4, true));
	const headSize = dim / heads;
	const numbers = [dim, hidden, layers, heads, keyHeads, Math.abs(signed), context];
	if (
		numbers.some((n) => n < 1 || n > 2 ** 24) ||
		layers > 1024 ||
		headSize % 2 !== 0 ||
		heads % keyHeads !== 0
	)
		fail('is not a checkpoint of llama2.c: its first numbers do not describe a model.');
	const spec: ModelSpec = {
		architecture: 'LlamaForCausalLM',
		vocabularySize: Math.abs(signed),
		hiddenSize: dim,
		intermediateSize: hidden,
		layers,
		heads,
		keyValueHeads: keyHeads,
		headSize,
		normEpsilon,
		ropeTheta,
		rope: Array<boolean>(layers).fill(true),
		tiedEmbeddings: signed > 0,
		attentionBias: false,
		queryKeyNorm: false,
		contextLength: context,
		endToken: boundary,
		padToken: noToken,
	};
	const { placed, end } = place(spec, source);
	if (!(end <= source.size))
		fail(`needs ${end} bytes but has ${source.size}; it is cut off, or no checkpoint of llama2.c.`);
	return { spec, weights: placedWeights(placed), end };
}

/** Positions of the weights, in the file's order. */
function place(spec: ModelSpec, source: ByteSource) {
	const { hiddenSize: d, intermediateSize: f, vocabularySize: v, headSize, layers } = spec;
	const keys = spec.keyValueHeads * headSize;
	const placed = new Map<string, PlacedWeight>();
	let at = headerBytes;
	const put = (name: string, shape: readonly number[], rows?: { readonly headSize: number }) => {
		placed.set(name, { shape, form: 'F32', source, from: at, ...rows });
		at += 4 * sizeOf(shape);
	};
	const perLayer = (
		name: string,
		shape: readonly number[],
		rows?: { readonly headSize: number },
	) => {
		for (let i = 0; i < layers; i++) put(`model.layers.${i}.${name}.weight`, shape, rows);
	};
	put('model.embed_tokens.weight', [v, d]);
	perLayer('input_layernorm', [d]);
	perLayer('self_attn.q_proj', [d, d], { headSize });
	perLayer('self_attn.k_proj', [keys, d], { headSize });
	perLayer('self_attn.v_proj', [keys, d]);
	perLayer('self_attn.o_proj', [d, d]);
	perLayer('post_attention_layernorm', [d]);
	perLayer('mlp.gate_proj', [f, d]);
	perLayer('mlp.down_proj', [d, f]);
	perLayer('mlp.up_proj', [f, d]);
	put('model.norm.weight', [d]);
	at += 4 * spec.contextLength * headSize; // tables of cosines and sines, which nobody reads
	if (!spec.tiedEmbeddings) put('lm_head.weight', [v, d]);
	return { placed, end: at };
}

/** The `tokenizer.bin` of a checkpoint as GGUF metadata: SentencePiece BPE with bytes at ids 3 to 258. */
export async function readLlama2cTokenizer(
	source: ByteSource,
	vocabularySize: number,
	signal?: AbortSignal,
): Promise<GgufMetadata> {
	const bytes = await readWhole(source, tokenizerLimit, signal);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
	const tokens: string[] = [];
	const scores = new Float32Array(vocabularySize);
	const types = new Int32Array(vocabularySize);
	let at = 4; // the length of the longest token
	for (let id = 0; id < vocabularySize; id++) {
		const length = at + 8 <= bytes.length ? view.getUint32(at + 4, true) : Infinity;
		if (at + 8 + length > bytes.length)
			throw new CheckpointError(
				`${source.name} ends at token ${id} of ${vocabularySize}; it belongs to another model or is cut off.`,
			);
		scores[id] = view.getFloat32(at, true);
		const text = utf8.decode(bytes.subarray(at + 8, at + 8 + length));
		const [token, type] = describe(id, text);
		tokens.push(token);
		types[id] = type;
		at += 8 + length;
	}
	return new Map<string, GgufValue>([
		['tokenizer.ggml.model', 'llama'],
		['tokenizer.ggml.tokens', tokens],
		['tokenizer.ggml.scores', scores],
		['tokenizer.ggml.token_type', types],
		['tokenizer.ggml.bos_token_id', 1],
		['tokenizer.ggml.eos_token_id', 2],
		['tokenizer.ggml.unknown_token_id', 0],
		['tokenizer.ggml.add_bos_token', true],
		['tokenizer.ggml.add_space_prefix', true],
	]);
}

/** SentencePiece's own text and GGUF's type of a token, from the printable form that llama2.c wrote. */
function describe(id: number, text: string): readonly [string, number] {
	if (id === 0) return ['<unk>', 2];
	if (id === 1) return ['<s>', 3];
	if (id === 2) return ['</s>', 3];
	if (id < 259) return [`<0x${(id - 3).toString(16).toUpperCase().padStart(2, '0')}>`, 6];
	return [text.replaceAll(' ', '▁'), 1];
}
