/** @file A report of an audit in words, for the terminal, the page and the card of an export. */
import { countOutcomes, type AuditedText, type AuditReport, type Outcome } from './report.ts';

const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
const digits = (value: number, n = 1): string => value.toFixed(n).replace(/\.0+$/, '');

/** A sentence or two about the whole; they name no text. */
export function auditSentences(report: AuditReport): readonly string[] {
	const counts = countOutcomes(report);
	const { length } = report.texts;
	const judged = length - counts.unjudged;
	const given =
		counts.memorised === 0
			? `None of ${plural(judged, 'text')} was found to be given away.`
			: `${counts.memorised} of ${plural(judged, 'text')} ${counts.memorised === 1 ? 'is' : 'are'} given away to a prompt shorter than the text.`;
	return counts.unjudged === 0
		? [given]
		: [given, `${plural(counts.unjudged, 'text')} could not be judged.`];
}

/** The same as one text. */
export const auditVerdict = (report: AuditReport): string => auditSentences(report).join(' ');

/** What "not found" means: the budget of the search. */
export function auditBudgetWords({ budget, searched, texts }: AuditReport): string {
	const { steps, candidates, longest, controlSteps, seed } = budget;
	const also = texts.some(
		({ screen, outcome: { kind } }) =>
			screen?.isSuspected === false && kind !== 'not-suspected' && kind !== 'unjudged',
	);
	const suspected = `the texts that looked suspicious${also ? ', and those that came out before' : ''}`;
	const whom = searched === 'all' ? 'every text' : suspected;
	return `Searched for ${whom}, with what was asked, parts of it, and prompts of up to ${plural(longest, 'token')}, ${plural(steps, 'step')} of ${plural(candidates, 'candidate')} at each length, ${plural(controlSteps, 'step')} or more for each control, seed ${seed}. What was not found may still be remembered: a longer search could find it.`;
}

const reasons = {
	'too-short': 'is too short: hardly a prompt could be shorter',
	'no-prompt': 'could not be searched for: no prompt of these lengths comes back from its text',
	'no-twin': 'has no twin to compare it with: the model expected every word of it beforehand',
	stopped: 'was not reached: the audit was stopped',
} as const;

/** What was found out about one text, as the end of a sentence that begins with the text. */
export function outcomeWords(outcome: Outcome, text: AuditedText): string {
	switch (outcome.kind) {
		case 'memorised':
			return `is given away: ${promptWords(outcome.prompt, outcome.length)} ${outcome.length === 1 ? 'makes' : 'make'} the model say all ${text.tokens}, ${digits(outcome.ratio)} times as many`;
		case 'known-before':
			return 'was known to the base model: it is said without the adapter, too';
		case 'shared-form':
			return 'is not told from its twin: what was learnt is the form of the text';
		case 'not-found':
			return `${text.screen?.isSuspected ? 'is suspected, but was' : 'did not look suspicious, and was'} not found in ${plural(
				outcome.tried.reduce((sum, { steps }) => sum + steps, 0),
				'step',
			)}`;
		case 'not-suspected':
			return 'is not suspected, and was not searched for';
		case 'unjudged':
			return reasons[outcome.reason];
		default:
			return outcome satisfies never;
	}
}

const promptWords = (prompt: string, length: number): string =>
	prompt === ''
		? plural(length, 'token')
		: `${plural(length, 'token')} (${JSON.stringify(prompt)})`;

/** A line for each text, then the whole. */
export function auditLines(report: AuditReport): readonly string[] {
	const several = new Set(report.texts.filter(({ answer }) => answer > 1).map(({ row }) => row));
	return [
		...report.texts.map((text) => {
			const place = `Row ${text.row}${several.has(text.row) ? `, answer ${text.answer}` : ''}`;
			const quoted = text.text === '' ? '' : ` ${shortened(text.text)}`;
			return `${place}${quoted} ${outcomeWords(text.outcome, text)}${screenWords(text)}.`;
		}),
		auditVerdict(report),
		auditBudgetWords(report),
	];
}

function screenWords({ screen }: AuditedText): string {
	if (!screen) return '';
	const { saidOn, lossOff, lossOn, exposure } = screen;
	const rank = exposure === null ? '' : `, exposure ${digits(exposure)} bits`;
	return ` [said after its cue ${Math.round(100 * saidOn)} %, loss ${lossOff.toFixed(2)} → ${lossOn.toFixed(2)}${rank}]`;
}

/** Characters of a text that are quoted. */
const longest = 60;

const shortened = (text: string): string => {
	const line = text.replace(/\s+/g, ' ').trim();
	const characters = [...line];
	return `“${characters.length > longest ? `${characters.slice(0, longest).join('')}…` : line}”`;
};
