/** @file A recipe in one line, and the address that repeats it. */
import type { RunRecipe } from '#storage/runs/store.ts';
import { environmentNamed, methodNamed, type Catalogue } from '../../state/catalogue.ts';
import { askedLike, writeAsked } from '../../state/url.ts';

/** `Easy to hard · Addition · seed 1 · model addition · rank 4` */
export function recipeLine(catalogue: Catalogue, recipe: RunRecipe): string {
	const { method, environment, seed, model, knobs, cells = [] } = recipe;
	return [
		methodNamed(catalogue, method)?.title ?? method,
		...(cells.length > 0 ? [`with ${cells.join(', ')}`] : []),
		environmentNamed(catalogue, environment)?.title ?? environment,
		`seed ${seed}`,
		`model ${model}`,
		...Object.entries(knobs).map(
			([name, value]) => `${name} ${value === true ? 'on' : value === false ? 'off' : value}`,
		),
	].join(' · ');
}

/** The page's address that begins the same run; `page` is the page's own. */
export function linkOf(catalogue: Catalogue, recipe: RunRecipe, page: string): string {
	const asked = askedLike(recipe, catalogue);
	const query = asked ? writeAsked(asked, catalogue) : '';
	return `${page}${query === '' ? '' : `?${query}`}`;
}
