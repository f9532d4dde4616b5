/** @file Words of an environment, and amounts of what it counts in. */
import type { Environment } from '#environments/environment.ts';
import { said, t } from '../language/language.svelte.ts';
import { count } from '../language/numbers.ts';

type Words = Pick<Environment, 'words'> | undefined;

/** `sum` and `sums` */
export function nounsOf(environment: Words): readonly [one: string, several: string] {
	if (!environment) return [t('noun.task'), t('noun.tasks')];
	const [one, several] = environment.words.noun;
	return [said(one, 'noun'), said(several, 'noun')];
}

/** What difficulty is counted in, as a word of its own: of a column, of an axis. */
export const unitOf = (environment: Words): string =>
	environment ? said(environment.words.unit, 'axis') : t('noun.steps');

/** What stands behind the number of a difficulty. */
export const counterOf = (environment: Words): string =>
	environment ? said(environment.words.unit, 'unit') : t('noun.steps');

/** `1 digit`, `12 digits` */
export const amountOf = (n: number, environment: Words): string => many(n, counterOf(environment));

/** The same without the number, which stands elsewhere. */
export const countedIn = (n: number, environment: Words): string => one(n, counterOf(environment));

/** `1 digit`, `12 digits`: the unit is given in the plural. */
export const many = (n: number, unit: string): string => `${count(n)} ${one(n, unit)}`;

const one = (n: number, unit: string): string => (n === 1 ? unit.replace(/s$/, '') : unit);
