/** @file Words and order of an audit on the page. */
import type { AuditNews } from '#chat/audit/audit.ts';
import type { Outcome } from '#chat/audit/report.ts';
import { t } from '../../language/language.svelte.ts';

/** Outcomes by what needs attention first. */
const byNeed: readonly Outcome['kind'][] = [
	...(['memorised', 'not-found', 'unjudged'] as const),
	...(['shared-form', 'known-before', 'not-suspected'] as const),
];

/** What an outcome is called. */
export const outcomeName = (kind: Outcome['kind']): string => t(`audit.outcome.${kind}`);

/** Place of an outcome in a list: what needs attention comes first. */
export const unusual = ({ kind }: Outcome): number => byNeed.indexOf(kind);

/** Share of an audit that is done. Screening is quick: a tenth of it. */
export function auditShare(news: AuditNews, texts: number): number {
	if (news.type === 'screened') return (0.1 * news.done) / news.of;
	const done = news.text + (news.type === 'judged' ? 1 : 0);
	return 0.1 + (0.9 * done) / Math.max(1, texts);
}

/** What an audit is doing. */
export function newsWords(news: AuditNews, texts: number): string {
	switch (news.type) {
		case 'screened':
			return t('audit.looked', { done: news.done, n: news.of, suspected: news.suspected });
		case 'searched':
			return t('audit.searching', {
				...{ text: news.text + 1, texts, n: news.length, step: news.step },
				phase: t(`audit.phase.${news.phase}`),
			});
		case 'judged':
			return t('audit.judged', {
				...{ text: news.text + 1, texts },
				outcome: outcomeName(news.outcome.kind),
			});
		default:
			return news satisfies never;
	}
}
