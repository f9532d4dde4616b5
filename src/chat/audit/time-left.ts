/** @file Time that an audit may still take: the steps of its budget, by the pace of the steps so far. */
import {
	isSearched,
	lengthLimitOf,
	type AuditNews,
	type AuditRequest,
	type AuditState,
} from './audit.ts';
import { lengthsFor, mostSearches, type SearchState } from './search/mini-prompt.ts';
import type { AuditBudget } from './knobs.ts';
import type { AuditLanguage, AuditText } from './texts.ts';

/**
 * Steps that an audit may still take at most, once its texts are screened; a text that is found takes far fewer. Times the
 * seconds of a step, this is what a person is told beforehand.
 */
export function mostStepsLeft(
	language: AuditLanguage,
	request: AuditRequest,
	{ screens, outcomes, work }: AuditState,
): number {
	const done = Object.values(work).reduce((sum, one) => sum + stepsOf(one), 0);
	const { texts, budget } = request;
	const open = texts.filter(
		(text, i) => !outcomes[i] && screens[i] && isSearched(request, text, screens[i]),
	);
	const each = open.map((text) => mostStepsOf(language, text, budget));
	return Math.max(0, each.reduce((sum, steps) => sum + steps, 0) - done);
}

/** Steps of all searches of one text at most, controls included. */
export function mostStepsOf(language: AuditLanguage, text: AuditText, budget: AuditBudget): number {
	const below = lengthLimitOf(language, text);
	const lengths = lengthsFor(below, budget.longest);
	if (lengths.length === 0) return 0;
	const { steps, controlSteps } = budget;
	const { first, shorter } = mostSearches(lengths, below);
	return first * steps + shorter * controlSteps + 2 * Math.max(steps, controlSteps);
}

/** Steps of a text that is suspected and never found. */
export function fruitlessSteps(
	language: AuditLanguage,
	text: AuditText,
	budget: AuditBudget,
): number {
	const below = lengthLimitOf(language, text);
	return budget.steps * mostSearches(lengthsFor(below, budget.longest), below).first;
}

const stepsOf = (search: SearchState | undefined): number =>
	(search?.tried ?? []).reduce((sum, { steps }) => sum + steps, search?.gcg?.step ?? 0);

/** Milliseconds for so many more steps, by the steps that were told before; null before the second one. */
export function paceOf(now: () => number): (news: AuditNews, left: number) => number | null {
	let first: number | undefined;
	let steps = 0;
	return (news, left) => {
		if (news.type === 'searched') {
			first ??= now();
			steps++;
		}
		return steps < 2 || first === undefined ? null : (left * (now() - first)) / (steps - 1);
	};
}
