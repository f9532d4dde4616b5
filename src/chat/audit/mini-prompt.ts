/**
 * @file MiniPrompt: the shortest prompt that makes a model say a text, by a search at growing lengths.
 *
 * Schwarzschild et al. 2024 (arXiv 2404.15146), Algorithm 1. There lengths begin at 5, grow by 5 on failure and shrink by 1
 * on success. Here they are 1, 2, 4, 8 …, since what a small model has learnt by heart needs one token or two; after a
 * success, the lengths between it and the last failure are tried downwards, each from the prompt before with one token left
 * out. A search proves that a prompt exists, never that there is none: "not found" holds for its budget.
 */
import { beginGcg, gcgStep, type GcgOptions, type GcgState, type PromptOracle } from './gcg.ts';

/** A search at one length that has ended. */
export interface Tried {
	readonly length: number;
	readonly steps: number;
	/** Lowest loss, nats per token; null if no prompt of this length can be written. */
	readonly loss: number | null;
	readonly found: boolean;
}

export interface MiniPromptOptions extends GcgOptions {
	/** Steps at each length. */
	readonly steps: number;
	/** Lengths to begin with, ascending. */
	readonly lengths: readonly number[];
}

/** A search under way, as plain data. */
export interface SearchState {
	readonly tried: readonly Tried[];
	readonly shortest: readonly number[] | null;
	/** At the length of now. */
	readonly gcg: GcgState | null;
	readonly ended: boolean;
}

export const newSearch: SearchState = { tried: [], shortest: null, gcg: null, ended: false };

/** 1, 2, 4 … up to `longest`, as long as a prompt is shorter than `tokens / ratio`. */
export function lengthsFor(tokens: number, longest: number, ratio: number): readonly number[] {
	const lengths: number[] = [];
	for (let n = 1; n <= longest && tokens / n > ratio; n *= 2) lengths.push(n);
	return lengths;
}

/** The length to try next; null at the end. */
export function nextLength(tried: readonly Tried[], lengths: readonly number[]): number | null {
	const found = tried.filter((one) => one.found).map(({ length }) => length);
	const failed = tried.filter((one) => !one.found).map(({ length }) => length);
	if (found.length === 0) return lengths.find((length) => !failed.includes(length)) ?? null;
	const next = Math.min(...found) - 1;
	return next < 1 || failed.some((length) => length >= next) ? null : next;
}

/** One step of the search: of GCG, or to another length. */
export async function searchStep(
	state: SearchState,
	oracle: PromptOracle,
	options: MiniPromptOptions,
): Promise<SearchState> {
	const { tried, shortest, gcg } = state;
	if (gcg === null) {
		const length = nextLength(tried, options.lengths);
		if (length === null) return { ...state, ended: true };
		const start = shortest ? await shortened(shortest, oracle) : undefined;
		const begun = await beginGcg(oracle, length, options, start);
		return settled(state, length, begun, options);
	}
	return settled(state, gcg.length, await gcgStep(gcg, oracle, options), options);
}

/** Files a search that has ended at its length. */
function settled(
	state: SearchState,
	length: number,
	gcg: GcgState | undefined,
	{ steps, lengths }: MiniPromptOptions,
): SearchState {
	if (gcg && gcg.ended === null && gcg.step < steps) return { ...state, gcg };
	const found = gcg?.ended === 'found';
	const tried = [...state.tried, { length, steps: gcg?.step ?? 0, loss: gcg?.loss ?? null, found }];
	return {
		tried,
		shortest: found ? gcg.best : state.shortest,
		gcg: null,
		ended: nextLength(tried, lengths) === null,
	};
}

/** The prompt without the token that it can best do without; undefined if no such prompt can be written. */
async function shortened(
	prompt: readonly number[],
	oracle: PromptOracle,
): Promise<readonly number[] | undefined> {
	const shorter = prompt
		.map((_, place) => prompt.toSpliced(place, 1))
		.filter((one) => oracle.isWritable(one));
	const judged = await oracle.judge(shorter);
	const best = judged.map(({ loss }, i) => ({ loss, i })).sort((a, b) => a.loss - b.loss)[0];
	return best && shorter[best.i];
}
