/**
 * @file The price of learning: perplexity of a fixed English text under the policy. It rises when a model forgets plain
 * language for the sake of what it practises.
 */
import { BackendError } from '#base/backend-error.ts';
import type { PolicyEngine } from '#engines/engine.ts';

/**
 * e to the mean negative log-probability of a token, each paragraph read without context; undefined if the engine cannot
 * score.
 */
export async function perplexityOf(
	engine: PolicyEngine,
	signal: AbortSignal,
): Promise<number | undefined> {
	// Loaded when it is measured: the page shows recipes without it.
	const { fixedText } = await import('./fixed-text.ts');
	const pairs = fixedText.split('\n\n').map((completion) => ({ prompt: '', completion }));
	const rows = await engine.score(pairs, { signal }).catch((error: unknown) => {
		if (error instanceof BackendError && error.code === 'not-available') return [];
		throw error;
	});
	signal.throwIfAborted();
	const scores = rows.flatMap((row) => [...row]);
	if (scores.length === 0) return undefined;
	return Math.exp(-scores.reduce((sum, logprob) => sum + logprob, 0) / scores.length);
}
