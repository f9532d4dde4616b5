/** @file Chance in words: what guessing would score in each column of a map, in the language shown. */
import type { Environment } from '#environments/environment.ts';
import { chanceIn, leastChance as least } from '#runs/measure/chance.ts';
import { percent } from '../../language/numbers.ts';
import { language, said, t } from '../../language/language.svelte.ts';
import { amountOf } from '../amounts.ts';
import type { AccuracyMap } from './map.ts';

/** `33 %`, `<1 %` */
export const chanceShare = (share: number): string =>
	share > 0 && share < least ? `<${percent(least)}` : percent(Math.round(share * 100) / 100);

/** Share of right guesses in each column of a map. */
export const chanceByColumn = (map: AccuracyMap, environment: Environment): readonly number[] =>
	map.columns.map((_, c) =>
		chanceIn(
			environment,
			map.rows.flatMap(({ squares }) => squares[c]?.results ?? []),
		),
	);

/** `By chance (the names in any order) right: 50 % at 2 names, 17 % at 3 names, less than 1 % elsewhere.` */
export function chanceNote(map: AccuracyMap, environment: Environment): string {
	const shares = chanceByColumn(map, environment);
	const told = map.columns.flatMap(({ difficulty, stratum }, c) => {
		const share = shares[c] ?? 0;
		const where =
			stratum === undefined ? amountOf(difficulty, environment) : said(stratum, 'stratum');
		return share < least ? [] : [t('chance.at', { where, share: chanceShare(share) })];
	});
	const [first = 0] = shares;
	const rest = told.length < shares.length ? [t('chance.rest', { share: percent(least) })] : [];
	const words =
		told.length === 0
			? [`<${percent(least)}`]
			: shares.every((share) => chanceShare(share) === chanceShare(first))
				? [chanceShare(first)]
				: [...told, ...rest];
	return t('chance.note', {
		of: said(environment.chance.of),
		shares: words.join(language.isEnglish ? ', ' : '、'),
	});
}
