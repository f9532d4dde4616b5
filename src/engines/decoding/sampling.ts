/**
 * @file Picks the next token from logits: repetition penalty, form, then greedy or temperature, top-k, top-p and min-p in
 * the order of transformers. The log-probability is of the model's own distribution, before any of these.
 */
import type { Random } from '#base/random.ts';
import { hasToken, type TokenSet } from '../forms/token-form.ts';

export interface SamplingOptions {
	/** 0 is greedy. */
	readonly temperature: number;
	/** Only the k best may be drawn; 0 is off. */
	readonly topK: number;
	/** Only the fewest that together reach this probability may be drawn; 1 is off. */
	readonly topP: number;
	/** Only those at least this times as likely as the best may be drawn; 0 is off. */
	readonly minP: number;
	/** 1 is off. */
	readonly repetitionPenalty: number;
}

/** What is known of one row besides its logits. */
export interface RowLimits {
	/** Tokens of the prompt and of the answer so far, which the penalty is for. */
	readonly said?: ReadonlySet<number> | undefined;
	/** The only tokens that may be drawn. */
	readonly allowed?: TokenSet | undefined;
}

/** One token, and its log-probability in nats. */
export interface Choice {
	readonly token: number;
	readonly logprob: number;
}

/** e^(−i / 64) up to where what is left is below the last digit. */
const reach = 40;
const exponentials = Float64Array.from({ length: 64 * reach }, (_, i) => Math.exp(-i / 64));

/**
 * log Σ exp(x), without overflow. By a table and four terms of the series (right to 3e-9): Math.exp for a whole vocabulary
 * and 16 rows took 15 ms, a fifth of a step.
 */
export function logSumExp(x: Float32Array): number {
	const size = x.length;
	let max = -Infinity;
	for (let i = 0; i < size; i++) {
		const v = x[i] ?? NaN;
		if (v > max) max = v;
	}
	let sum = 0;
	for (let i = 0; i < size; i++) {
		const below = max - (x[i] ?? NaN);
		if (below >= reach) continue;
		const place = (below * 64) | 0;
		const r = below - place / 64;
		sum += (exponentials[place] ?? 0) * (1 - r * (1 - r * (0.5 - r / 6)));
	}
	return max + Math.log(sum);
}

/** Logits with the penalty of CTRL (Keskar et al. 2019): divided where positive, multiplied where negative. */
export function penalise(
	logits: Float32Array,
	said: ReadonlySet<number>,
	penalty: number,
): Float32Array {
	if (penalty === 1 || said.size === 0) return logits;
	const scores = logits.slice();
	for (const token of said) {
		const score = scores[token];
		if (score !== undefined) scores[token] = score < 0 ? score * penalty : score / penalty;
	}
	return scores;
}

/** Gives indices, the best score first and of equals the lower index: a heap, as few are asked for of many. */
function* bestFirst(scores: Float32Array, indices: Int32Array): Generator<number, void> {
	const heap = indices.slice();
	let size = heap.length;
	const above = (a: number, b: number): boolean => {
		const difference = (scores[a] ?? 0) - (scores[b] ?? 0);
		return difference > 0 || (difference === 0 && a < b);
	};
	const sink = (from: number): void => {
		const item = heap[from] ?? 0;
		let at = from;
		for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
			if (child + 1 < size && above(heap[child + 1] ?? 0, heap[child] ?? 0)) child++;
			const down = heap[child] ?? 0;
			if (!above(down, item)) break;
			heap[at] = down;
			at = child;
		}
		heap[at] = item;
	};
	for (let i = (size >> 1) - 1; i >= 0; i--) sink(i);
	while (size > 0) {
		yield heap[0] ?? 0;
		heap[0] = heap[--size] ?? 0;
		sink(0);
	}
}

/** What may be drawn, with odds that need not add up to 1; `temperature` is above 0. */
export function candidates(
	scores: Float32Array,
	{ temperature, topK, topP, minP }: Omit<SamplingOptions, 'repetitionPenalty'>,
	allowed?: TokenSet,
): { readonly tokens: ArrayLike<number>; readonly odds: readonly number[] } {
	const all = Int32Array.from(scores.keys());
	const open = allowed ? all.filter((token) => hasToken(allowed, token)) : all;
	let best = -Infinity;
	for (const token of open) best = Math.max(best, scores[token] ?? -Infinity);
	const oddsOf = (token: number): number => Math.exp(((scores[token] ?? 0) - best) / temperature);
	let tokens: ArrayLike<number> = open;
	if (topK > 0 || topP < 1) {
		const wanted = topK > 0 ? Math.min(topK, open.length) : open.length;
		const kept: number[] = [];
		// With top-k, top-p is a share of what the k best have together.
		const total = (list: Iterable<number>): number => {
			let sum = 0;
			for (const token of list) sum += oddsOf(token);
			return sum;
		};
		const target = topP < 1 && topK === 0 ? topP * total(open) : Infinity;
		let reached = 0;
		for (const token of bestFirst(scores, open)) {
			if (kept.length >= wanted || reached >= target) break;
			kept.push(token);
			reached += oddsOf(token);
		}
		if (topK > 0 && topP < 1) {
			const share = topP * reached;
			let sum = 0;
			kept.length = kept.findIndex((token) => (sum += oddsOf(token)) >= share) + 1 || kept.length;
		}
		tokens = kept;
	}
	const some = minP > 0 ? Array.from(tokens).filter((token) => oddsOf(token) >= minP) : tokens;
	return { tokens: some, odds: Array.from(some, oddsOf) };
}

export function sample(
	logits: Float32Array,
	options: SamplingOptions,
	random: Random,
	{ said, allowed }: RowLimits = {},
): Choice {
	const scores = said ? penalise(logits, said, options.repetitionPenalty) : logits;
	let token = -1;
	for (let i = 0; i < scores.length; i++)
		if (
			(token < 0 || (scores[i] ?? 0) > (scores[token] ?? 0)) &&
			(allowed === undefined || hasToken(allowed, i))
		)
			token = i;
	if (options.temperature > 0) {
		const { tokens, odds } = candidates(scores, options, allowed);
		let left = random.next() * odds.reduce((sum, p) => sum + p, 0);
		token = tokens[odds.findIndex((p) => (left -= p) < 0)] ?? token;
	}
	return { token, logprob: (logits[token] ?? NaN) - logSumExp(logits) };
}

/** Gumbel noise: arg-max of logits / temperature + noise is a draw from the tempered softmax. */
export function fillGumbel(
	target: Float32Array,
	offset: number,
	count: number,
	random: Random,
): void {
	for (let i = 0; i < count; i++)
		target[offset + i] = -Math.log(-Math.log(random.next() + 1e-12) + 1e-12);
}
