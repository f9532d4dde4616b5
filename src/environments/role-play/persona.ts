/**
 * @file Role-play: the records of two personas are in view and one of them is interviewed. It answers by its own record
 * and refuses what it cannot know, even if the other's record says it. Difficulty is the number of questions.
 *
 * `C3c5o6D2>DOC=` → `D2O-C3$`: a letter and a digit say how many of what someone has, capitals Ada and small letters Ben;
 * an answer repeats the letter (index hint), and `-` refuses. Views shuffle facts and questions.
 */
import { end } from '../alphabet.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleTurn } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import { placeOf, spoilBy, type Faults, type Spoil } from '../facets/faults.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { arranged, drawOrders } from '../strings/shuffled.ts';
import {
	drawInterview,
	fewestQuestions,
	isInterview,
	mostFacts,
	mostQuestions,
} from './records.ts';
import { countOf, people, type Interview } from './records.ts';

const refusal = '-';

/** An interview as text for people: `Ada cats 3, Ben owls 6; Ada: cats owls`. */
const textOf = ({ facts, asked, questions }: Interview): string =>
	`${facts.map(({ person, thing, count }) => `${person} ${thing} ${count}`).join(', ')}; ${asked}: ${questions.join(' ')}`;

/** The interview out of its text; undefined if it is none. */
function readInterview(text: string): Interview | undefined {
	const [, told = '', asked = '', questions = ''] = /^([^;]*); (\w+): ([^;]*)$/.exec(text) ?? [];
	const facts = told.split(', ').map((fact) => {
		const [person = '', thing = '', count = ''] = fact.split(' ');
		return { person, thing, count };
	});
	const interview = { facts, asked, questions: questions.split(' ') };
	return textOf(interview) === text && isInterview(interview) ? interview : undefined;
}

/** The interview of an item; items may come from a file, so wrong ones are refused. */
function interviewOf(item: Item): Interview {
	const { interview } = item;
	const read = typeof interview === 'string' ? readInterview(interview) : undefined;
	if (!read)
		throw new TypeError(
			`An interview must have facts, a person and ${fewestQuestions} to ${mostQuestions} questions.`,
		);
	return read;
}

/** What stands for a thing of someone: `C` for Ada's cats, `c` for Ben's. */
const letterOf = (person: string, thing: string): string =>
	person === people[0] ? thing.charAt(0).toUpperCase() : thing.charAt(0);

/** The same whatever is told or asked first. */
function keyOf(item: Item): string {
	const { facts, asked, questions } = interviewOf(item);
	return `persona/${textOf({
		facts: [...facts].sort((a, b) => (a.person + a.thing < b.person + b.thing ? -1 : 1)),
		asked,
		questions: [...questions].sort(),
	})}`;
}

const tasks = defineTasks({
	difficulty: { min: fewestQuestions, max: mostQuestions },
	sample: (n, random) => ({ interview: textOf(drawInterview(n, random)) }),
	keyOf,
	difficultyOf: (item) => interviewOf(item).questions.length,
	views: (_item, count, random) => drawOrders(count, random).map((order) => ({ order })),
});

function promptOf(item: Item, view: View): string {
	const { facts, asked, questions } = interviewOf(item);
	const told = arranged(facts, view).map(
		({ person, thing, count }) => letterOf(person, thing) + count,
	);
	const questioned = arranged(questions, view).map((thing) => letterOf(asked, thing));
	return `${told.join('')}>${questioned.join('')}=`;
}

const answers: AnswerFormat = {
	endMark: end,
	/** Which thing an answer is about is form; canonical answers stand in the item's order. */
	read(item, view, completion) {
		const { asked, questions } = interviewOf(item);
		const letters = arranged(questions, view).map((thing) => letterOf(asked, thing));
		if (!/^(?:[A-Za-z][0-9-])+\$$/.test(completion))
			return { malformed: 'it is not a row of answers with an end mark' };
		const replies = completion.match(/[A-Za-z][0-9-]/g) ?? [];
		if (replies.length !== letters.length)
			return { malformed: `${replies.length} answers to ${letters.length} questions` };
		const wrong = replies.findIndex((reply, i) => reply.charAt(0) !== letters[i]);
		if (wrong >= 0) return { malformed: `answer ${wrong + 1} is not to question ${wrong + 1}` };
		const inOrder = questions.map((thing) =>
			(replies[letters.indexOf(letterOf(asked, thing))] ?? '').charAt(1),
		);
		return { answer: inOrder.join(' ') };
	},
	write(item, view, answer) {
		const { asked, questions } = interviewOf(item);
		const said = answer.split(' ');
		const replies = arranged(questions, view).map(
			(thing) => letterOf(asked, thing) + (said[questions.indexOf(thing)] ?? refusal),
		);
		return replies.join('') + end;
	},
};

function solve(item: Item): string {
	const interview = interviewOf(item);
	return interview.questions.map((thing) => countOf(interview, thing) ?? refusal).join(' ');
}
const reference: Reference = { solve };

/** Why one reply is wrong. */
function wayOf({ facts, asked }: Interview, thing: string, right: string, said: string): string {
	if (said === refusal) return 'refuses';
	const isOthers = facts.some(
		({ person, thing: of, count }) => person !== asked && of === thing && count === said,
	);
	if (isOthers) return 'out-of-role';
	return right === refusal ? 'invents' : 'another';
}

const find: Faults['find'] = (item, answer) => {
	const interview = interviewOf(item);
	const [right, said] = [solve(item).split(' '), answer.split(' ')];
	const at = right.findIndex((count, i) => count !== said[i]);
	if (at < 0) return null;
	const way = wayOf(interview, interview.questions[at] ?? '', right[at] ?? '', said[at] ?? '');
	return { way, at: `at ${placeOf(at + 1, 'question')}` };
};
/** Answers one question by `reply` instead. */
const replied =
	(reply: (interview: Interview, thing: string) => string | undefined): Spoil =>
	(item, answer, random) => {
		const interview = interviewOf(item);
		const at = random.integer(0, interview.questions.length - 1);
		const said = reply(interview, interview.questions[at] ?? '');
		return said === undefined ? [] : [answer.split(' ').with(at, said).join(' ')];
	};
const refuse = replied(() => refusal);
const speakForOther = replied(
	({ facts, asked }, thing) =>
		facts.find((fact) => fact.person !== asked && fact.thing === thing)?.count,
);
const invent = replied(({ facts }, thing) => facts.find((fact) => fact.thing !== thing)?.count);
const faults: Faults = {
	ways: {
		refuses: 'refuses what the persona knows',
		'out-of-role': 'answers for the other persona',
		invents: 'makes up what the persona cannot know',
		another: 'gives another number',
	},
	find,
	spoil: spoilBy(find, [refuse, speakForOther, invent]),
};

function parse(text: string): { item: Item } | { error: string } {
	const interview = text.length > 2000 ? undefined : readInterview(text.trim());
	return interview
		? { item: { interview: textOf(interview) } }
		: {
				error:
					'Type facts, who is asked, and what can and cannot be answered, like Ada cats 3, Ben owls 6; Ada: cats owls.',
			};
}

export const persona = defineEnvironment({
	name: 'persona',
	title: 'Persona',
	ability: 'role-play',
	about:
		'Answers as one of two people would, by its own record, and refuses what that person cannot know.',
	papers: ['https://arxiv.org/abs/2310.10158', 'https://arxiv.org/abs/2310.00746'],
	knobs: {},
	create: () =>
		({
			name: 'persona',
			tasks,
			open: (item, view) => singleTurn(promptOf(item, view)),
			maxTokens: (n) => ({ prompt: 2 * mostFacts(n) + n + 2, answer: 2 * n + 1 }),
			chance: { of: 'any digit or a refusal to each question', share: (n) => 11 ** -n },
			score: scoreByReference(answers, reference),
			answers,
			reference,
			faults,
			words: {
				title: 'Persona',
				noun: ['interview', 'interviews'],
				verb: 'answer',
				unit: 'questions',
				notation:
					'A letter and a digit say how many of what somebody has: capitals are Ada’s, small letters Ben’s. After > stands who is asked, and for what. - refuses to say.',
				show: (item) => textOf(interviewOf(item)),
				parse,
			},
		}) satisfies Environment,
});
