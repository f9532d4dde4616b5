/** @file Shares and what an examination in language found, in the language shown; the terminal says the same in English. */
import { wilson } from '#loop/interval.ts';
import type { Score } from '#loop/types.ts';
import type { Elsewhere } from '#runs/measure/elsewhere.ts';
import { languageOf } from '#runs/measure/language.ts';
import type { Tally } from '#runs/measure/share.ts';
import { said, t } from '../language/language.svelte.ts';

/** `27 % (27 of 100, 19–37 %)`: a share with its 95 % interval. */
export function shareIn({ correct, n }: Tally): string {
	if (n === 0) return t('share.notJudged');
	const [low = 0, high = 1] = wilson(correct, n).map((share) => Math.round(100 * share));
	// All are right only if none is wrong.
	const share = correct < n ? Math.min(99, Math.round((100 * correct) / n)) : 100;
	return t('share.of', { share, correct, n, low, high });
}

/** `sorting 52 % (104 of 200, 45–59 %) → 51 % (102 of 200, 44–58 %)` */
export const elsewhereIn = ({ environment, before, after }: Elsewhere): string =>
	`${environment} ${shareIn(before)}${after ? ` → ${shareIn(after)}` : ''}`;

/** Most reasons and kinds that are named. */
const most = 4;

/** The lines of a run in language, of the start alone while nothing else was examined; empty if it is none. */
export function languageIn(scores: readonly Score[]): readonly string[] {
	const found = languageOf(scores);
	if (!found) return [];
	const { before, after, malformed, kinds, paired, recalled, perplexity } = found;
	const isFirst = scores.length === 1;
	const change = (from: string | number, to: string | number) =>
		isFirst ? String(from) : `${from} → ${to}`;
	const [price, now] = perplexity;
	const moved = kinds.slice(0, most).map(([kind, old, late]) =>
		t('language.movedKind', {
			...{ kind: said(kind), before: old.correct, after: late.correct, n: late.n },
		}),
	);
	const value = `${price.toFixed(1)} → ${now.toFixed(1)} (${now < price ? '−' : '+'}${Math.abs(100 * (now / price - 1)).toFixed(1)} %)`;
	return [
		t('language.right', { share: change(shareIn(before), shareIn(after)) }),
		...(paired && !isFirst ? [t('language.paired', { ...paired })] : []),
		...(recalled > 0 ? [t('language.recalled', { n: recalled })] : []),
		...malformed
			.slice(0, most)
			.map(([reason, first, last]) =>
				t('language.noAnswer', { reason: said(reason), counts: change(first, last) }),
			),
		...(moved.length > 0 && !isFirst ? [t('language.moved', { kinds: moved.join(', ') })] : []),
		isFirst
			? t('language.perplexity', { value: price.toFixed(1) })
			: t('language.price', { value }),
	];
}
