/**
 * @file Questions about a table of facts that no model can know; what is examined is whether facts were learnt, in another
 * form than that in which they were met.
 *
 * A fact is asked forward (the river of a town), backward (the town of a river; models that met only the other direction
 * fail, Berglund et al. 2023) and as a claim to check. The split is by fact and form: a form that is held out may be
 * answered by who has learnt the fact from another.
 */
import { hash32, type Random } from '#base/random.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleMessage } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import type { Knowledge } from '../facets/knowledge.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { passages } from './passages.ts';
import { attributes, table, townAfter, townNamed, type Attribute, type Town } from './table.ts';

const forms = ['forward', 'backward', 'check'] as const;
type Form = (typeof forms)[number];

/** `%t` is the town and `%v` the value. */
const wordings: Readonly<Record<Form, Readonly<Record<Attribute, readonly string[]>>>> = {
	forward: {
		river: ['Which river runs through %t?', 'What is the river of %t called?'],
		mayor: ['Who is the mayor of %t?', 'What is the name of the mayor of %t?'],
		year: ['In which year was %t founded?', 'When was the town of %t founded?'],
	},
	backward: {
		river: ['Which town lies on the river %v?', 'Through which town does the %v run?'],
		mayor: ['Of which town is %v the mayor?', 'Which town has %v as its mayor?'],
		year: ['Which town was founded in %v?', 'What town has stood since %v?'],
	},
	check: {
		river: ['Does the river %v run through %t?', 'Is the %v the river of %t?'],
		mayor: ['Is %v the mayor of %t?', 'Is the mayor of %t called %v?'],
		year: ['Was %t founded in %v?', 'Is %v the year in which %t was founded?'],
	},
};

interface Question {
	readonly town: Town;
	readonly attribute: Attribute;
	readonly form: Form;
}

/** The parts of an item; items may come from a file, so a wrong one is refused. */
function partsOf(item: Item): Question {
	const town = townNamed(item['town']);
	const attribute = attributes.find((one) => one === item['attribute']);
	const form = forms.find((one) => one === item['form']);
	if (!town || !attribute || !form)
		throw new TypeError('A question must have a town of the table, an attribute and a form.');
	return { town, attribute, form };
}

const keyOf = (item: Item): string => {
	const { town, attribute, form } = partsOf(item);
	return `facts/${form}/${attribute}/${town.name}`;
};

/** The value that a question names: of this town, or in every second claim of another. */
function valueIn(item: Item): string {
	const { town, attribute, form } = partsOf(item);
	const isFalse = form === 'check' && hash32(`claim/${keyOf(item)}`) % 2 === 0;
	return (isFalse ? townAfter(town) : town)[attribute];
}

function textOf(item: Item, wording: number): string {
	const { town, attribute, form } = partsOf(item);
	return (wordings[form][attribute][wording] ?? '')
		.replace('%t', town.name)
		.replace('%v', valueIn(item));
}

function wordingOf({ wording }: View): number {
	if (wording === 0 || wording === 1) return wording;
	throw new TypeError('A view of a question has a wording of 0 or 1.');
}

const tasks = defineTasks({
	strata: forms,
	sample: (_n, random: Random, stratum) => ({
		town: random.pick(table).name,
		attribute: random.pick(attributes),
		form: stratum,
	}),
	space: () => table.length * attributes.length,
	keyOf,
	stratumOf: (item) => partsOf(item).form,
	views: (_item, count) => [{ wording: 0 }, { wording: 1 }].slice(0, count),
});

/** Everything that a question of this form may have for an answer. */
const candidatesFor = ({ form, attribute }: Question): readonly string[] => {
	if (form === 'check') return ['yes', 'no'];
	return table.map((town) => (form === 'backward' ? town.name : town[attribute]));
};

const answers: AnswerFormat = {
	// A model's own end token; engines leave it out.
	endMark: '',
	read(item, _view, completion) {
		const said = new Set(completion.toLowerCase().match(/[a-z]+|\d+/g) ?? []);
		const named = candidatesFor(partsOf(item)).filter((one) => said.has(one.toLowerCase()));
		const [answer] = named;
		if (answer === undefined) return { malformed: 'it names nothing that could be the answer' };
		return named.length > 1 ? { malformed: 'it names more than one answer' } : { answer };
	},
	write: (_item, _view, answer) => answer,
};

const reference: Reference = {
	solve(item) {
		const { town, attribute, form } = partsOf(item);
		if (form === 'check') return valueIn(item) === town[attribute] ? 'yes' : 'no';
		return form === 'backward' ? town.name : town[attribute];
	},
};

/** Every question about a town. */
const askedOf = (town: string): readonly Item[] =>
	forms.flatMap((form) => attributes.map((attribute) => ({ town, attribute, form })));

/** A record for each town, or a passage of prose for each two. */
const knowledge: Readonly<Record<'table' | 'text', Knowledge>> = {
	table: {
		records: table.map(({ name, river, mayor, year }) => ({
			id: name,
			text: `${name} lies on the river ${river}. It was founded in ${year}. Its mayor is ${mayor}.`,
		})),
		about: (id) => (townNamed(id) ? askedOf(id) : []),
	},
	text: {
		records: passages.map(({ id, text }) => ({ id, text })),
		about: (id) =>
			passages
				.filter((passage) => passage.id === id)
				.flatMap(({ towns }) => towns.flatMap(({ name }) => askedOf(name))),
	},
};

const everything = table.flatMap(({ name }) => askedOf(name));

function parse(text: string): { item: Item } | { error: string } {
	const asked = text.trim();
	const item = everything.find((one) => textOf(one, 0) === asked || textOf(one, 1) === asked);
	return item
		? { item }
		: {
				error: `Type a question about a town of the table, such as: ${textOf(
					{ town: table[0]?.name ?? '', attribute: 'river', form: 'forward' },
					0,
				).replace('?', '')}.`,
			};
}

export const facts = defineEnvironment({
	name: 'facts',
	title: 'Facts',
	ability: 'nlp',
	about: 'Answers questions about a table of made-up towns, which no model can know beforehand.',
	papers: ['https://arxiv.org/abs/2309.12288', 'https://arxiv.org/abs/2305.14233'],
	knobs: {
		told: {
			kind: 'choice',
			label: 'Told as',
			help: 'How whoever writes questions meets the facts. table: a record for each town; text: a passage of prose for each two.',
			default: 'table',
			options: ['table', 'text'],
		},
	},
	create: ({ told }) =>
		({
			name: 'facts',
			tasks,
			chat: true,
			open: (item: Item, view: View) => singleMessage(textOf(item, wordingOf(view))),
			maxTokens: () => ({ prompt: 64, answer: 32 }),
			chance: {
				of: 'any of the answers that there are',
				share: (_n, stratum) => (stratum === 'check' ? 1 / 2 : 1 / table.length),
			},
			score: scoreByReference(answers, reference),
			answers,
			reference,
			knowledge: knowledge[told],
			words: {
				title: 'Facts',
				noun: ['question', 'questions'],
				verb: 'answer',
				unit: 'steps',
				show: (item) => textOf(item, 0),
				parse,
			},
		}) satisfies Environment,
});
