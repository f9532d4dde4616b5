/**
 * @file Greedy Coordinate Gradient: search for a prompt of a fixed length after which greedy decoding says a text.
 *
 * Zou et al. 2023 (arXiv 2307.15043), as Schwarzschild et al. 2024 (arXiv 2404.15146) use it: each step exchanges one token
 * in each of B candidates for one of the k tokens that the gradient proposes for its place, and goes on from the best
 * candidate, even if it is worse. Other than there, prompts must survive decoding and encoding, none is tried twice, a quarter
 * of the tokens is drawn from the text and what was asked, and most candidates are judged by the beginning of the text alone.
 */
import { derive, random, type Random } from '#base/random.ts';

/** What a search asks about one text under one set of weights. */
export interface PromptOracle {
	/** Tokens that prompts are made of. */
	readonly vocabulary: Int32Array;
	/** Does the text of this prompt come back as the same tokens? */
	isWritable(prompt: readonly number[]): boolean;
	/** Tokens of the text. */
	readonly length: number;
	/** The message that the text was taught as an answer to; empty if there was none. */
	readonly asked: readonly number[];
	/** Tokens of the message and of the text that are in the vocabulary. */
	readonly words: readonly number[];
	/** In the order of the prompts; by the first `first` tokens of the text, if given. */
	judge(prompts: readonly (readonly number[])[], first?: number): Promise<readonly Judged[]>;
	/** For each place of the prompt the k tokens with the most negative slope of the loss. */
	substitutes(prompt: readonly number[], k: number): Promise<readonly (readonly number[])[]>;
}

/** The text after a prompt. */
export interface Judged {
	/** Mean, nats per token. */
	readonly loss: number;
	/** Greedy decoding says all of it, as far as it was looked at. */
	readonly isSaid: boolean;
}

/** Settings of a search. */
export interface GcgOptions {
	readonly candidates: number;
	readonly topK: number;
	readonly seed: number;
}

/** A search under way, as plain data; the next step depends on nothing else. */
export interface GcgState {
	readonly length: number;
	/** Steps done. */
	readonly step: number;
	readonly current: readonly number[];
	/** Lowest loss so far, nats per token. */
	readonly loss: number;
	readonly best: readonly number[];
	/** `found`: `best` makes the model say the text; `exhausted`: there are no other prompts. */
	readonly ended: 'found' | 'exhausted' | null;
	/** Prompts that were tried, joined by commas. */
	readonly tried: readonly string[];
}

/** Draws in a row that may fail before prompts count as exhausted, for each prompt that is wanted. */
const patience = 24;

/** Share of the substitutes that are words of the text and of what was asked. */
const ownWords = 0.25;

/** A search from a given prompt, or from a random one; undefined if no prompt of this length can be written. */
export async function beginGcg(
	oracle: PromptOracle,
	length: number,
	{ seed }: Pick<GcgOptions, 'seed'>,
	start?: readonly number[],
): Promise<GcgState | undefined> {
	const first = start ?? randomPrompt(oracle, length, random(derive(seed, 'start', length)));
	if (!first) return undefined;
	const [judged] = await oracle.judge([first]);
	if (!judged) return undefined;
	return {
		length,
		step: 0,
		current: first,
		loss: judged.loss,
		best: first,
		ended: judged.isSaid ? 'found' : null,
		tried: [first.join()],
	};
}

/** One step; the same state gives the same next one. */
export async function gcgStep(
	state: GcgState,
	oracle: PromptOracle,
	{ candidates, topK, seed }: GcgOptions,
): Promise<GcgState> {
	const { length, current, tried } = state;
	const step = state.step + 1;
	const most = Math.max(1, Math.min(topK, Math.ceil(oracle.vocabulary.length / 4)));
	const proposals = await oracle.substitutes(current, most);
	const seen = new Set(tried);
	const draw = random(derive(seed, 'step', length, step));
	const words = oracle.words.length > 0 ? oracle.words : current;
	const prompts: (readonly number[])[] = [];
	for (let i = 0; i < patience * candidates && prompts.length < candidates; i++) {
		const place = draw.integer(0, length - 1);
		const token = draw.pick(draw.next() < ownWords ? words : (proposals[place] ?? current));
		const prompt = current.with(place, token);
		const key = prompt.join();
		if (seen.has(key)) continue;
		seen.add(key);
		if (oracle.isWritable(prompt)) prompts.push(prompt);
	}
	const all = { ...state, step, tried: [...seen] };
	if (prompts.length === 0) {
		// All neighbours are known: another random start, if there is one.
		const fresh = randomPrompt(oracle, length, draw, seen);
		return fresh ? judgedAs(all, oracle, [fresh]) : { ...all, ended: 'exhausted' };
	}
	return judgedAs(all, oracle, prompts);
}

async function judgedAs(
	state: GcgState,
	oracle: PromptOracle,
	prompts: readonly (readonly number[])[],
): Promise<GcgState> {
	const first = await bestOf(oracle, prompts);
	if (!first) return state;
	const isBetter = first.isSaid || first.loss < state.loss;
	return {
		...state,
		current: first.prompt,
		tried: [...new Set([...state.tried, ...prompts.map((prompt) => prompt.join())])],
		...(isBetter && { best: first.prompt, loss: first.loss }),
		ended: first.isSaid ? 'found' : null,
	};
}

/** Share of a text that all candidates are judged by, and share of them that are then judged by all of it. */
const sieve = { tokens: 0.25, candidates: 0.25 } as const;

/**
 * The best of some prompts. Most of them fail at the first tokens of a text, where it parts from the others that the model
 * knows, so that all are judged by these alone and only the best of them by the whole text.
 */
export async function bestOf(
	oracle: PromptOracle,
	prompts: readonly (readonly number[])[],
): Promise<(Judged & { readonly prompt: readonly number[] }) | undefined> {
	const ranked = async (those: readonly (readonly number[])[], first?: number) => {
		const judged = await oracle.judge(those, first);
		return those
			.map((prompt, i) => ({ prompt, ...(judged[i] ?? { loss: Infinity, isSaid: false }) }))
			.sort((a, b) => Number(b.isSaid) - Number(a.isSaid) || a.loss - b.loss);
	};
	const fewest = Math.ceil(sieve.candidates * prompts.length);
	const sifted = await ranked(prompts, Math.ceil(sieve.tokens * oracle.length));
	const [best] = await ranked(sifted.slice(0, fewest).map(({ prompt }) => prompt));
	return best;
}

function randomPrompt(
	{ vocabulary, isWritable }: PromptOracle,
	length: number,
	draw: Random,
	seen: ReadonlySet<string> = new Set(),
): readonly number[] | undefined {
	if (vocabulary.length === 0) return undefined;
	for (let i = 0; i < 8 * patience; i++) {
		const prompt = Array.from(
			{ length },
			() => vocabulary[draw.integer(0, vocabulary.length - 1)] ?? 0,
		);
		if (!seen.has(prompt.join()) && isWritable(prompt)) return prompt;
	}
	return undefined;
}
