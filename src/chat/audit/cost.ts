/** @file Cost of an audit, told before it begins: one text is screened and one step of a search is taken, and timed. */
import { frameOf } from './frame.ts';
import type { AuditRequest } from './audit.ts';
import { lengthsFor, newSearch, searchStep } from './mini-prompt.ts';
import { oracleOf, type AuditModel } from './oracle.ts';
import { formOf, screen } from './screen.ts';
import type { AuditLanguage } from './texts.ts';
import { mostStepsOf } from './time-left.ts';

export interface AuditCost {
	readonly texts: number;
	/** Of screening one text. */
	readonly screenSeconds: number;
	/** Of one step of a search. */
	readonly stepSeconds: number;
	/** Of a text that is suspected and never found: the whole budget. */
	readonly mostSeconds: number;
	/** Of a text that was learnt by heart: found within 20 steps, and both controls. */
	readonly foundSeconds: number;
}

/** What is learnt by heart is mostly found by one token in so many steps. */
const usualSteps = 20;

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
	const oracle = oracleOf(model, frameOf(language, text.system), text.target, true);
	const { steps, candidates, topK, seed, controlSteps } = budget;
	const lengths = lengthsFor(text.target.length, budget.longest, 1).slice(-1);
	let state = newSearch;
	const step = (): Promise<number> =>
		took(async () => {
			if (!state.ended)
				state = await searchStep(state, oracle, { steps, candidates, topK, seed, lengths });
		});
	// A random prompt first, then a whole step.
	await step();
	const stepSeconds = await step();
	const mostSteps = texts.map((one) => mostStepsOf(language, one, budget));
	return {
		...{ texts: texts.length, screenSeconds, stepSeconds },
		mostSeconds: stepSeconds * Math.max(...mostSteps),
		foundSeconds: stepSeconds * (Math.min(usualSteps, steps) + 2 * controlSteps),
	};
}
