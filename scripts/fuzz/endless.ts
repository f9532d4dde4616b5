/** @file Inputs built by hand that are valid and would never end, or would fill the memory. */

interface Endless {
	readonly name: string;
	readonly reader: string;
	readonly make: () => unknown;
}

const tokenizer = (over: object): unknown => ({
	added_tokens: [],
	normalizer: null,
	pre_tokenizer: null,
	post_processor: null,
	decoder: { type: 'Fuse' },
	model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
	...over,
});
/** Parts of a tokenizer.json. */
export const split = (Regex: string) => ({
	type: 'Split',
	pattern: { Regex },
	behavior: 'Isolated',
	invert: false,
});
export const replace = (pattern: object, content: string) => ({
	type: 'Replace',
	pattern,
	content,
});
const doubled = (levels: number) => {
	const $defs: Record<string, unknown> = { [`d${levels}`]: { type: 'null' } };
	for (let i = 0; i < levels; i++) {
		const next = { $ref: `#/$defs/d${i + 1}` };
		$defs[`d${i}`] = { anyOf: [next, next] };
	}
	return { $ref: '#/$defs/d0', $defs };
};
const list = '{% set ns = namespace(l=["a"]) %}';
const config = {
	architectures: ['LlamaForCausalLM'],
	...{ vocab_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 1 },
};

export const endless: readonly Endless[] = [
	[
		'template: nested loops',
		'template',
		() => '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}',
	],
	[
		'template: nested loops with output',
		'template',
		() => '{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}',
	],
	[
		'rows: a list of a million brackets',
		'rows',
		() => ({ name: 'a.json', content: new TextEncoder().encode('['.repeat(1_000_000)) }),
	],
	[
		'rows: a table with a quote that never closes',
		'rows',
		() => ({ name: 'a.csv', content: new TextEncoder().encode(`a,b\n"${'x,\n'.repeat(300_000)}`) }),
	],
	[
		'rows: numbers that may be telephones',
		'rows',
		() => ({ name: 'a.txt', content: new TextEncoder().encode('+1 (1)-1 '.repeat(50_000)) }),
	],
	['template: a list doubled', 'template', () => list + '{% set ns.l = ns.l + ns.l %}'.repeat(40)],
	[
		'template: a list in itself',
		'template',
		() => `${list}${'{% set ns.l = [ns.l, ns.l] %}'.repeat(40)}{{ ns.l }}`,
	],
	[
		'template: nested ifs',
		'template',
		() => '{% if true %}'.repeat(10_000) + '{% endif %}'.repeat(10_000),
	],
	['tokenizer: (a+)+$', 'tokenizer', () => tokenizer({ pre_tokenizer: split('(a+)+$') })],
	[
		'tokenizer: ^(a|a)*$',
		'tokenizer',
		() => tokenizer({ normalizer: replace({ Regex: '^(a|a)*$' }, 'b') }),
	],
	[
		'tokenizer: forty doublings',
		'tokenizer',
		() =>
			tokenizer({
				normalizer: {
					type: 'Sequence',
					normalizers: Array(40).fill(replace({ String: 'a' }, 'aa')),
				},
			}),
	],
	[
		'tokenizer: pieces of no length',
		'tokenizer',
		() => tokenizer({ pre_tokenizer: { type: 'FixedLength', length: 0 } }),
	],
	[
		'tokenizer: an id of four billion',
		'tokenizer',
		() => tokenizer({ added_tokens: [{ id: 2 ** 32 - 2, content: 'x', special: true }] }),
	],
	['schema: definitions that double', 'schema', () => doubled(23)],
	['expression: five thousand either way', 'expression', () => '(a|b)*a(a|b){5000}'],
	['expression: four billion times nothing', 'expression', () => '(){4294967295}'],
	[
		'config: a size nested 10,000 deep',
		'config',
		() => ({
			...config,
			hidden_size: JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) as unknown,
		}),
	],
	['rows: a million brackets', 'rows', () => '['.repeat(1_000_000)],
	['events: one long line', 'events', () => `data: ${'a'.repeat(5 << 20)}`],
].map(([name, reader, make]) => ({ name, reader, make }) as Endless);
