/** @file A verdict in words for the gallery. */
import type { Judged } from '#runs/gallery/exhibit.ts';
import { said, t } from '../../language/language.svelte.ts';

/** `✗ wrong: it drops a carry in the second column; right would be 864` */
export function verdictSentence({ verdict, fault }: Judged): string {
	switch (verdict.kind) {
		case 'correct':
			return t('gallery.correct');
		case 'wrong': {
			const { expected } = verdict;
			return fault === undefined
				? t('gallery.wrong', { expected })
				: t('gallery.wrongWhy', { expected, fault: faultIn(fault) });
		}
		case 'malformed':
			return t('gallery.malformed', { reason: said(verdict.reason) });
		case 'unjudged':
			return t('gallery.unjudged', { reason: said(verdict.reason) });
		default:
			return verdict satisfies never;
	}
}

/** `drops a carry in the second column from the right`: the fault, and behind it where it is. */
function faultIn(fault: string): string {
	const [, way = fault, at = ''] = /^(.*) ((?:at|in) (?:the )?\S+ .*)$/.exec(fault) ?? [];
	return at === '' || said(way) === way ? said(fault) : `${said(way)} (${said(at)})`;
}
