/** @file A recipe in one line, and the address that repeats it. */
import type { RunRecipe } from '#storage/runs/store.ts';
import { said, t } from '../../language/language.svelte.ts';
import { environmentNamed, methodNamed, type Catalogue } from '../../state/catalogue.ts';
import { askedLike, writeAsked } from '../../state/url.ts';

/** `Easy to hard · Addition · seed 1 · model addition · rank 4` */
export function recipeLine(catalogue: Catalogue, recipe: RunRecipe): string {
	const { method, environment, seed, model, knobs, cells = [] } = recipe;
	return [
		said(methodNamed(catalogue, method)?.title ?? method),
		...(cells.length > 0 ? [t('recipe.with', { cell: cells.join(', ') })] : []),
		said(environmentNamed(catalogue, environment)?.title ?? environment),
		t('chart.seed', { seed: String(seed) }),
		t('chart.model', { model }),
		...Object.entries(knobs).map(
			([name, value]) =>
				`${name} ${value === true ? t('recipe.on') : value === false ? t('recipe.off') : value}`,
		),
	].join(' · ');
}

/** The page's address that begins the same run; `page` is the page's own. */
export function linkOf(catalogue: Catalogue, recipe: RunRecipe, page: string): string {
	const asked = askedLike(recipe, catalogue);
	const query = asked ? writeAsked(asked, catalogue) : '';
	return `${page}${query === '' ? '' : `?${query}`}`;
}
