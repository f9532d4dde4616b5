/** @file Teacher's link: what opens, with which seed, language and controls; all of it stands in the address. */
import { runLimits } from '#base/limits.ts';
import { linkTo } from '../../state/route.svelte.ts';
import { parameter, type Tag } from '../../language/choice.ts';

/** Controls of a lesson, and of World, that a teacher shows or not. */
export const controls = {
	lesson: ['live', 'recorded', 'lessons', 'tries', 'pages', 'tongue'],
	world: ['run', 'recipe', 'ask', 'pages', 'tongue'],
} as const;
export type Control = (typeof controls)['lesson' | 'world'][number];

/** Controls that show unless the teacher says otherwise; live worlds load a runtime of 14 MB. */
export const usual: readonly Control[] = ['recorded', 'run', 'ask'];

export interface ClassChoice {
	/** Id of the lesson; null is World. */
	readonly lesson: string | null;
	/** Empty: as the lesson or the page has it. */
	readonly seed: string;
	/** Null: as each browser has it. */
	readonly tongue: Tag | null;
	readonly shown: readonly Control[];
}

/** Is it a seed, or nothing at all? */
export const isSeed = (seed: string): boolean =>
	seed === '' || (/^\d{1,10}$/.test(seed) && Number(seed) <= runLimits.seed.to);

/** The link; `page` is the page's own address, without query and hash. */
export function classLink({ lesson, seed, tongue, shown }: ClassChoice, page: string): string {
	const offered: readonly Control[] = controls[lesson === null ? 'world' : 'lesson'];
	const query = [
		...(lesson === null && seed !== '' ? [`seed=${Number(seed)}`] : []),
		...(tongue === null ? [] : [`${parameter}=${tongue}`]),
		`class=${offered.filter((one) => shown.includes(one)).join(',')}`,
	].join('&');
	const hash =
		lesson === null
			? linkTo('world')
			: linkTo('learn', { lesson, ...(seed !== '' && { seed: String(Number(seed)) }) });
	return `${page}?${query}${hash}`;
}
