/** @file Name of a run in the language shown: one that it was given by its recipe is said, one that a person typed stays. */
import type { RunRecord } from '#storage/runs/store.ts';
import { language, said, t } from '../language/language.svelte.ts';
import {
	allSettings,
	environmentNamed,
	environmentOf,
	methodNamed,
	recipeFor,
	type Catalogue,
} from './catalogue.ts';

/**
 * `Self-taught reasoner, reversal, rank 4` in the language shown; `runs/request.ts` writes the English one. Knobs are said
 * once the part `knobs` is loaded.
 */
export function runNameIn(
	catalogue: Catalogue,
	{ name, recipe }: Pick<RunRecord, 'name' | 'recipe'>,
): string {
	const method = methodNamed(catalogue, recipe.method)?.title;
	const environment = environmentOf(catalogue, recipe)?.words.title;
	if (language.isEnglish || method === undefined || environment === undefined) return name;
	const given = `${method}, ${environment.toLowerCase()}`;
	if (name !== given && !name.startsWith(`${given}, `)) return name;
	const turned = name
		.slice(given.length)
		.split(', ')
		.filter((turn) => turn !== '');
	const asked = recipeFor(catalogue, recipe);
	const settings = asked ? allSettings(asked, environmentNamed(catalogue, recipe.environment)) : [];
	const labels = settings.map(({ knob }) => knob.label);
	const words = [said(method), said(environment), ...turned.map((turn) => turnIn(turn, labels))];
	return words.join(language.tag === 'zh' ? '，' : '、');
}

/** A knob of these labels with its value, a cell, or how many more there are. */
function turnIn(turn: string, labels: readonly string[]): string {
	const text = labels.find((label) => turn === `another ${label.toLowerCase()}`);
	if (text !== undefined) return said(`another ${said(text, 'knob')}`);
	const label = labels.find((one) => turn.startsWith(`${one.toLowerCase()} `));
	if (label === undefined) return said(turn);
	const value = turn.slice(label.length + 1);
	const isSwitch = value === 'on' || value === 'off';
	return `${said(label, 'knob')} ${isSwitch ? t(value === 'on' ? 'recipe.on' : 'recipe.off') : value}`;
}
