/** @file Words and order of an audit on the page. */
import type { AuditNews } from '#chat/audit/audit.ts';
import type { Outcome } from '#chat/audit/report.ts';
import { many } from '../../world/words.ts';

/** What an outcome is called. */
export const outcomeNames: Readonly<Record<Outcome['kind'], string>> = {
	memorised: 'given away',
	'not-found': 'not found',
	unjudged: 'not judged',
	'shared-form': 'only its form',
	'known-before': 'known before',
	'not-suspected': 'not suspected',
};

/** Place of an outcome in a list: what needs attention comes first. */
export const unusual = ({ kind }: Outcome): number => Object.keys(outcomeNames).indexOf(kind);

/** Share of an audit that is done. Screening is quick: a tenth of it. */
export function auditShare(news: AuditNews, texts: number): number {
	if (news.type === 'screened') return (0.1 * news.done) / news.of;
	const done = news.text + (news.type === 'judged' ? 1 : 0);
	return 0.1 + (0.9 * done) / Math.max(1, texts);
}

const phases = {
	search: 'a prompt for it',
	off: 'the same without the adapter',
	twin: 'the same for its twin',
};

/** What an audit is doing. */
export function newsWords(news: AuditNews, texts: number): string {
	switch (news.type) {
		case 'screened':
			return `Looked at ${news.done} of ${many(news.of, 'texts')}; ${news.suspected} suspected.`;
		case 'searched':
			return `Text ${news.text + 1} of ${texts}: looking for ${phases[news.phase]}, ${many(news.length, 'tokens')} long, step ${news.step}.`;
		case 'judged':
			return `Text ${news.text + 1} of ${texts}: ${outcomeNames[news.outcome.kind]}.`;
		default:
			return news satisfies never;
	}
}
