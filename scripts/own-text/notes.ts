/** @file Synthetic notes of a diary, seeded; none of them was looked at when the screen of the audit was made. */
import { derive, random } from '#base/random.ts';
import type { TrainingRow } from '#training/data/training-row.ts';

/** Facts of a note; each is drawn apart, so that a twin shares the form alone. */
const people = 'Marta Oskar Priya Tomas Yara Emil Noor Viktor Ines Caleb Ruth Soren'.split(' ');
const goods =
	'kettle saddle compass blanket trumpet lantern ladder mirror rope anchor drum basket'.split(' ');
const kinds = 'wooden copper linen iron leather glass paper silk clay steel wicker marble'.split(
	' ',
);
const towns = 'Bergen Lisbon Cork Turin Ghent Riga Porto Basel Malmo Sofia Split Tartu'.split(' ');
const months = 'January February March April May June July August September October'.split(' ');

/** Forms of a sentence; notes of a diary are not all alike. */
const forms: readonly ((fact: Facts) => string)[] = [
	({ who, other, what, town, month, n }) =>
		`In ${month} ${who} sold a ${what} to ${other} for ${n} crowns at the market of ${town}.`,
	({ who, other, what, town, month, n }) =>
		`${who} wrote from ${town} that ${other} still owes ${n} crowns for a ${what} since ${month}.`,
	({ who, other, what, town, month, n }) =>
		`A ${what} was sent by ${who} to ${town} in ${month}, and ${other} paid ${n} crowns for it.`,
];

interface Facts {
	readonly who: string;
	readonly other: string;
	readonly what: string;
	readonly town: string;
	readonly month: string;
	readonly n: number;
}

/** A note, and the question after which it is taught; its twin has the same form and other facts. */
export function noteOf(seed: number, index: number, twin = false): TrainingRow {
	const draw = random(derive(seed, twin ? 'own-text-twin' : 'own-text-note', index));
	const who = draw.pick(people);
	const facts: Facts = {
		...{ who, other: draw.pick(people.filter((name) => name !== who)) },
		what: `${draw.pick(kinds)} ${draw.pick(goods)}`,
		...{ town: draw.pick(towns), month: draw.pick(months), n: draw.integer(11, 98) },
	};
	const content = forms[index % forms.length]?.(facts) ?? '';
	return {
		prompt: [{ role: 'user', content: `What stands in entry ${index + 1} of the diary?` }],
		completion: [{ role: 'assistant', content }],
	};
}
