/**
 * @file Sampler: repetition penalty, grammar mask, then greedy or temperature, top-k, top-p and min-p in the order of
 * transformers. Log-probabilities are of the model's own distribution, before any of these.
 */
import type { Random } from '#base/random.ts';
import { hasToken, type TokenSet } from '../forms/token-form.ts';

export interface SamplingOptions {
	/** 0 is greedy. */
	readonly temperature: number;
	/** Only the k most likely tokens may be drawn; 0 is off. */
	readonly topK: number;
	/** Only the smallest set that reaches this probability may be drawn; 1 is off. */
	readonly topP: number;
	/** Only tokens at least this times as likely as the most likely may be drawn; 0 is off. */
	readonly minP: number;
	/** 1 is off. */
	readonly repetitionPenalty: number;
}

/** Constraints of one row besides its logits. */
export interface RowLimits {
	/** Tokens of the prompt and of the answer so far, which are penalised. */
	readonly penalised?: ReadonlySet<number> | undefined;
	/** The only tokens that may be drawn. */
	readonly allowed?: TokenSet | undefined;
}

/** One token, and its log-probability in nats. */
export interface Choice {
	readonly token: number;
	readonly logprob: number;
}

/** End of the table e^(−i / 64): smaller terms are below the last digit. */
const reach = 40;
const exponentials = Float64Array.from({ length: 64 * reach }, (_, i) => Math.exp(-i / 64));

/**
 * log Σ exp(x) without overflow, by a table and four terms of the series (error 3e-9): Math.exp for a whole vocabulary
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
	for (let i = 0; i < size; i++) sum += expOfMinus(max - (x[i] ?? NaN));
	return max + Math.log(sum);
}

/** e^(−x) for x ≥ 0. */
function expOfMinus(x: number): number {
	if (x >= reach) return 0;
	const place = (x * 64) | 0;
	const r = x - place / 64;
	return (exponentials[place] ?? 0) * (1 - r * (1 - r * (0.5 - r / 6)));
}

/** Logits with the penalty of CTRL (Keskar et al. 2019): divided if positive, multiplied if negative. */
export function penalise(
	logits: Float32Array,
	penalised: ReadonlySet<number>,
	penalty: number,
): Float32Array {
	if (penalty === 1 || penalised.size === 0) return logits;
	const scores = logits.slice();
	for (const token of penalised) {
		const score = scores[token];
		if (score !== undefined) scores[token] = score < 0 ? score * penalty : score / penalty;
	}
	return scores;
}

/** Candidate tokens with unnormalised odds; `temperature` is above 0. */
export function candidates(
	scores: Float32Array,
	{ temperature, topK, topP, minP }: Omit<SamplingOptions, 'repetitionPenalty'>,
	allowed?: TokenSet,
): { readonly tokens: ArrayLike<number>; readonly odds: ArrayLike<number> } {
	const size = scores.length;
	let best = -Infinity;
	for (let i = 0; i < size; i++) {
		const score = scores[i] ?? NaN;
		if (score > best && (allowed === undefined || hasToken(allowed, i))) best = score;
	}
	const odds = new Float64Array(size);
	let total = 0;
	for (let i = 0; i < size; i++) {
		if (allowed !== undefined && !hasToken(allowed, i)) continue;
		total += odds[i] = expOfMinus((best - (scores[i] ?? NaN)) / temperature);
	}
	if (topK === 0 && topP === 1 && minP === 0) return { tokens: range(size), odds };
	// All less likely tokens have less than 1 − top-p together, so few are left to sort.
	const least = topK > 0 ? 0 : topP < 1 ? ((1 - topP) * total) / size : minP;
	let kept: number[] = [];
	const oddsOf = (token: number): number => odds[token] ?? 0;
	for (let i = 0; i < size; i++) {
		const chance = odds[i] ?? 0;
		if (chance > 0 && chance >= least) kept.push(i);
	}
	// Ties: lower index first. The sort is stable, but odds round differences of scores away.
	const byScore = (a: number, b: number): number => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b;
	if (topK > 0) kept = bestOf(kept, topK, byScore);
	if (topP < 1) {
		kept.sort(byScore);
		const share = topP * (topK > 0 ? kept.reduce((sum, token) => sum + oddsOf(token), 0) : total);
		let sum = 0;
		kept.length = kept.findIndex((token) => (sum += oddsOf(token)) >= share) + 1 || kept.length;
	}
	// The most likely token has odds of 1.
	if (minP > 0) kept = kept.filter((token) => oddsOf(token) >= minP);
	return { tokens: kept, odds: kept.map(oddsOf) };
}

const ranges = new Map<number, Int32Array>();

/** 0 … size − 1, cached. */
function range(size: number): Int32Array {
	const known = ranges.get(size) ?? Int32Array.from({ length: size }, (_, i) => i);
	ranges.set(size, known);
	return known;
}

/** The first `count` of a list in an order, sorted; most of the list is only compared with the last of them. */
function bestOf(
	list: readonly number[],
	count: number,
	order: (a: number, b: number) => number,
): number[] {
	const best: number[] = list.slice(0, count).sort(order);
	for (let i = count; i < list.length; i++) {
		const item = list[i] ?? 0;
		if (order(item, best[count - 1] ?? 0) > 0) continue;
		let at = count - 1;
		for (; at > 0 && order(item, best[at - 1] ?? 0) < 0; at--) best[at] = best[at - 1] ?? 0;
		best[at] = item;
	}
	return best;
}

export function sample(
	logits: Float32Array,
	options: SamplingOptions,
	random: Random,
	{ penalised, allowed }: RowLimits = {},
): Choice {
	const scores = penalised ? penalise(logits, penalised, options.repetitionPenalty) : logits;
	let token = -1;
	for (let i = 0; i < scores.length; i++)
		if (
			(token < 0 || (scores[i] ?? 0) > (scores[token] ?? 0)) &&
			(allowed === undefined || hasToken(allowed, i))
		)
			token = i;
	if (options.temperature > 0) {
		const { tokens, odds } = candidates(scores, options, allowed);
		let total = 0;
		for (let i = 0; i < odds.length; i++) total += odds[i] ?? 0;
		let left = random.next() * total;
		for (let i = 0; i < odds.length; i++) {
			left -= odds[i] ?? 0;
			if (left >= 0) continue;
			token = tokens[i] ?? token;
			break;
		}
	}
	return { token, logprob: (logits[token] ?? NaN) - logSumExp(logits) };
}

/** Gumbel noise: arg-max of logits / temperature + noise samples the tempered softmax. */
export function fillGumbel(
	target: Float32Array,
	offset: number,
	count: number,
	random: Random,
): void {
	for (let i = 0; i < count; i++)
		target[offset + i] = -Math.log(-Math.log(random.next() + 1e-12) + 1e-12);
}
