/**
 * @file What a model is: the part of a Hugging Face `config.json` that the Llama family needs.
 *
 * Our own small models use SmolLM3's words, whose `no_rope_layers` allows layers without positions.
 */

export interface ModelSpec {
	readonly architecture: string;
	readonly vocabularySize: number;
	readonly hiddenSize: number;
	readonly intermediateSize: number;
	readonly layers: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headSize: number;
	readonly normEpsilon: number;
	readonly ropeTheta: number;
	/** Per layer: does it rotate queries and keys? */
	readonly rope: readonly boolean[];
	/** The head is the embedding table. */
	readonly tiedEmbeddings: boolean;
	/** Bias on q, k, v (Qwen2). */
	readonly attentionBias: boolean;
	/** RMSNorm on each query and key head (Qwen3). */
	readonly queryKeyNorm: boolean;
	readonly contextLength: number;
	readonly endToken: number;
	readonly padToken: number;
}

/** A `config.json` that this house cannot run; the message says which entry and what is allowed. */
export class UnsupportedModelError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'UnsupportedModelError';
	}
}

const architectures: Readonly<Record<string, { bias: boolean; norm: boolean; noRope: boolean }>> = {
	LlamaForCausalLM: { bias: false, norm: false, noRope: false },
	SmolLM3ForCausalLM: { bias: false, norm: false, noRope: true },
	Qwen2ForCausalLM: { bias: true, norm: false, noRope: false },
	Qwen3ForCausalLM: { bias: false, norm: true, noRope: false },
};

/** Reads and checks a parsed `config.json`. */
export function readSpec(config: unknown): ModelSpec {
	if (typeof config !== 'object' || config === null)
		throw new UnsupportedModelError('config.json must hold a JSON object.');
	const entries = config as Record<string, unknown>;
	const whole = (name: string, fallback?: number): number => {
		const value = entries[name] ?? fallback;
		if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 2 ** 24)
			throw new UnsupportedModelError(
				`config.json: ${name} must be a whole number, got ${String(value)}.`,
			);
		return value;
	};
	const [architecture] = Array.isArray(entries['architectures'])
		? (entries['architectures'] as unknown[])
		: [];
	const family = typeof architecture === 'string' ? architectures[architecture] : undefined;
	if (typeof architecture !== 'string' || !family)
		throw new UnsupportedModelError(
			`config.json: architecture "${String(architecture)}" is not supported; these are: ${Object.keys(architectures).join(', ')}.`,
		);
	if (entries['rope_scaling'])
		throw new UnsupportedModelError(
			'config.json: rope_scaling is not supported yet; use a model without it.',
		);
	if ((entries['hidden_act'] ?? 'silu') !== 'silu')
		throw new UnsupportedModelError('config.json: hidden_act must be "silu".');
	const layers = whole('num_hidden_layers');
	const heads = whole('num_attention_heads');
	const hiddenSize = whole('hidden_size');
	const keyValueHeads = whole('num_key_value_heads', heads);
	const headSize = whole('head_dim', Math.floor(hiddenSize / heads));
	if (layers < 1 || heads < 1 || keyValueHeads < 1 || headSize < 1 || heads % keyValueHeads !== 0)
		throw new UnsupportedModelError(
			'config.json: num_attention_heads must be a multiple of num_key_value_heads, and none may be 0.',
		);
	// SmolLM3: 1 keeps rotary, 0 drops it; absent means everywhere.
	const mask = family.noRope ? entries['no_rope_layers'] : undefined;
	const token = (name: string): number => {
		const value = entries[name];
		const first: unknown = Array.isArray(value) ? value[0] : value;
		return typeof first === 'number' ? first : 0;
	};
	return {
		architecture,
		vocabularySize: whole('vocab_size'),
		hiddenSize,
		intermediateSize: whole('intermediate_size'),
		layers,
		heads,
		keyValueHeads,
		headSize,
		normEpsilon: typeof entries['rms_norm_eps'] === 'number' ? entries['rms_norm_eps'] : 1e-6,
		ropeTheta: typeof entries['rope_theta'] === 'number' ? entries['rope_theta'] : 10_000,
		rope: Array.from({ length: layers }, (_, i) => (Array.isArray(mask) ? mask[i] === 1 : true)),
		tiedEmbeddings: entries['tie_word_embeddings'] === true,
		attentionBias: entries['attention_bias'] === true || family.bias,
		queryKeyNorm: family.norm,
		contextLength: whole('max_position_embeddings', 2048),
		endToken: token('eos_token_id'),
		padToken: token('pad_token_id'),
	};
}

/** Every weight of the model by its Hugging Face name, with its shape. */
export function weightShapes(spec: ModelSpec): ReadonlyMap<string, readonly number[]> {
	const { hiddenSize: d, intermediateSize: f, heads, keyValueHeads, headSize } = spec;
	const shapes = new Map<string, readonly number[]>([
		['model.embed_tokens.weight', [spec.vocabularySize, d]],
	]);
	for (let i = 0; i < spec.layers; i++) {
		const at = `model.layers.${i}`;
		shapes.set(`${at}.input_layernorm.weight`, [d]);
		for (const [name, rows] of [
			['q_proj', heads * headSize],
			['k_proj', keyValueHeads * headSize],
			['v_proj', keyValueHeads * headSize],
		] as const) {
			shapes.set(`${at}.self_attn.${name}.weight`, [rows, d]);
			if (spec.attentionBias) shapes.set(`${at}.self_attn.${name}.bias`, [rows]);
		}
		shapes.set(`${at}.self_attn.o_proj.weight`, [d, heads * headSize]);
		if (spec.queryKeyNorm)
			for (const name of ['q_norm', 'k_norm'])
				shapes.set(`${at}.self_attn.${name}.weight`, [headSize]);
		shapes.set(`${at}.post_attention_layernorm.weight`, [d]);
		shapes.set(`${at}.mlp.gate_proj.weight`, [f, d]);
		shapes.set(`${at}.mlp.up_proj.weight`, [f, d]);
		shapes.set(`${at}.mlp.down_proj.weight`, [d, f]);
	}
	shapes.set('model.norm.weight', [d]);
	if (!spec.tiedEmbeddings) shapes.set('lm_head.weight', [spec.vocabularySize, d]);
	return shapes;
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
