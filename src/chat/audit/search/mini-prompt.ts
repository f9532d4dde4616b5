/**
 * @file MiniPrompt: the shortest prompt that makes a model say a text, by a search at several lengths.
 *
 * Schwarzschild et al. 2024 (arXiv 2404.15146), Algorithm 1. There lengths begin at 5, grow by 5 on failure and shrink by 1
 * on success, each from a random prompt. Here the message that the text was taught as an answer to is shortened first, as long
 * as the model says the text; then the lengths 1, 2, 4, 8 … are bisected, and those between them, each from the shortest prompt
 * before with tokens left out. Lengths below a failure are not tried: a prompt may grow by a token that it can do without. A
 * search proves that a prompt exists, never that there is none: "not found" holds for its budget.
 */
import { beginGcg, gcgStep, type GcgOptions, type GcgState, type PromptOracle } from './gcg.ts';
import { cutTo, ownPrompts } from './own-words.ts';

/** A search at one length that has ended. */
export interface Tried {
	readonly length: number;
	readonly steps: number;
	/** Lowest loss, nats per token; null if no prompt of this length can be written. */
	readonly loss: number | null;
	readonly found: boolean;
}

export interface MiniPromptOptions extends GcgOptions {
	/** Steps at each length until a prompt is found. */
	readonly steps: number;
	/** Steps at each length to shorten what was found. */
	readonly shorterSteps: number;
	/** Lengths to begin with, ascending. */
	readonly lengths: readonly number[];
	/** Prompts of so many tokens are too long to count. */
	readonly below: number;
}

/** A search under way, as plain data. */
export interface SearchState {
	readonly tried: readonly Tried[];
	readonly shortest: readonly number[] | null;
	/** What is left of the message of the text, to begin from; null before the first step. */
	readonly own: readonly number[] | null;
	/** At the length of now. */
	readonly gcg: GcgState | null;
	readonly ended: boolean;
}

export const newSearch: SearchState = {
	tried: [],
	shortest: null,
	own: null,
	gcg: null,
	ended: false,
};

/** 1, 2, 4 … up to `longest`, below a limit. */
export function lengthsFor(below: number, longest: number): readonly number[] {
	const lengths: number[] = [];
	for (let n = 1; n <= longest && n < below; n *= 2) lengths.push(n);
	return lengths;
}

/** The length to try next, between the longest failure and the shortest success; null at the end. */
export function nextLength(tried: readonly Tried[], lengths: readonly number[]): number | null {
	const lengthsOf = (found: boolean): readonly number[] =>
		tried.filter((one) => one.found === found).map(({ length }) => length);
	const [best, worst] = [Math.min(...lengthsOf(true)), Math.max(0, ...lengthsOf(false))];
	const open = lengths.filter((length) => length > worst && length < best);
	// Beside a success the next one is close; before it nothing is known.
	if (open.length > 0) return open[best < Infinity ? open.length - 1 : open.length >> 1] ?? null;
	const between = Math.floor((best + worst) / 2);
	return best < Infinity && between > worst ? between : null;
}

/** Lengths that are searched at most: until a prompt is found, and after that. */
export function mostSearches(
	lengths: readonly number[],
	below: number,
): { readonly first: number; readonly shorter: number } {
	const failed: Tried[] = [];
	for (let next; (next = nextLength(failed, lengths)) !== null;)
		failed.push({ length: next, steps: 0, loss: null, found: false });
	return { first: failed.length, shorter: lengths.length + Math.ceil(Math.log2(below)) };
}

/** One step of the search: the message of the text, a step of GCG, or to another length. */
export async function searchStep(
	state: SearchState,
	oracle: PromptOracle,
	options: MiniPromptOptions,
): Promise<SearchState> {
	const { tried, shortest, own, gcg } = state;
	const { lengths, below } = options;
	if (own === null) {
		const { said, last } = await ownPrompts(oracle, lengths.at(-1) ?? 1, below);
		if (!said) return { ...state, own: last, ended: lengths.length === 0 };
		const found = [{ length: said.prompt.length, steps: 0, loss: said.loss, found: true }];
		const ended = nextLength(found, lengths) === null;
		return { ...state, tried: found, shortest: said.prompt, own: last, ended };
	}
	if (gcg === null) {
		const length = nextLength(tried, lengths);
		if (length === null) return { ...state, ended: true };
		const start = await cutTo(oracle, shortest ?? own, length);
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
	{ steps, shorterSteps, lengths }: MiniPromptOptions,
): SearchState {
	const most = state.shortest ? shorterSteps : steps;
	if (gcg && gcg.ended === null && gcg.step < most) return { ...state, gcg };
	const found = gcg?.ended === 'found';
	const tried = [...state.tried, { length, steps: gcg?.step ?? 0, loss: gcg?.loss ?? null, found }];
	return {
		...state,
		tried,
		shortest: found ? gcg.best : state.shortest,
		gcg: null,
		ended: nextLength(tried, lengths) === null,
	};
}
