/** @file Words of the Learn page that are made of parts; those of a lesson are in its own file. */
import { language, said, t } from '../../language/language.svelte.ts';
import type { FigureName } from './lesson/figures.ts';

/** Name of a figure, and what it is. */
export const figureWords = (
	name: FigureName,
): { readonly name: string; readonly says: string } => ({
	name: t(`figure.${name}.name`),
	says: t(`figure.${name}.says`),
});

/** `9 to 10 letters`; empty for all. */
export function lengths(from: number | undefined, to: number | undefined, unit: string): string {
	if (from === undefined) return '';
	if (to === undefined) return t('learn.from', { from, unit });
	return from === to ? t('learn.exactly', { from, unit }) : t('learn.between', { from, to, unit });
}

/** What is wrong with a lesson; rules that no catalogue knows are said to be in English. */
export const flawWords = (flaw: string): string => {
	const words = said(flaw);
	return language.isEnglish || words !== flaw ? words : t('learn.flaw', { flaw });
};
