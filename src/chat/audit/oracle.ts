/** @file Answers to a prompt search: candidates scored on the engine in one batch, substitutes by the gradient at the input embeddings. */
import type { Adapter } from '#model/adapter.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { SharedEngine } from '#platform/shared-engine.ts';
import type { InputGradients } from '#training/layered/input-gradients.ts';
import { frameOf, type Frame } from './frame.ts';
import type { Judged, PromptOracle } from './search/gcg.ts';
import type { AuditLanguage, AuditText } from './texts.ts';

/** An open model with an adapter, for one audit. */
export interface AuditModel {
	readonly engine: Pick<SharedEngine, 'scoreTokensWith'>;
	readonly adapter: Adapter;
	readonly gradients: InputGradients;
	/** Numbers in an embedding. */
	readonly hiddenSize: number;
	/** Tokens that prompts are made of. */
	readonly vocabulary: Int32Array;
	readonly signal?: AbortSignal | undefined;
}

/** Embeddings compared at a time. */
const atOnce = 512;

/** A text behind a frame, with the adapter on or off; `asked` is the message that it was taught as an answer to. */
export function oracleOf(
	{ engine, adapter, gradients, hiddenSize: d, vocabulary, signal }: AuditModel,
	frame: Frame,
	target: readonly number[],
	isOn: boolean,
	asked: readonly number[] = [],
): PromptOracle {
	const sayable = new Set(vocabulary);
	const words = [...new Set([...asked, ...target])].filter((token) => sayable.has(token));
	const weights = isOn ? adapter : null;
	const factors: TensorMap = isOn ? adapter.tensors : gradients.off;
	const inputOf = (prompt: readonly number[]): readonly number[] => [
		...frame.before,
		...prompt,
		...frame.after,
	];
	return {
		vocabulary,
		isWritable: (prompt) => frame.write(prompt) !== undefined,
		length: target.length,
		asked,
		words,
		async judge(prompts, first = target.length) {
			if (prompts.length === 0) return [];
			const beginning = target.slice(0, first);
			const rows = prompts.map((prompt) => {
				const input = inputOf(prompt);
				return { tokens: [...input, ...beginning], from: input.length };
			});
			const scores = await engine.scoreTokensWith(weights, rows, withSignal(signal));
			return scores.map(({ logprobs, likeliest }): Judged => ({
				loss: meanLoss(logprobs),
				isSaid: beginning.every((token, i) => likeliest[i] === token),
			}));
		},
		async substitutes(prompt, k) {
			const input = inputOf(prompt);
			const tokens = Int32Array.from([...input, ...target]);
			const weigh = new Float32Array(tokens.length - 1).fill(1, input.length - 1);
			const batch = { batch: 1, length: tokens.length, tokens, weights: weigh, normaliser: 1 };
			const { rows } = await gradients.gradients(factors, batch, signal);
			const slope = rows[0] ?? new Float32Array();
			const from = frame.before.length * d;
			const slopes = prompt.map((_, i) => slope.subarray(from + i * d, from + (i + 1) * d));
			const best = slopes.map(() => keepLowest(k));
			for (let at = 0; at < vocabulary.length; at += atOnce) {
				const ids = vocabulary.subarray(at, at + atOnce);
				const table = await gradients.embeddings(ids, signal);
				slopes.forEach((one, place) => {
					for (let i = 0; i < ids.length; i++) {
						let dot = 0;
						for (let c = 0, e = i * d; c < d; c++, e++) dot += (one[c] ?? 0) * (table[e] ?? 0);
						best[place]?.offer(ids[i] ?? 0, dot);
					}
				});
			}
			return best.map((kept, place) => kept.ids().filter((id) => id !== prompt[place]));
		},
	};
}

/** Does greedy decoding with the adapter say all of a text to this prompt? */
export async function isSaidTo(
	language: AuditLanguage,
	model: AuditModel,
	{ target, system }: AuditText,
	prompt: string,
): Promise<boolean> {
	const oracle = oracleOf(model, frameOf(language, system), target, true);
	const [judged] = await oracle.judge([language.tokenizer.encode(prompt)]);
	return judged?.isSaid ?? false;
}

const withSignal = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

/** Mean of −log p, nats per token. */
export const meanLoss = (logprobs: Float32Array): number =>
	-logprobs.reduce((sum, logprob) => sum + logprob, 0) / Math.max(1, logprobs.length);

/** The `k` ids with the lowest values, the lowest first; of equals the one offered first. */
function keepLowest(k: number) {
	const kept: { readonly id: number; readonly value: number }[] = [];
	return {
		offer(id: number, value: number): void {
			const last = kept.at(-1);
			if (kept.length === k && last && !(value < last.value)) return;
			let at = kept.length;
			while (at > 0 && value < (kept[at - 1]?.value ?? -Infinity)) at--;
			kept.splice(at, 0, { id, value });
			if (kept.length > k) kept.pop();
		},
		ids: (): readonly number[] => kept.map(({ id }) => id),
	};
}
