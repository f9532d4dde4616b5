/** @file What differs between the worlds of a lesson, in words: the knob's label and its value. */
import { findKnob } from '#runs/knob-rows.ts';
import type { StartOptions } from '#runs/session.ts';
import {
	allSettings,
	environmentNamed,
	methodNamed,
	type Catalogue,
} from '../../../state/catalogue.ts';
import { said, t } from '../../../language/language.svelte.ts';
import type { Lesson } from './lesson.ts';

/** A line for each world, the first one too if there is a single change; empty where nothing is to say. */
export function differsIn(
	{ changes }: Pick<Lesson, 'changes'>,
	starts: readonly StartOptions[],
	catalogue: Catalogue,
): readonly string[] {
	const [first] = starts;
	if (!first) return [];
	const names = changes.map((change) => change.slice(0, change.indexOf('=')));
	const line = (name: string, start: StartOptions): string => {
		if (name === 'seed') return differs(t('learn.seed'), String(start.seed));
		const method = methodNamed(catalogue, start.method);
		if (name === 'method') return differs(t('learn.method'), said(method?.title ?? start.method));
		const settings = method
			? allSettings(method, environmentNamed(catalogue, start.environment))
			: [];
		const setting = findKnob(settings, name);
		if (!setting) return '';
		const value = start.knobs[setting.name] ?? setting.value;
		const set = typeof value === 'boolean' ? t(value ? 'recipe.on' : 'recipe.off') : String(value);
		return differs(said(setting.knob.label, 'knob'), set);
	};
	const [only, ...more] = names;
	return [
		only !== undefined && more.length === 0 ? line(only, first) : '',
		...starts.slice(1).map((start, i) => line(names[i] ?? '', start)),
	];
}

const differs = (name: string, value: string): string => t('learn.differs', { name, value });
