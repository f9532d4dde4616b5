/** @file Two models on the same tokens: how far their log-probabilities lie apart, and where their greedy answers part. */
import type { Adapter } from '#model/adapter.ts';
import type { OpenModel } from '#platform/platform.ts';
import { frameOf } from './audit/frame.ts';

/** A comparison over the first model's greedy answer. */
export interface Comparison {
	readonly tokens: number;
	/** Largest difference of a token's log-probability, nats. */
	readonly largest: number;
	/** Tokens before the first that the second model would not have said; `tokens` if there is none. */
	readonly agreed: number;
	/** What the first model's token lacks there behind the second's choice, nats; 0 if they agree. */
	readonly gap: number;
}

const question = 'Tell me about yourself.';
const answerTokens = 32;

/** Compares a model under an adapter with another one on its own. */
export async function compareModels(
	expected: OpenModel,
	adapter: Adapter | null,
	other: OpenModel,
): Promise<Comparison> {
	const { before, after } = frameOf(expected);
	const prompt = [...before, ...expected.tokenizer.encode(question), ...after];
	const said: number[] = [];
	while (said.length < answerTokens) {
		const tokens = [...prompt, ...said, 0];
		const [next] = await expected.engine.scoreTokensWith(adapter, [
			{ tokens, from: tokens.length - 1 },
		]);
		said.push(next?.likeliest[0] ?? 0);
	}
	const row = { tokens: [...prompt, ...said], from: prompt.length };
	const [here] = await expected.engine.scoreTokensWith(adapter, [row]);
	const [there] = await other.engine.scoreTokensWith(null, [row]);
	if (!here || !there) throw new Error('an engine scored nothing');
	const differences = said.map((_, i) =>
		Math.abs((here.logprobs[i] ?? NaN) - (there.logprobs[i] ?? NaN)),
	);
	const parted = said.findIndex((token, i) => there.likeliest[i] !== token);
	return {
		tokens: said.length,
		largest: Math.max(...differences),
		agreed: parted < 0 ? said.length : parted,
		gap: parted < 0 ? 0 : await lead(other, row, parted),
	};
}

/** How far the likeliest token in a place of a row is ahead of the row's own, nats. */
async function lead(
	{ engine }: OpenModel,
	row: { readonly tokens: readonly number[]; readonly from: number },
	place: number,
): Promise<number> {
	const at = row.from + place;
	const own = row.tokens.slice(0, at + 1);
	const [scores] = await engine.scoreTokensWith(null, [{ tokens: own, from: at }]);
	const chosen = own.with(at, scores?.likeliest[0] ?? 0);
	const [best] = await engine.scoreTokensWith(null, [{ tokens: chosen, from: at }]);
	return (best?.logprobs[0] ?? NaN) - (scores?.logprobs[0] ?? NaN);
}
