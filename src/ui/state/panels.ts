/** @file The panels beside the World page, and parts of it that few runs show, each in a chunk of its own. */
import type { Component } from 'svelte';
import type { PartName } from '../language/catalogues.ts';
import { language } from '../language/language.svelte.ts';

export type PanelName =
	| ('Learn' | 'Experiences' | 'Runs' | 'TryIt' | 'Models' | 'Chat')
	| ('Teaching' | 'Map' | 'Gallery' | 'Findings')
	| ('About' | 'Present' | 'Guess' | 'RunPictures' | 'ForClass')
	| ('BeforeAfter' | 'LearningChart' | 'NewestAnswers');

const modules = import.meta.glob<{ readonly default: Component }>([
	'../panels/**/Learn.svelte',
	'../panels/**/Experiences.svelte',
	'../panels/**/Runs.svelte',
	'../panels/**/TryIt.svelte',
	'../panels/**/Models.svelte',
	'../panels/**/Chat.svelte',
	'../panels/map/Map.svelte',
	'../panels/**/Gallery.svelte',
	'../panels/**/Findings.svelte',
	'../panels/**/Teaching.svelte',
	'../panels/**/RunPictures.svelte',
	'../panels/present/Present.svelte',
	'../panels/present/Guess.svelte',
	'../panels/about/About.svelte',
	'../panels/class/ForClass.svelte',
	'../world/map/BeforeAfter.svelte',
	'../world/map/LearningChart.svelte',
	'../world/NewestAnswers.svelte',
]);

/** Texts of a panel that needs others than `more`. */
const partsOf: Partial<Record<PanelName, readonly PartName[]>> = {
	Learn: ['more', 'learn', 'problems'],
	TryIt: ['more', 'problems'],
	Findings: ['more', 'problems'],
	About: ['about'],
	Present: ['show'],
	Guess: ['show'],
	RunPictures: ['show'],
	Runs: ['more', 'show', 'inside', 'knobs', 'problems', 'runs'],
	Map: ['more', 'problems', 'leaves'],
	Gallery: ['more', 'problems', 'gallery'],
	Experiences: ['more', 'inside', 'knobs', 'problems'],
	Models: ['more', 'problems', 'models'],
	Chat: ['more', 'knobs', 'problems', 'models', 'chat'],
	Teaching: ['more', 'knobs', 'problems', 'models', 'teach'],
	ForClass: ['show', 'learn'],
};

/** The panel's component; null in a build without it. */
export async function loadPanel(name: PanelName): Promise<Component | null> {
	const load = Object.entries(modules).find(([path]) => path.endsWith(`/${name}.svelte`))?.[1];
	if (!load) return null;
	const [module] = await Promise.all([
		load(),
		...(partsOf[name] ?? ['more' as const]).map((part) => language.load(part)),
	]);
	return module.default;
}
