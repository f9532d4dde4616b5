/** @file The panels beside the World page, and parts of it that few runs show, each in a chunk of its own. */
import type { Component } from 'svelte';
import { language } from '../language/language.svelte.ts';

export type PanelName =
	| ('Learn' | 'Experiences' | 'Runs' | 'TryIt' | 'Models' | 'Chat')
	| ('Teaching' | 'Map' | 'Gallery' | 'Findings')
	| ('About' | 'Present' | 'RunPictures')
	| 'BeforeAfter';

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
	'../panels/about/About.svelte',
	'../world/map/BeforeAfter.svelte',
]);

/** The panel's component; null in a build without it. */
export async function loadPanel(name: PanelName): Promise<Component | null> {
	const load = Object.entries(modules).find(([path]) => path.endsWith(`/${name}.svelte`))?.[1];
	if (!load) return null;
	const part = name === 'Learn' ? 'learn' : 'more';
	const [module] = await Promise.all([load(), language.load(part)]);
	return module.default;
}
