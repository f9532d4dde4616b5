/**
 * @file Model spec: the part of a Hugging Face `config.json` that the Llama family needs.
 *
 * Our own small models use SmolLM3's keys, whose `no_rope_layers` allows layers without positions.
 */
import { briefly, quote, shown } from '#base/untrusted/quote.ts';
import { families, familyOf, layerWeights, type Family, type LayerWeight } from './families.ts';
import { noToken, type ModelSpec } from './model-spec.ts';
import { readRopeScaling } from './rope.ts';
import { sizeOf } from './tensor.ts';

/** Error of an unsupported `config.json`; names the entry and the allowed values. */
export class UnsupportedModelError extends Error {
	constructor(message: string) {
		super(briefly(message));
		this.name = 'UnsupportedModelError';
	}
}

/** Reads and validates a parsed `config.json`. */
export function readSpec(config: unknown): ModelSpec {
	const fail = (problem: string): never => {
		throw new UnsupportedModelError(`config.json: ${problem}`);
	};
	if (typeof config !== 'object' || config === null) return fail('must hold a JSON object.');
	const entries = new Map<string, unknown>(Object.entries(config));
	const whole = (name: string, fallback?: number, largest = 2 ** 24): number => {
		const value = entries.get(name) ?? fallback;
		if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > largest)
			return fail(`${name} must be a whole number from 1 to ${largest}, got ${quote(value)}.`);
		return value;
	};
	const architecture = architectureOf(entries);
	const family = typeof architecture === 'string' ? familyOf(architecture) : undefined;
	if (typeof architecture !== 'string' || !family)
		return fail(
			`architecture "${shown(architecture)}" is not supported; these are: ${Object.keys(families).join(', ')}.`,
		);
	refuseWhatWeLack(entries, family, fail);

	const layers = whole('num_hidden_layers', undefined, 1024);
	const heads = whole('num_attention_heads');
	const hiddenSize = whole('hidden_size');
	const keyValueHeads =
		entries.get('num_key_value_heads') === null
			? heads
			: whole('num_key_value_heads', family.keyValueHeads ?? heads);
	const headSize = whole('head_dim', family.headSize ?? Math.floor(hiddenSize / heads));
	if (heads % keyValueHeads !== 0)
		fail('num_attention_heads must be a multiple of num_key_value_heads.');
	const rope = family.ropeLayers ? readRopeLayers(entries, layers, fail) : Array(layers).fill(true);
	if (rope.includes(true) && headSize % 2 !== 0)
		fail(`head_dim must be even where positions are rotary, got ${headSize}.`);
	const vocabularySize = whole('vocab_size');
	const token = (name: string): number => {
		const value = entries.get(name);
		const first: unknown = Array.isArray(value) ? value[0] : value;
		return typeof first === 'number' ? first : noToken;
	};
	const isToken = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < vocabularySize;
	// Some configs use -1 for "none", and for padding the first id after the vocabulary.
	const endToken = token('eos_token_id');
	if (endToken !== noToken && !isToken(endToken))
		fail(`eos_token_id must be a token of the vocabulary of ${vocabularySize}, got ${endToken}.`);

	const pad = token('pad_token_id');
	const ropeScaling = readRopeScaling(ropeSettings(entries), fail);
	return {
		architecture,
		vocabularySize,
		hiddenSize,
		intermediateSize: whole('intermediate_size'),
		layers,
		heads,
		keyValueHeads,
		headSize,
		normEpsilon: readPositive('rms_norm_eps', entries.get('rms_norm_eps'), 1, fail) ?? 1e-6,
		ropeTheta: readRopeTheta(entries, fail) ?? family.ropeTheta ?? 10_000,
		...(ropeScaling ? { ropeScaling } : {}),
		rope,
		tiedEmbeddings: (entries.get('tie_word_embeddings') ?? family.tied) === true,
		attentionBias: family.attentionBias === true,
		queryKeyNorm: family.queryKeyNorm === true,
		contextLength: Math.min(
			whole('max_position_embeddings', family.contextLength ?? 2048),
			readWindow(entries, family, fail),
		),
		endToken,
		padToken: isToken(pad) ? pad : noToken,
	};
}

type Entries = ReadonlyMap<string, unknown>;
type Fail = (problem: string) => never;

/** The first of `architectures`; without any, the family of `model_type`, by which transformers chooses. */
function architectureOf(entries: Entries): unknown {
	const named = entries.get('architectures') ?? [];
	if (!Array.isArray(named)) return undefined;
	if (named.length > 0) return named[0];
	const type = entries.get('model_type');
	return Object.keys(families).find((name) => families[name]?.modelType === type);
}

const ropeSettings = (entries: Entries): Readonly<Record<string, unknown>> => {
	// transformers 5 writes rope_parameters, 4 wrote rope_scaling and a rope_theta beside it.
	const value = entries.get('rope_parameters') ?? entries.get('rope_scaling');
	return typeof value === 'object' && value !== null ? { ...value } : {};
};

function readRopeTheta(entries: Entries, fail: Fail): number | undefined {
	const theta = ropeSettings(entries)['rope_theta'] ?? entries.get('rope_theta');
	return readPositive('rope_theta', theta, 1e12, fail);
}

/** A number above 0 and up to `largest`; undefined if the entry is absent or null. */
function readPositive(
	name: string,
	value: unknown,
	largest: number,
	fail: Fail,
): number | undefined {
	if (value === undefined || value === null) return undefined;
	return typeof value === 'number' && value > 0 && value <= largest
		? value
		: fail(`${name} must be a number above 0 and up to ${largest}, got ${quote(value)}.`);
}

/** 1 keeps RoPE, 0 drops it; by default every n-th layer drops it. */
function readRopeLayers(entries: Entries, layers: number, fail: Fail): readonly boolean[] {
	const mask = entries.get('no_rope_layers');
	if (mask === undefined || mask === null) {
		const interval = entries.get('no_rope_layer_interval') ?? 4;
		if (typeof interval !== 'number' || !Number.isInteger(interval) || interval < 1)
			return fail(`no_rope_layer_interval must be a whole number from 1, got ${quote(interval)}.`);
		return Array.from({ length: layers }, (_, i) => (i + 1) % interval !== 0);
	}
	if (!Array.isArray(mask) || mask.length !== layers || mask.some((n) => n !== 0 && n !== 1))
		return fail(`no_rope_layers must be a list of ${layers} numbers, each 0 or 1.`);
	return mask.map((n) => n === 1);
}

/** Attention window in tokens; `null` is unlimited. */
function readWindow(entries: Entries, { slidingWindow }: Family, fail: Fail): number {
	if (slidingWindow === undefined) return Infinity;
	const window = entries.has('sliding_window') ? entries.get('sliding_window') : slidingWindow;
	if (window === null) return Infinity;
	return typeof window === 'number' && Number.isInteger(window) && window >= 1
		? window
		: fail(`sliding_window must be null or a whole number from 1, got ${quote(window)}.`);
}

function refuseWhatWeLack(entries: Entries, family: Family, fail: Fail): void {
	// transformers 5 keeps it with the other settings of positions.
	if (
		(ropeSettings(entries)['partial_rotary_factor'] ??
			entries.get('partial_rotary_factor') ??
			1) !== 1
	)
		fail('partial_rotary_factor is not supported; use a model that rotates whole heads.');
	if ((entries.get('hidden_act') ?? 'silu') !== 'silu') fail('hidden_act must be "silu".');
	// Qwen2 has its bias regardless; in other families the entry would also add one to o_proj.
	if (!family.attentionBias && entries.get('attention_bias') === true)
		fail('attention_bias is supported in Qwen2 only; use a model without it.');
	for (const name of ['mlp_bias', 'use_sliding_window'])
		if (entries.get(name) === true) fail(`${name} is not supported; use a model without it.`);
}

/** Every weight of the model by its Hugging Face name, with its shape. */
export function weightShapes(spec: ModelSpec): ReadonlyMap<string, readonly number[]> {
	const d = spec.hiddenSize;
	const all: readonly LayerWeight[] = layerWeights;
	const shapes = new Map<string, readonly number[]>([
		['model.embed_tokens.weight', [spec.vocabularySize, d]],
	]);
	for (let i = 0; i < spec.layers; i++)
		for (const { name, shape, present, bias } of all) {
			if (present && !present(spec)) continue;
			const [rows = 1, ...rest] = shape(spec);
			shapes.set(`model.layers.${i}.${name}.weight`, [rows, ...rest]);
			if (bias?.(spec)) shapes.set(`model.layers.${i}.${name}.bias`, [rows]);
		}
	shapes.set('model.norm.weight', [d]);
	if (!spec.tiedEmbeddings) shapes.set('lm_head.weight', [spec.vocabularySize, d]);
	return shapes;
}

/** Number of parameters of a model. */
export function parameterCount(spec: ModelSpec): number {
	let parameters = 0;
	for (const shape of weightShapes(spec).values()) parameters += sizeOf(shape);
	return parameters;
}

/** Shapes of a LoRA's factors for every targeted module. */
export function loraShapes(
	spec: ModelSpec,
	lora: { readonly rank: number; readonly targets: readonly string[] },
): ReadonlyMap<string, readonly number[]> {
	const shapes = new Map<string, readonly number[]>();
	for (const [name, shape] of weightShapes(spec)) {
		const module = name.replace(/\.weight$/, '');
		const [out, into] = shape;
		if (
			into === undefined ||
			out === undefined ||
			!lora.targets.includes(module.split('.').at(-1) ?? '')
		)
			continue;
		shapes.set(`${module}.lora_A.weight`, [lora.rank, into]);
		shapes.set(`${module}.lora_B.weight`, [out, lora.rank]);
	}
	return shapes;
}
