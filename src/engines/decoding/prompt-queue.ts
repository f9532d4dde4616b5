/** @file Queue of prompts: equal prompts and shared prefixes are prefilled once. */
import { noBudget } from '../kv-cache/budget.ts';
import { gathered, keptOf, type KeptTokens } from '../kv-cache/compress.ts';
import type { Selection } from '../kv-cache/select.ts';
import { votersOf } from '../kv-cache/select.ts';
import { truncated, type CachedTokens } from './cached-tokens.ts';
import type { Decoder } from './decoder.ts';
import type { RunLimits } from './limits.ts';
import { prefixGroups } from './shared-prefixes.ts';

/** A prefilled prompt: its KV cache, and the logits [V] after its last token. */
export interface ReadPrompt {
	readonly cache: CachedTokens;
	readonly logits: Float32Array;
	/** The cache before it was compressed, if the queue keeps it. */
	readonly whole?: CachedTokens;
	/** What is left in a compressed cache. */
	readonly kept?: KeptTokens;
}

/** Prefix shared by several prompts; prefilled with the first of them. */
interface Prefix {
	readonly tokens: readonly number[];
	read?: Promise<CachedTokens>;
}

/** A distinct prompt with all of its requests. */
interface Prompt {
	readonly tokens: readonly number[];
	readonly prefix: Prefix | null;
	readonly selection: Selection | undefined;
	readonly keepsWhole: boolean;
	read?: Promise<ReadPrompt>;
}

export interface PromptQueue<T> {
	readonly length: number;
	/** Takes up to `count` requests from the front and prefills their prompts; several workers may call at once. */
	take(
		decoder: Decoder,
		count: number,
		signal?: AbortSignal,
	): Promise<readonly { readonly item: T; readonly prompt: ReadPrompt }[]>;
	/** Drops all waiting requests. */
	clear(): void;
}

/** Tokens with a KV cache that a prompt may start with. */
export interface KnownTokens {
	readonly tokens: readonly number[];
	readonly cache: CachedTokens;
}

/** What a queue is made of: a prompt's tokens, and which of them stay in its KV cache. */
export interface Queued {
	readonly prompt: readonly number[];
	readonly selection?: Selection | undefined;
}

/**
 * Orders prompts so that neighbours share the longest prefixes; what they share is never compressed. Every prompt starts
 * with `known`. `keepsWhole` keeps a compressed prompt's whole cache beside the other.
 */
export function promptQueue<T extends Queued>(
	items: readonly T[],
	known?: KnownTokens,
	keepsWhole = false,
): PromptQueue<T> {
	const byText = new Map<string, { readonly tokens: readonly number[]; readonly items: T[] }>();
	for (const item of items) {
		const key = item.prompt.join();
		const same = byText.get(key);
		if (same) same.items.push(item);
		else byText.set(key, { tokens: item.prompt, items: [item] });
	}
	const texts = [...byText.values()];
	const groups = known
		? [{ length: known.tokens.length, rows: [...texts.keys()] }]
		: prefixGroups(texts.map(({ tokens }) => ({ tokens, shareable: tokens.length - 1 })));
	const waiting = groups.flatMap(({ length, rows }) => {
		let prefix: Prefix | null = null;
		if (known) prefix = { tokens: known.tokens, read: Promise.resolve(known.cache) };
		else if (length > 0) prefix = { tokens: texts[rows[0] ?? 0]?.tokens.slice(0, length) ?? [] };
		return rows.flatMap((row) => {
			const text = texts[row];
			if (!text) return [];
			const selection = text.items[0]?.selection;
			const prompt: Prompt = { tokens: text.tokens, prefix, selection, keepsWhole };
			return text.items.map((item) => ({ item, prompt }));
		});
	});

	return {
		get length() {
			return waiting.length;
		},
		take: async (decoder, count, signal) => {
			const taken = waiting.splice(0, count);
			const prompts = [...new Set(taken.map(({ prompt }) => prompt))];
			for (const together of packs(prompts, decoder.limits))
				await readAll(decoder, together, signal);
			return Promise.all(
				taken.map(async ({ item, prompt }) => {
					if (!prompt.read) throw new Error('a prompt was not read');
					return { item, prompt: await prompt.read };
				}),
			);
		},
		clear: () => {
			waiting.length = 0;
		},
	};
}

/**
 * Groups of prompts on one prefix that have not been prefilled, each the size of one run; a long prompt is alone, and so is
 * one whose cache is compressed.
 */
function packs(prompts: readonly Prompt[], limits: RunLimits): readonly (readonly Prompt[])[] {
	const made: Prompt[][] = [];
	for (const prompt of prompts.filter(({ read: begun }) => !begun)) {
		const last = made.at(-1);
		const rest = prompt.tokens.length - (prompt.prefix?.tokens.length ?? 0);
		// Sorted by length, so this one is the longest.
		const fit = Math.min(limits.chunk / rest, limits.rows(prompt.tokens.length));
		const isAlone = prompt.selection ?? last?.[0]?.selection;
		if (!isAlone && last && last[0]?.prefix === prompt.prefix && last.length + 1 <= fit)
			last.push(prompt);
		else made.push([prompt]);
	}
	return made;
}

async function readAll(
	decoder: Decoder,
	prompts: readonly Prompt[],
	signal: AbortSignal | undefined,
): Promise<void> {
	const [first] = prompts;
	if (first?.selection) {
		first.read ??= readCompressed(decoder, first, first.selection, signal);
		await first.read;
	} else await readTogether(decoder, prompts, signal);
}

/** Prefills a prompt whole, then keeps the selected tokens of its cache: its first logits are those of the whole. */
async function readCompressed(
	decoder: Decoder,
	{ tokens, prefix, keepsWhole }: Prompt,
	selection: Selection,
	signal: AbortSignal | undefined,
): Promise<ReadPrompt> {
	if (!decoder.prefillWatched) throw noBudget(`A decoder without attention`);
	const voters = votersOf(selection, tokens.length);
	const known = await readPrefix(decoder, prefix, signal);
	// Tokens that vote are run, also where their keys are known.
	const length = Math.min(known?.length ?? 0, tokens.length - Math.max(1, voters));
	const begun = known && length > 0 ? truncated(known, length) : null;
	const rest = tokens.slice(begun?.length ?? 0);
	let logits = new Float32Array(0);
	const { cache, votes } = await decoder.prefillWatched(
		begun,
		{ tokens: rest, wantedFrom: rest.length - 1 },
		voters,
		(_row, _at, last) => {
			logits = last.slice();
		},
		signal,
	);
	const kept = keptOf(votes, selection);
	const left = gathered(cache, kept, decoder.spec);
	return { cache: left, logits, kept, ...(keepsWhole && { whole: cache }) };
}

async function readTogether(
	decoder: Decoder,
	prompts: readonly Prompt[],
	signal: AbortSignal | undefined,
): Promise<void> {
	const prefix = prompts[0]?.prefix ?? null;
	const unread = prompts.filter(({ read: begun }) => !begun);
	if (unread.length === 0) return;
	const logits: Float32Array[] = [];
	const run = readPrefix(decoder, prefix, signal).then((cached) =>
		decoder.prefill(
			cached,
			unread.map(({ tokens }) => {
				const rest = tokens.slice(prefix?.tokens.length ?? 0);
				return { tokens: rest, wantedFrom: rest.length - 1 };
			}),
			(row, _at, last) => {
				logits[row] = last.slice();
			},
			signal,
		),
	);
	// Started at once, so that another worker awaits it instead of starting it again.
	const done = unread.map(async (prompt, i) => {
		prompt.read = run.then((caches) => {
			const [cache, last] = [caches[i], logits[i]];
			if (!cache || !last) throw new Error('a prompt has no logits');
			return { cache, logits: last };
		});
		await prompt.read;
	});
	await Promise.all(done);
}

/** KV cache of a prefix; prefilled at most once. */
function readPrefix(
	decoder: Decoder,
	prefix: Prefix | null,
	signal: AbortSignal | undefined,
): Promise<CachedTokens | null> {
	if (!prefix) return Promise.resolve(null);
	const { tokens } = prefix;
	prefix.read ??= decoder
		.prefill(null, [{ tokens, wantedFrom: tokens.length }], () => undefined, signal)
		.then(([cache]) => {
			if (!cache) throw new Error('a prefix was not read');
			return cache;
		});
	return prefix.read;
}
