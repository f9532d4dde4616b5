/** @file A table of facts about towns that do not exist, so that no model knows them: river, mayor and year of each. */
import { random } from '#base/random.ts';

export const attributes = ['river', 'mayor', 'year'] as const;
export type Attribute = (typeof attributes)[number];

export interface Town extends Readonly<Record<Attribute, string>> {
	readonly name: string;
}

/** Each beginning with each ending. */
const names = (beginnings: string, endings: string): readonly string[] =>
	beginnings
		.split(' ')
		.flatMap((beginning) => endings.split(' ').map((ending) => beginning + ending));

const towns = names('Bren Kal Ost Mar Tel Vor Lin Hag', 'holm dorf wick mere stad');
const values: Readonly<Record<Attribute, readonly string[]>> = {
	river: names('Iss Vel Orn Tam Lud Reg Sav Nar', 'el a ick une ow'),
	mayor: names('Pell Gar Wend Tor Hask Mill Dro Ben', 'inger ova ard eby ussen'),
	year: towns.map((_, i) => String(1103 + 17 * i)),
};

/** The same on every machine: which town has which is drawn from a seed of its own. */
function drawTable(): readonly Town[] {
	const stream = random(7);
	const [rivers, mayors, years] = attributes.map((attribute) => stream.shuffle(values[attribute]));
	return towns.map((name, i) => ({
		name,
		river: rivers?.[i] ?? '',
		mayor: mayors?.[i] ?? '',
		year: years?.[i] ?? '',
	}));
}

export const table = drawTable();

export const townNamed = (name: unknown): Town | undefined =>
	table.find((town) => town.name === name);

/** The next town of the table: what is true of it is false of this one. */
export const townAfter = (town: Town): Town =>
	table[(table.indexOf(town) + 1) % table.length] ?? town;
