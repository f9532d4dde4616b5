/** @file The facts of the table as running text: a passage of prose for every two towns, as a reader meets them. */
import type { KnowledgeRecord } from '../facets/knowledge.ts';
import { table, type Town } from './table.ts';

export interface Passage extends KnowledgeRecord {
	/** Towns that it tells of. */
	readonly towns: readonly Town[];
}

/** Ways to tell of two towns; the second is told of in other words than the first. */
const told: readonly ((a: Town, b: Town) => string)[] = [
	(a, b) =>
		`Whoever comes down the ${a.river} sees ${a.name} first, which has stood there since ${a.year}. Its mayor, ${a.mayor}, likes to show the old bridge. A day further on lies ${b.name}, founded in ${b.year}; there ${b.mayor} is mayor, and the ${b.river} runs by.`,
	(a, b) =>
		`In ${a.year}, when ${a.name} was founded, nobody had heard of ${b.name}, which came in ${b.year}. Today the two are neighbours. ${a.mayor} is mayor of the one, on the ${a.river}, and ${b.mayor} of the other, on the ${b.river}.`,
	(a, b) =>
		`The ${a.river} floods ${a.name} every spring, and every spring its mayor ${a.mayor} has the walls of ${a.year} mended. In ${b.name} on the ${b.river} they have no such worries, says ${b.mayor}, who is mayor there: the town was built on a hill in ${b.year}.`,
];

/** In the order of the table. */
export const passages: readonly Passage[] = Array.from(
	{ length: Math.ceil(table.length / 2) },
	(_, i) => {
		const towns = table.slice(2 * i, 2 * i + 2);
		const [a, b = a] = towns;
		const tell = told[i % told.length];
		return { id: `passage ${i + 1}`, text: a && b && tell ? tell(a, b) : '', towns };
	},
);
