/** @file Picks the next token from logits: greedy, temperature, top-k, top-p; the log-probability is of the untempered distribution. */
import type { Random } from '#base/random.ts';

export interface SamplingOptions {
	/** 0 is greedy. */
	readonly temperature: number;
	/** Only the k best may be drawn; 0 is off. */
	readonly topK: number;
	/** Only the fewest that together reach this probability may be drawn; 1 is off. */
	readonly topP: number;
}

/** log Σ exp(x), without overflow. */
function logSumExp(x: Float32Array): number {
	let max = -Infinity;
	for (const v of x) if (v > max) max = v;
	let sum = 0;
	for (const v of x) sum += Math.exp(v - max);
	return max + Math.log(sum);
}

export function sample(
	logits: Float32Array,
	{ temperature, topK, topP }: SamplingOptions,
	random: Random,
): { readonly token: number; readonly logprob: number } {
	let token = 0;
	for (let i = 1; i < logits.length; i++) if ((logits[i] ?? 0) > (logits[token] ?? 0)) token = i;
	if (temperature > 0) {
		const best = logits[token] ?? 0;
		let order = Array.from(logits.keys());
		if (topK > 0 || topP < 1) order.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
		if (topK > 0) order = order.slice(0, topK);
		const odds = order.map((i) => Math.exp(((logits[i] ?? 0) - best) / temperature));
		let total = odds.reduce((sum, p) => sum + p, 0);
		if (topP < 1) {
			let kept = 0;
			let reached = 0;
			while (kept < odds.length && reached < topP * total) reached += odds[kept++] ?? 0;
			odds.length = kept;
			total = reached;
		}
		let left = random.next() * total;
		token = order[odds.findIndex((p) => (left -= p) < 0)] ?? token;
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
