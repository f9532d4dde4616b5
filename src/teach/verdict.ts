/** @file Verdict on an adapter: better at a person's rows, and at what price elsewhere; one sentence. */
import type { Estimate } from './statistics.ts';

/** One figure before and after, with the difference (after − before) and its interval. */
export interface Figure {
	readonly before: number;
	readonly after: number;
	readonly difference: Estimate;
}

/** What was measured; a figure is absent if it could not be. */
export interface Examination {
	/** Rows that were asked: held back, or those that were learnt if none are. */
	readonly on: 'validation' | 'training';
	readonly seed: number;
	/** Nats per learnt token of the person's rows. */
	readonly loss: Figure;
	/** Short answers, said greedily: share that agree, and mean ROUGE-L. */
	readonly exact?: Figure;
	readonly rouge?: Figure;
	/** Share of the preferences in which the better answer is the likelier one, token by token. */
	readonly preferred?: Figure;
	/** Log-probability of the better answer over that of the worse one, nats. */
	readonly margin?: Figure;
	/** Log-perplexity of a fixed text: nats per token. */
	readonly plain?: Figure;
	/** Instructions of one constraint that a program checks: share that are kept. */
	readonly instructions?: Figure;
	/** Answers before and after, to be read. */
	readonly shown: readonly ShownPair[];
}

export interface ShownPair {
	readonly asked: string;
	readonly wanted: string;
	readonly before: string;
	readonly after: string;
}

export type VerdictKind = 'better' | 'forgot' | 'worse' | 'none';

export interface Verdict {
	readonly kind: VerdictKind;
	readonly sentence: string;
}

/** Perplexity may rise by this share before it counts as forgetting. */
const tolerated = 0.02;

/** Judged by the intervals, not by the means. */
export function verdictOf(found: Examination): Verdict {
	const { loss, exact, rouge, preferred, margin } = found;
	// Preferences make both answers less likely at times: their order is what counts.
	const arePairs = preferred?.difference.n === loss.difference.n;
	const isAnswer = isAbove(exact) || isAbove(rouge);
	const isOrdered = isAbove(preferred) || isAbove(margin);
	const isBetter = isOrdered || (!arePairs && (loss.difference.high < 0 || isAnswer));
	const isWorse = arePairs
		? !isOrdered && (preferred.difference.high < 0 || (margin?.difference.high ?? 0) < 0)
		: loss.difference.low > 0 && !isAnswer && !isOrdered;
	const lost = forgotten(found);
	const yours = found.on === 'validation' ? 'at yours' : 'at the rows it learnt';
	const elsewhere =
		found.plain || found.instructions
			? ', not worse elsewhere'
			: '; nothing was measured elsewhere';
	if (isWorse)
		return {
			kind: 'worse',
			sentence: `Worse ${yours} than before${lost === undefined ? '' : `, and ${lost}`}: fewer steps or a smaller learning rate may help.`,
		};
	if (!isBetter)
		return {
			kind: lost === undefined ? 'none' : 'forgot',
			sentence:
				lost === undefined
					? `No difference that ${many(loss.difference.n)} can show.`
					: `No gain that ${many(loss.difference.n)} can show, and ${lost}.`,
		};
	if (lost === undefined) return { kind: 'better', sentence: `Better ${yours}${elsewhere}.` };
	return { kind: 'forgot', sentence: `Better ${yours}, but ${lost}.` };
}

const many = (n: number): string => (n === 1 ? 'one row' : `${n} rows`);
const isAbove = (figure: Figure | undefined): boolean => (figure?.difference.low ?? 0) > 0;

/** A clause that says what got worse. */
function forgotten({ plain, instructions }: Examination): string | undefined {
	const parts: string[] = [];
	if (plain && plain.difference.low > Math.log(1 + tolerated))
		parts.push(
			`plain English is harder for it (perplexity ${Math.exp(plain.before).toFixed(1)} → ${Math.exp(plain.after).toFixed(1)})`,
		);
	if (instructions && instructions.difference.high < 0)
		parts.push(
			`it keeps fewer instructions (${percent(instructions.before)} → ${percent(instructions.after)})`,
		);
	return parts.length === 0 ? undefined : `it forgot: ${parts.join(', and ')}`;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
