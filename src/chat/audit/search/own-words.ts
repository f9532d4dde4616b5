/**
 * @file Prompts from the row of a text itself: the message that it was taught as an answer to, with parts left out.
 *
 * What was taught as an answer is mostly said to a few words of the question, which is found in a dozen batches. Any prompt
 * that is shorter than the text counts (Schwarzschild et al. 2024, arXiv 2404.15146), wherever it comes from.
 */
import type { Frame } from '../frame.ts';
import { bestOf, type Judged, type PromptOracle } from './gcg.ts';

type JudgedPrompt = Judged & { readonly prompt: readonly number[] };

/** Tokens that end what stands before a message. */
const mark = 3;
/** A longer prompt is halved, since each part that is left out of it costs its length. */
const long = 32;
/** Parts that are left out in turn. */
const parts = 8;

/** The last message of a cue; empty if the cue does not end as the frame says. */
export function askedIn({ before, after }: Frame, cue: readonly number[]): readonly number[] {
	const end = cue.length - after.length;
	if (end < 0 || after.some((token, i) => cue[end + i] !== token)) return [];
	const head = before.slice(-mark);
	for (let at = end; at >= head.length; at--)
		if (head.every((token, i) => cue[at - head.length + i] === token)) return cue.slice(at, end);
	return [];
}

/** The best prompt with a part left out, of at least so many tokens; undefined if none of them can be written. */
export function shortened(
	oracle: PromptOracle,
	prompt: readonly number[],
	fewest: number,
): Promise<JudgedPrompt | undefined> {
	const n = prompt.length;
	const half = Math.ceil(n / 2);
	const size = Math.min(n - fewest, Math.ceil(n / parts));
	const shorter =
		n > long && half >= fewest
			? [0, n >> 2, n - half].map((from) => prompt.slice(from, from + half))
			: Array.from({ length: Math.ceil(n / size) }, (_, i) =>
					prompt.toSpliced(Math.min(i * size, n - size), size),
				);
	return bestOf(
		oracle,
		shorter.filter((one) => oracle.isWritable(one)),
	);
}

/**
 * The message of a text, shortened to `longest` tokens and on as long as the model says the text: the shortest that makes it
 * say the text and has fewer than `below` tokens, and the last that was looked at, to begin a search from.
 */
export async function ownPrompts(
	oracle: PromptOracle,
	longest: number,
	below: number,
): Promise<{ readonly said: JudgedPrompt | undefined; readonly last: readonly number[] }> {
	const { asked } = oracle;
	let said: JudgedPrompt | undefined;
	let one = asked.length > 0 ? { prompt: asked, ...(await judged(oracle, asked)) } : undefined;
	let last: readonly number[] = [];
	while (one) {
		last = one.prompt;
		if (one.isSaid && last.length < below) said = one;
		if (last.length === 1 || (last.length <= longest && !one.isSaid)) break;
		one = await shortened(oracle, last, 1);
	}
	return { said, last };
}

/** A prompt of exactly so many tokens that is a longer one with parts left out; undefined if there is none. */
export async function cutTo(
	oracle: PromptOracle,
	prompt: readonly number[],
	length: number,
): Promise<readonly number[] | undefined> {
	let cut: readonly number[] | undefined = prompt;
	while (cut && cut.length > length) cut = (await shortened(oracle, cut, length))?.prompt;
	return cut?.length === length ? cut : undefined;
}

async function judged(oracle: PromptOracle, prompt: readonly number[]): Promise<Judged> {
	const [found] = oracle.isWritable(prompt) ? await oracle.judge([prompt]) : [];
	return found ?? { loss: Infinity, isSaid: false };
}
