/** @file Synthetic diary, seeded: notes of three facts, each with a question in words that its note does not have. */
import { derive, random } from '#base/random.ts';
import { lists, topics, type Slots } from './diary-topics.ts';

export interface Fact {
	readonly note: number;
	readonly question: string;
	readonly answer: string;
	/** The answers to the same question about other notes: said instead, they are mixed up. */
	readonly others: readonly string[];
}

export interface Diary {
	readonly notes: readonly string[];
	readonly facts: readonly Fact[];
}

const firstNames = (
	'Ilse Henrik Amadou Rosalind Tobias Priya Marta Oskar Yara Emil Noor Viktor Ines Caleb Ruth Soren Leonie Dario Agnes Bruno ' +
	'Celia Dmitri Esra Fergus Greta Hassan Imke Jonas Katya Luca Maud Nils Odette Pavel Quentin Rafael Silke Tamar Ulrich Vera'
).split(' ');
const lastNames = (
	'Brandt Lindqvist Okafor Castellano Wren Petrov Marchetti Novak Haddad Keller Osei Pereira Quist Radu Sandoval Thorne Ueda Vogel ' +
	'Whitlock Yilmaz Zeman Abbott Bianchi Corrigan Duarte Ekberg Farkas Grolier Hollis Iversen Jansky Kowal Larsen Mbeki Nagy Orlov'
).split(' ');
const towns = (
	'Bergen Lisbon Cork Turin Ghent Riga Porto Basel Malmo Sofia Split Tartu Tarnow Genoa Cardiff Norvik Leeds Gdansk Bilbao Trieste ' +
	'Aarhus Bruges Dresden Evora Graz Innsbruck Kaunas Lyon Maribor Narva Odense Pecs Rouen Salamanca Utrecht Verona'
).split(' ');
const streets = 'Linden Mill Harbour Castle Orchard Bridge Tanner Chapel'.split(' ');
const months =
	'January February March April May June July August September October November December'.split(
		' ',
	);

/** Notes with topics in turn, of a seed; names, towns and numbers are different in each. */
export function diaryOf(seed: number, count: number): Diary {
	const draw = random(derive(seed, 'diary'));
	const [first, last] = [draw.shuffle(firstNames), draw.shuffle(lastNames)];
	const [places, numbers] = [draw.shuffle(towns), draw.shuffle(numbersTo(98))];
	const people = Array.from(
		{ length: 2 * count },
		(_, i) => `${first[i % first.length]} ${last[i % last.length]}`,
	);
	const words = Object.fromEntries(
		Object.entries(lists).map(([name, list]) => [name, draw.shuffle(list)]),
	);
	const told = Array.from({ length: count }, (_, i) => {
		const [a, b] = [people[2 * i], people[2 * i + 1]];
		const turn = Math.floor(i / topics.length);
		const slots: Slots = {
			...{ a: a ?? '', b: b ?? '' },
			town: places[i % places.length] ?? '',
			street: `${streets[(i + seed) % streets.length]} Street`,
			month: draw.pick(months),
			n: numbers[i % numbers.length] ?? 0,
			word: (list) => words[list]?.[turn % lists[list].length] ?? '',
		};
		return topics[i % topics.length]?.(slots) ?? [];
	});
	const facts = told.flatMap((note, i) =>
		note.map(([, question, answer], k): Fact => {
			const alike = told.flatMap((other, j) =>
				j !== i && j % topics.length === i % topics.length ? [String(other[k]?.[2])] : [],
			);
			return {
				...{ note: i, question, answer: String(answer) },
				others: alike.filter((one) => one !== String(answer)),
			};
		}),
	);
	return { notes: told.map((note) => note.map(([sentence]) => sentence).join(' ')), facts };
}

const numbersTo = (most: number): readonly number[] =>
	Array.from({ length: most - 10 }, (_, i) => i + 11);

const words = (text: string): string =>
	` ${(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')} `;

/** What an answer is worth: right if it names the fact, and not also that of another note. */
export function judge({ answer, others }: Fact, said: string): 'right' | 'mixed up' | 'wrong' {
	const holds = (one: string): boolean => words(said).includes(words(one));
	if (others.some(holds)) return 'mixed up';
	return holds(answer) ? 'right' : 'wrong';
}
