/** @file What GGUF calls the families and their weights, and the order of rows that llama.cpp's rotary asks for. */

/** Families by GGUF's `general.architecture`. */
export const architectures: Readonly<Record<string, string>> = {
	llama: 'LlamaForCausalLM',
	qwen2: 'Qwen2ForCausalLM',
	qwen3: 'Qwen3ForCausalLM',
	smollm3: 'SmolLM3ForCausalLM',
};

/** GGUF's word for a family. */
export const ggufArchitecture = (architecture: string): string | undefined =>
	Object.keys(architectures).find((name) => architectures[name] === architecture);

const whole: Readonly<Record<string, string>> = {
	'model.embed_tokens': 'token_embd',
	'model.norm': 'output_norm',
	lm_head: 'output',
};

const inLayer: Readonly<Record<string, string>> = {
	input_layernorm: 'attn_norm',
	'self_attn.q_proj': 'attn_q',
	'self_attn.k_proj': 'attn_k',
	'self_attn.v_proj': 'attn_v',
	'self_attn.o_proj': 'attn_output',
	'self_attn.q_norm': 'attn_q_norm',
	'self_attn.k_norm': 'attn_k_norm',
	post_attention_layernorm: 'ffn_norm',
	'mlp.gate_proj': 'ffn_gate',
	'mlp.up_proj': 'ffn_up',
	'mlp.down_proj': 'ffn_down',
};

/** GGUF's name of a weight that has this Hugging Face name. */
export function ggufName(name: string): string | undefined {
	const [, module = '', kind = ''] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
	const [, layer, part = ''] = /^model\.layers\.(\d+)\.(.+)$/.exec(module) ?? [];
	const found = layer === undefined ? whole[module] : inLayer[part];
	if (found === undefined) return undefined;
	return layer === undefined ? `${found}.${kind}` : `blk.${layer}.${found}.${kind}`;
}

/**
 * Families whose query and key rows GGUF stores for rotary over neighbours (x₀ x₁)(x₂ x₃)…, where Hugging Face
 * rotates the halves (x₀ x_{h/2})…
 */
const interleaved: ReadonlySet<string> = new Set(['LlamaForCausalLM', 'SmolLM3ForCausalLM']);

/** Are the rows of this weight stored in the other order? */
export const isInterleaved = (architecture: string, name: string): boolean =>
	interleaved.has(architecture) && /\.self_attn\.[qk]_proj\.(weight|lora_B\.weight)$/.test(name);

/** Rows (of `rowBytes` each) of whole heads from interleaved order to halves, or back. */
export function reorderRows(
	bytes: Uint8Array,
	headSize: number,
	rowBytes: number,
	to: 'halves' | 'interleaved',
): Uint8Array {
	const out = new Uint8Array(bytes.length);
	const half = headSize / 2;
	const rows = bytes.length / rowBytes;
	for (let row = 0; row < rows; row++) {
		const within = row % headSize;
		const other = row - within + 2 * (within % half) + Math.floor(within / half);
		const [target, source] = to === 'halves' ? [row, other] : [other, row];
		out.set(bytes.subarray(source * rowBytes, (source + 1) * rowBytes), target * rowBytes);
	}
	return out;
}
