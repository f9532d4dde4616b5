/** @file Abilities: the ten areas in which the survey files what a model can evolve (section 3). */

/** By name, with the title that people read. */
export const abilities = {
	'instruction-following': 'Instruction following',
	reasoning: 'Reasoning',
	math: 'Mathematics',
	coding: 'Coding',
	'role-play': 'Role-play',
	nlp: 'Language',
	planning: 'Planning',
	'tool-use': 'Tool use',
	embodied: 'Acting in a world',
	communication: 'Communication',
} as const;

export type Ability = keyof typeof abilities;
export const abilityNames = Object.keys(abilities) as readonly Ability[];

/** Parts that declare an ability, by it, in the order of the list above; abilities without any are left out. */
export function byAbility<T extends { readonly ability: Ability }>(
	parts: readonly T[],
): readonly { readonly ability: Ability; readonly title: string; readonly parts: readonly T[] }[] {
	return abilityNames
		.map((ability) => ({
			ability,
			title: abilities[ability],
			parts: parts.filter((part) => part.ability === ability),
		}))
		.filter(({ parts: those }) => those.length > 0);
}
