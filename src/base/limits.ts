/** @file Limits of request values, the same for address, terminal, API and chat; and work budgets of untrusted data. */
import type { WorkLimits } from './untrusted/budget.ts';
import type { NumberKnob } from './knobs.ts';

/** A seed is 32 bits, unsigned. */
export const seedKnob = {
	kind: 'integer',
	label: 'Seed',
	help: 'The same seed gives the same result.',
	default: 1,
	min: 0,
	max: 2 ** 32 - 1,
	scale: 'none',
} as const satisfies NumberKnob;

/** Ranges of the whole numbers in a run's request, both ends inclusive. */
export const runLimits = {
	seed: { from: seedKnob.min, to: seedKnob.max },
	rounds: { from: 1, to: 1000 },
} as const;

/** How the numbers of a KV cache are held, and what that is for people. */
export const kvTypes = {
	f32: '32 bits, exact',
	f16: '16 bits, half the memory',
	q8: '8 bits, about a quarter of the memory, faster when long',
} as const;
export type KvType = keyof typeof kvTypes;
export const isKvType = (name: unknown): name is KvType =>
	typeof name === 'string' && Object.hasOwn(kvTypes, name);

/** What is kept of the KV cache of a long prompt: tokens in all, last ones that vote, neighbours that a vote counts for. */
export interface KvBudget {
	readonly budget: number;
	/** `auto`: the question, the last line of what a person said. */
	readonly window: number | 'auto';
	/** An odd number. */
	readonly kernel: number;
	/** `f32` if absent; of every prompt, short ones too. */
	readonly type?: KvType;
}

/** Ranges of a KV budget, both ends inclusive, and what it is unless told. */
export const kvLimits = {
	budget: { from: 128, to: 1 << 20, usual: 1024 },
	window: { from: 1, to: 64, usual: 'auto' },
	kernel: { from: 1, to: 63, usual: 13 },
} as const;

/** A KV budget out of text or numbers, with what is usual for the rest, all tokens if only a type is given; or one sentence that names what is allowed. */
export function readKvBudget(given: {
	readonly [K in keyof KvBudget]?: string | number | undefined;
}): { readonly value: KvBudget } | { readonly error: string } {
	const { budget, window, kernel } = kvLimits;
	const read = (value: string | number, { from, to }: { from: number; to: number }) => {
		const n = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
		return Number.isInteger(n) && n >= from && n <= to ? n : undefined;
	};
	const { type } = given;
	if (type !== undefined && !isKvType(type))
		return {
			error: `kv-type must be one of ${Object.keys(kvTypes).join(', ')}; got "${type}".`,
		};
	const tokens = read(given.budget ?? (type ? budget.to : budget.usual), budget);
	if (tokens === undefined)
		return {
			error: `kv-budget must be a whole number from ${budget.from} to ${budget.to}; got "${String(given.budget)}".`,
		};
	const asked = given.window ?? window.usual;
	const last = asked === 'auto' ? asked : read(asked, window);
	if (last === undefined)
		return {
			error: `kv-window must be auto or a whole number from ${window.from} to ${window.to}; got "${asked}".`,
		};
	const pooled = read(given.kernel ?? kernel.usual, kernel);
	if (pooled === undefined || pooled % 2 === 0)
		return {
			error: `kv-kernel must be an odd number from ${kernel.from} to ${kernel.to}; got "${String(given.kernel)}".`,
		};
	const held = type === undefined || type === 'f32' ? {} : { type };
	return { value: { budget: tokens, window: last, kernel: pooled, ...held } };
}

/**
 * Default budgets of the readers of untrusted data. Real files stay below a tenth of each: the longest conversation that
 * was measured (1,000 messages in Qwen 3's template) takes some 200,000 steps.
 */
export const workLimits = {
	/** One rendering, beside what each character and message of the conversation adds. */
	chatTemplate: { steps: 3_000_000, bytes: 64 << 20, milliseconds: 5_000 },
	/** One encoding by expressions that are not known, beside what each character adds. */
	tokenizer: { steps: 5_000_000 },
	/** One module beside an expression of an adapter's config. */
	moduleExpression: { steps: 100_000 },
	/** Factors of an adapter after missing ones and smaller ranks are filled up with zeros. */
	filledAdapter: { bytes: 512 << 20 },
	/** Values of a GGUF header in memory. */
	ggufHeader: { bytes: 256 << 20 },
	/** Parts of a JSON schema after `$ref`s are followed. */
	schema: { steps: 20_000 },
	/** Members and transitions of all states of an automaton: 4 bytes each. */
	automaton: { steps: 16_000_000 },
} as const satisfies Readonly<Record<string, WorkLimits>>;

/** Sizes of templates and tokenizers, far above those of real models. */
export const textLimits = {
	/** Characters of a chat template, and of one run of white space in it. */
	template: 1 << 18,
	templateSpace: 1024,
	/** Characters of one regular expression of a tokenizer. */
	pattern: 10_000,
	/** Times that normalisation may lengthen a text. */
	growth: 512,
	/** Ids of tokens are below it. */
	tokenIds: 1 << 24,
	/** Steps of normalisation, splitting and decoding. */
	tokenizerSteps: 256,
	/** Characters of one word of WordPiece, whose search is cubic in them. */
	wordPieceCharacters: 200,
	/** Different lengths of a Unigram vocabulary's tokens, whose lattice is quadratic in them. */
	unigramLengths: 64,
	/** Steps that each character of a text adds to a tokenizer's budget. */
	stepsPerCharacter: 500,
} as const;

/** Limits of an endpoint's answer to one request. */
export const endpointLimits = {
	/** Bytes of the body, and those that each token asked for adds. */
	bytes: 1 << 20,
	bytesPerToken: 4096,
	/** Events of a stream, and those that each token asked for adds. */
	events: 64,
	eventsPerToken: 8,
	lineBytes: 4 << 20,
	/** Bytes read of an error body. */
	errorBytes: 1 << 16,
	/** Whole time of one request. */
	milliseconds: 1_800_000,
} as const;

/** Limits of a person's own data files, far above the 200 MB that are meant to be read. */
export const dataLimits = {
	/** Bytes of all files together, archives unpacked. */
	bytes: 2 ** 31,
	/** Characters of one JSON value or one line, and of a text that must be read as a whole. */
	valueCharacters: 1 << 24,
	wholeCharacters: 1 << 28,
	rows: 2_000_000,
	files: 10_000,
	/** Problems that are named one by one; the others are counted. */
	problems: 1000,
	milliseconds: 600_000,
	/** Of zips: a ratio stops bombs. */
	zip: { entries: 20_000, bytes: 2 ** 30, ratio: 400 },
} as const;
