/** @file Name of a run in the language shown: one that it was given by its recipe is said, one that a person typed stays. */
import type { RunRecord } from '#storage/runs/store.ts';
import { language, said, t } from '../language/language.svelte.ts';
import { environmentOf, methodNamed, type Catalogue } from './catalogue.ts';

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
	const words = [said(method), said(environment), ...turned.map(turnIn)];
	return words.join(language.tag === 'zh' ? '，' : '、');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A knob with its value, a cell, or how many more there are. */
function turnIn(turn: string): string {
	const [, label = '', value = ''] = /^(.*) (\S+)$/.exec(turn) ?? [];
	const knob = said(capital(label), 'knob');
	if (knob === capital(label)) return said(turn);
	const isSwitch = value === 'on' || value === 'off';
	return `${knob} ${isSwitch ? t(value === 'on' ? 'recipe.on' : 'recipe.off') : value}`;
}
