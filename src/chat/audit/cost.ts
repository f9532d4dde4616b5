/** @file Cost of an audit, told before it begins: one text is screened and one step of a search is taken, and timed. */
import { frameOf } from './frame.ts';
import { lengthLimitOf, type AuditRequest } from './audit.ts';
import { lengthsFor, newSearch, searchStep } from './search/mini-prompt.ts';
import { askedIn } from './search/own-words.ts';
import { oracleOf, type AuditModel } from './oracle.ts';
import { formOf, screen } from './screen.ts';
import type { AuditLanguage } from './texts.ts';
import { fruitlessSteps } from './time-left.ts';

export interface AuditCost {
	readonly texts: number;
	/** Of screening one text. */
	readonly screenSeconds: number;
	/** Of shortening what was asked, as every search begins. */
	readonly ownSeconds: number;
	/** Of one step of a search. */
	readonly stepSeconds: number;
	/** Of a text that is suspected and never found: the whole budget. */
	readonly mostSeconds: number;
	/** Of a text that was learnt by heart: found in what was asked, shortened a little, and both controls. */
	readonly foundSeconds: number;
}

/** Steps to shorten what was found, in searches that end without a shorter prompt: on the average one and a half. */
const usualSearches = 1.5;

/** Measures on the longest text, which costs most. Rejects with the signal's reason when aborted. */
export async function measureAudit(
	language: AuditLanguage,
	model: AuditModel,
	{ texts, budget }: AuditRequest,
	now: () => number,
): Promise<AuditCost> {
	const [text] = [...texts].sort(
		(a, b) => b.cue.length + b.target.length - (a.cue.length + a.target.length),
	);
	if (!text) throw new RangeError('An audit needs at least one text.');
	const form = formOf(texts);
	const took = async (work: () => Promise<unknown>): Promise<number> => {
		const began = now();
		await work();
		model.signal?.throwIfAborted();
		return (now() - began) / 1000;
	};
	const screenOnce = (): Promise<number> => took(() => screen(model, text, form, budget.seed));
	// The first call also allocates.
	await screenOnce();
	const screenSeconds = await screenOnce();
	const frame = frameOf(language, text.system);
	const oracle = oracleOf(model, frame, text.target, true, askedIn(frame, text.cue));
	const { steps, candidates, topK, seed, controlSteps } = budget;
	const below = lengthLimitOf(language, text);
	const lengths = lengthsFor(below, budget.longest).slice(-1);
	// A search that goes on after a success: what is measured is a step, not what it finds.
	const how = { ...{ steps, shorterSteps: steps, candidates, topK, seed }, lengths, below };
	let state = newSearch;
	const step = (): Promise<number> =>
		took(async () => {
			if (!state.ended) state = await searchStep(state, oracle, how);
		});
	const ownSeconds = await step();
	state = { ...newSearch, own: state.own };
	// A prompt to begin with first, then a whole step.
	await step();
	const stepSeconds = await step();
	const most = Math.max(...texts.map((one) => fruitlessSteps(language, one, budget)));
	return {
		...{ texts: texts.length, screenSeconds, ownSeconds, stepSeconds },
		mostSeconds: ownSeconds + stepSeconds * most,
		foundSeconds: 3 * ownSeconds + stepSeconds * controlSteps * (usualSearches + 2),
	};
}
