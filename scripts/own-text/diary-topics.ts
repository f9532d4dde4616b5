/**
 * @file Topics of the synthetic diary: three sentences with a fact each, and a question for each that shares only names with
 * its note.
 */
export interface Slots {
	/** People, different in each note. */
	readonly a: string;
	readonly b: string;
	readonly town: string;
	readonly street: string;
	readonly month: string;
	readonly n: number;
	/** A word of the list of this name. */
	word(list: keyof typeof lists): string;
}

/** A sentence, a question in other words, and the answer. */
export type Told = readonly [sentence: string, question: string, answer: string | number];

export const lists = {
	animals: ['goats', 'geese', 'rabbits', 'donkeys', 'ponies', 'turkeys'],
	jobs: ['glassblower', 'surveyor', 'bookbinder', 'beekeeper', 'locksmith', 'midwife'],
	pets: ['Sultan', 'Biscuit', 'Domino', 'Pepper', 'Waffle', 'Comet'],
	dishes: ['lentil soup', 'onion tart', 'beetroot stew', 'plum cake', 'fish pie', 'leek gratin'],
	subjects: ['lighthouses', 'glaciers', 'clockmakers', 'mushrooms', 'pirates', 'volcanoes'],
	bones: ['ankle', 'wrist', 'elbow', 'collarbone', 'thumb', 'kneecap'],
	flowers: ['tulips', 'crocuses', 'lilies', 'daffodils'],
	colours: ['green', 'purple', 'orange', 'yellow', 'turquoise', 'pink'],
	hides: ['barometer', 'mirror', 'calendar', 'gutter', 'flowerpot', 'painting'],
	composers: ['Fauré', 'Mozart', 'Verdi', 'Dvořák', 'Cherubini', 'Berlioz'],
	gear: ['thermos', 'compass', 'umbrella', 'scarf', 'torch', 'glove'],
	foods: ['goat cheese', 'rye bread', 'smoked trout', 'apple strudel', 'barley soup'],
	departments: ['archive', 'laboratory', 'canteen', 'warehouse', 'legal office', 'print shop'],
	instruments: ['oboe', 'cello', 'trombone', 'harp', 'bassoon', 'viola'],
	ships: ['Albatross', 'Meridian', 'Halcyon', 'Corsair', 'Evening Star', 'Pelican'],
	things: ['lantern', 'chessboard', 'music box', 'birdcage', 'trunk', 'sundial'],
	materials: ['copper', 'walnut', 'pewter', 'ivory', 'slate', 'bamboo'],
	drinks: ['ginger ale', 'buttermilk', 'camomile tea', 'cider', 'tonic water'],
	collections: ['stamps', 'thimbles', 'corks', 'fossils', 'matchboxes', 'coins'],
	peaks: ['Kestrel', 'Orrin', 'Halvar', 'Sabine', 'Tolmin', 'Verrin'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const one = <T>(word: string, make: (word: string) => T): readonly [T] => [make(word)];
const possessive = (name: string): string => (name.endsWith('s') ? `${name}’` : `${name}’s`);

export const topics: readonly ((slots: Slots) => readonly [Told, Told, Told])[] = [
	({ a, b, town, n, word }) => [
		[`${a} has moved into the old mill in ${town}.`, `In which town does ${a} live today?`, town],
		[`She keeps ${n} ${word('animals')} there.`, `How many animals does ${a} own?`, n],
		...one(word('jobs'), (job): Told => [
			`Her sister, ${b}, works as a ${job}.`,
			`What is the profession of ${b}?`,
			job,
		]),
	],
	({ a, month, n, word }) => [
		[
			`The bike is back from ${a}, who asked ${n} crowns for a new chain.`,
			`How high was the bill of ${a}?`,
			n,
		],
		[
			`${a} says that the rear wheel must be replaced before ${month}.`,
			`Until when is the other part still good, in the view of ${a}?`,
			month,
		],
		...one(word('pets'), (pet): Told => [
			`The dog in the shop of ${a} is called ${pet}.`,
			`Which name does the pet of ${a} answer to?`,
			pet,
		]),
	],
	({ a, town, month, word }) => [
		...one(word('dishes'), (dish): Told => [
			`${a} cooked a ${dish} for us tonight.`,
			`What did we eat at ${possessive(a)} place?`,
			dish,
		]),
		[
			`The recipe comes from ${town}, says ${a}.`,
			`Where does the meal of ${a} have its roots?`,
			town,
		],
		[
			`In ${month} ${a} starts a new job at the harbour.`,
			`When is the first day of work for ${a}?`,
			month,
		],
	],
	({ a, street, month, n, word }) => [
		[
			`My card for the library in ${street} runs out in ${month}.`,
			`How long may I still borrow from ${street}?`,
			month,
		],
		...one(word('subjects'), (subject): Told => [
			`The librarian, ${a}, kept a book about ${subject} for me.`,
			`Which topic did ${a} put aside something on?`,
			subject,
		]),
		[`${a} also wants a fine of ${n} crowns.`, `What sum do I owe ${a}?`, n],
	],
	({ a, b, town, n, word }) => [
		[
			`Visited ${a} in the hospital of ${town}.`,
			`Which place has the clinic that treats ${a}?`,
			town,
		],
		...one(word('bones'), (bone): Told => [
			`${a} broke the left ${bone} on a ladder.`,
			`Which part of the body did ${a} hurt?`,
			bone,
		]),
		[
			`The doctor, ${b}, wants to come again in ${n} days.`,
			`After how long does ${b} look in once more?`,
			n,
		],
	],
	({ a, n, word }) => [
		[
			`Planted ${n} ${word('flowers')} along the fence of ${a}.`,
			`How many bulbs did I put into the ground for ${a}?`,
			n,
		],
		...one(word('colours'), (colour): Told => [
			`${a} lent me a ${colour} wheelbarrow.`,
			`What colour is the cart that I borrowed from ${a}?`,
			colour,
		]),
		...one(word('hides'), (place): Told => [
			`${a} hangs the key of the shed behind the ${place}.`,
			`What hides the opener to the hut of ${a}?`,
			place,
		]),
	],
	({ a, town, n, word }) => [
		[`Our new conductor, ${a}, comes from ${town}.`, `What is the birthplace of ${a}?`, town],
		...one(word('composers'), (composer): Told => [
			`With ${a} we sing the Requiem of ${composer}.`,
			`Whose music does ${a} let us perform?`,
			composer,
		]),
		[
			`The robe that ${a} ordered costs ${n} crowns.`,
			`What is the price of the clothes ${a} chose?`,
			n,
		],
	],
	({ a, town, street, month, n }) => [
		[
			`${a} asks ${n} a month for the flat in ${street}.`,
			`How high is the rent that ${a} wants?`,
			n,
		],
		[`The landlord, ${a}, lives in ${town} himself.`, `Where is the home of ${a}?`, town],
		[
			`The lift in ${street} will be repaired in ${month}.`,
			`When does the elevator of ${street} go again?`,
			month,
		],
	],
	({ a, b, n, word }) => [
		...one(word('peaks'), (peak): Told => [
			`Climbed Mount ${peak} with ${a} in ${n} hours.`,
			`How long did ${a} and I need to the top of ${peak}?`,
			n,
		]),
		...one(word('gear'), (lost): Told => [
			`${a} lost a ${lost} on the way down.`,
			`What does ${a} miss since our walk?`,
			lost,
		]),
		...one(word('foods'), (food): Told => [
			`At the hut ${b} sold us ${food}.`,
			`What was there to eat from ${b}?`,
			food,
		]),
	],
	({ a, town, n, word }) => [
		...one(word('departments'), (part): Told => [
			`${a} is the new head of the ${part}.`,
			`Which section of the company does ${a} lead?`,
			part,
		]),
		[`Before that ${a} was with a bank in ${town}.`, `Where did ${a} work earlier?`, town],
		[`The party for ${a} cost ${n} crowns.`, `How much money went into the welcome of ${a}?`, n],
	],
	({ a, b, town, word }) => [
		...one(word('instruments'), (instrument): Told => [
			`My nephew, ${a}, now learns the ${instrument}.`,
			`What does ${a} play?`,
			instrument,
		]),
		[`The teacher of ${a} is ${b}.`, `Who gives lessons to ${a}?`, b],
		[`${a} has a concert in ${town}.`, `Which place will hear ${a} on stage?`, town],
	],
	({ a, town, n, word }) =>
		one(word('ships'), (ship): readonly [Told, Told, Told] => [
			[`Booked a berth on the ${ship} to ${town}.`, `Where does the ${ship} take me?`, town],
			[
				`My cabin on the ${ship} has the number ${n}.`,
				`Which digits stand on my door aboard the ${ship}?`,
				n,
			],
			[
				`${a} feeds the cat while I am on the ${ship}.`,
				`Who looks after my pet during the trip with the ${ship}?`,
				a,
			],
		])[0],
	({ a, town, n, word }) => [
		[`Bought a ${word('things')} from ${a} for ${n} crowns.`, `What did I pay ${a}?`, n],
		...one(word('materials'), (material): Told => [
			`What ${a} sold me is made of ${material}.`,
			`Which material does the purchase from ${a} consist of?`,
			material,
		]),
		[`${a} found it in a cellar in ${town}.`, `Where did ${a} discover my purchase?`, town],
	],
	({ a, town, n, word }) => [
		[`At the chess club ${a} beat me in ${n} moves.`, `How many turns did ${a} need to win?`, n],
		...one(word('drinks'), (drink): Told => [
			`${a} drinks nothing but ${drink}.`,
			`What is the favourite beverage of ${a}?`,
			drink,
		]),
		[
			`The next game against ${a} is in ${town}.`,
			`Where do I meet ${a} for the return match?`,
			town,
		],
	],
	({ a, b, town, word }) => [
		...one(word('collections'), (objects): Told => [
			`Our new neighbour, ${a}, collects ${objects}.`,
			`What hobby does ${a} have?`,
			objects,
		]),
		[`${a} was born in ${town}.`, `What is the home town of ${a}?`, town],
		[
			`The flat below belongs to ${b}, the aunt of ${a}.`,
			`Which relative of ${a} owns a home here?`,
			b,
		],
	],
];
