/**
 * @file The price of learning: perplexity of a fixed English text under the policy. It rises when a model forgets plain
 * language for the sake of what it practises.
 */
import type { PolicyEngine } from '#engines/engine.ts';
import { fixedText } from './fixed-text.ts';

/** e to the mean negative log-probability of a token, each paragraph read without context; Infinity if nothing is scored. */
export async function perplexityOf(engine: PolicyEngine, signal: AbortSignal): Promise<number> {
	const pairs = fixedText.split('\n\n').map((completion) => ({ prompt: '', completion }));
	const scores = (await engine.score(pairs, { signal })).flatMap((row) => [...row]);
	signal.throwIfAborted();
	return Math.exp(-scores.reduce((sum, logprob) => sum + logprob, 0) / scores.length);
}
