/** @file In what two runs differ, in sentences; A and B are the names on the page. */
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { keptValue } from '#runs/knob-rows.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import type { KnobValue } from '#base/knobs.ts';
import {
	allSettings,
	environmentNamed,
	recipeFor,
	type Catalogue,
	type RecipeSetting,
} from '../../../state/catalogue.ts';
import { said, t } from '../../../language/language.svelte.ts';
import { percent } from '../../../language/numbers.ts';
import { titlesOf } from '../words.ts';

/** A run's settings by name, at the values that it ran with. */
function settingsOf(catalogue: Catalogue, { recipe }: RunRecord): ReadonlyMap<string, Valued> {
	const method = recipeFor(catalogue, recipe);
	const settings = method
		? allSettings(method, environmentNamed(catalogue, recipe.environment))
		: [];
	return new Map(
		settings.map((setting) => [
			setting.name,
			{ setting, value: keptValue(recipe.knobs, setting) ?? setting.value },
		]),
	);
}

interface Valued {
	readonly setting: RecipeSetting;
	readonly value: KnobValue;
}

const shown = (value: KnobValue | undefined): string =>
	value === undefined
		? t('compare.hasNone')
		: typeof value === 'boolean'
			? value
				? t('recipe.on')
				: t('recipe.off')
			: String(value);

/** What the filter by agreement does with these settings: the knob that most often tells two runs apart. */
function filterWords(settings: ReadonlyMap<string, Valued>): string {
	const of = (short: 'agreement' | 'agree'): KnobValue | undefined =>
		[...settings.values()].find(({ setting }) => setting.knob === metricFree.knobs[short])?.value;
	if (of('agreement') === false) return t('compare.keepsAll');
	const share = of('agree');
	return typeof share === 'number'
		? t('compare.keepsShare', { share: percent(share) })
		: t('compare.keepsEnough');
}

const isFilter = ({ setting: { knob } }: Valued): boolean =>
	knob === metricFree.knobs.agreement || knob === metricFree.knobs.agree;

/** `A keeps every answer; B keeps those that 80 % of its votes agree on.` One for each cause; empty if there is none. */
export function differenceWords(
	catalogue: Catalogue,
	a: RunRecord,
	b: RunRecord,
): readonly string[] {
	const [left, right] = [titlesOf(catalogue, a), titlesOf(catalogue, b)];
	const sentences: string[] = [];
	if (a.recipe.method !== b.recipe.method)
		sentences.push(t('compare.follows', { a: left.method, b: right.method }));
	if (a.recipe.environment !== b.recipe.environment)
		sentences.push(t('compare.practises', { a: left.environment, b: right.environment }));
	const cells = ({ recipe }: RunRecord): string =>
		recipe.cells && recipe.cells.length > 0
			? t('compare.alters', { cells: recipe.cells.join(', ') })
			: t('compare.asItIs');
	if (cells(a) !== cells(b)) sentences.push(t('compare.cells', { a: cells(a), b: cells(b) }));
	if (a.recipe.model !== b.recipe.model)
		sentences.push(t('compare.model', { a: a.recipe.model, b: b.recipe.model }));
	const [mine, others] = [settingsOf(catalogue, a), settingsOf(catalogue, b)];
	const names = [...new Set([...mine.keys(), ...others.keys()])].filter(
		(name) => mine.get(name)?.value !== others.get(name)?.value,
	);
	const pairs = names.map((name) => [mine.get(name), others.get(name)] as const);
	// Knobs that only one method has follow from the methods.
	const both = pairs.filter(([one, other]) => one && other);
	if (both.some(([one]) => one && isFilter(one)))
		sentences.push(t('compare.filters', { a: filterWords(mine), b: filterWords(others) }));
	for (const [one, other] of both)
		if (one && !isFilter(one))
			sentences.push(
				t('compare.turned', {
					knob: said(one.setting.knob.label, 'knob'),
					...{ a: shown(one.value), b: shown(other?.value) },
				}),
			);
	if (a.recipe.seed !== b.recipe.seed)
		sentences.push(t('compare.seeds', { a: String(a.recipe.seed), b: String(b.recipe.seed) }));
	if (a.recipe.rounds !== b.recipe.rounds)
		sentences.push(t('compare.rounds', { a: a.recipe.rounds, b: b.recipe.rounds }));
	return sentences;
}

/** How far the differences of two runs tell which cause did it. */
export function causeWords(causes: number): string {
	if (causes === 0) return t('compare.noCause');
	return causes === 1 ? t('compare.oneCause') : t('compare.causes', { n: causes });
}
