/**
 * @file Role-play: the records of two personas are in view and one of them is interviewed. It answers by its own record
 * and refuses what it cannot know, even if the other's record says it. Difficulty is the number of questions.
 *
 * `1Cmo2Clu2Oki1Dra>1DOC=` → `1Dra1O-1Cmo$`: a fact is a digit for the person, a letter for the thing and the name that
 * it has; an answer repeats digit and letter (index hints), and `-` refuses. Views shuffle facts and questions.
 */
import { end } from '../alphabet.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleTurn } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import { placeOf, spoilBy, type Faults, type Spoil } from '../faults.ts';
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
import { nameOf, people, type Interview } from './records.ts';

const refusal = '-';

/** An interview as text for people: `Ada cat mo, Ben owl ki; Ada: cat owl`. */
const textOf = ({ facts, asked, questions }: Interview): string =>
	`${facts.map(({ person, thing, name }) => `${person} ${thing} ${name}`).join(', ')}; ${asked}: ${questions.join(' ')}`;

/** The interview out of its text; undefined if it is none. */
function readInterview(text: string): Interview | undefined {
	const [, told = '', asked = '', questions = ''] = /^([^;]*); (\w+): ([^;]*)$/.exec(text) ?? [];
	const facts = told.split(', ').map((fact) => {
		const [person = '', thing = '', name = ''] = fact.split(' ');
		return { person, thing, name };
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

const letterOf = (thing: string): string => thing.charAt(0).toUpperCase();
const digitOf = (person: string): string => String(people.findIndex((one) => one === person) + 1);

/** Who is asked, and about what, before an answer. */
const keyFor =
	({ asked }: Interview) =>
	(thing: string): string =>
		digitOf(asked) + letterOf(thing);

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
		({ person, thing, name }) => digitOf(person) + letterOf(thing) + name,
	);
	return `${told.join('')}>${digitOf(asked)}${arranged(questions, view).map(letterOf).join('')}=`;
}

const replyPattern = /[1-4][A-Z](?:-|[a-z]{2})/g;

const answers: AnswerFormat = {
	endMark: end,
	/** Who says it, and which thing it is about, is form; canonical answers stand in the item's order. */
	read(item, view, completion) {
		const interview = interviewOf(item);
		const asked = arranged(interview.questions, view).map(keyFor(interview));
		if (!/^(?:[1-4][A-Z](?:-|[a-z]{2}))+\$$/.test(completion))
			return { malformed: 'it is not a row of answers with an end mark' };
		const replies = completion.match(replyPattern) ?? [];
		if (replies.length !== asked.length)
			return { malformed: `${replies.length} answers to ${asked.length} questions` };
		const wrong = replies.findIndex((reply, i) => reply.slice(0, 2) !== asked[i]);
		if (wrong >= 0) return { malformed: `answer ${wrong + 1} is not to question ${wrong + 1}` };
		const inOrder = interview.questions.map((thing) =>
			(replies[asked.indexOf(keyFor(interview)(thing))] ?? '').slice(2),
		);
		return { answer: inOrder.join(' ') };
	},
	write(item, view, answer) {
		const interview = interviewOf(item);
		const said = answer.split(' ');
		const replies = arranged(interview.questions, view).map(
			(thing) => keyFor(interview)(thing) + (said[interview.questions.indexOf(thing)] ?? refusal),
		);
		return replies.join('') + end;
	},
};

function solve(item: Item): string {
	const interview = interviewOf(item);
	return interview.questions.map((thing) => nameOf(interview, thing) ?? refusal).join(' ');
}
const reference: Reference = { solve };

/** Why one reply is wrong. */
function wayOf({ facts, asked }: Interview, thing: string, right: string, said: string): string {
	if (said === refusal) return 'refuses';
	const isOthers = facts.some(
		({ person, thing: of, name }) => person !== asked && of === thing && name === said,
	);
	if (isOthers) return 'out-of-role';
	return right === refusal ? 'invents' : 'another';
}

const find: Faults['find'] = (item, answer) => {
	const interview = interviewOf(item);
	const [right, said] = [solve(item).split(' '), answer.split(' ')];
	const at = right.findIndex((name, i) => name !== said[i]);
	if (at < 0) return null;
	const way = wayOf(interview, interview.questions[at] ?? '', right[at] ?? '', said[at] ?? '');
	return { way, at: `at ${placeOf(at + 1, 'question')}` };
};
/** Answers one question by `name` instead. */
const replied =
	(name: (interview: Interview, thing: string) => string | undefined): Spoil =>
	(item, answer, random) => {
		const interview = interviewOf(item);
		const at = random.integer(0, interview.questions.length - 1);
		const said = name(interview, interview.questions[at] ?? '');
		return said === undefined ? [] : [answer.split(' ').with(at, said).join(' ')];
	};
const refuse = replied(() => refusal);
const speakForOther = replied(
	({ facts, asked }, thing) =>
		facts.find((fact) => fact.person !== asked && fact.thing === thing)?.name,
);
const invent = replied(({ facts }, thing) => facts.find((fact) => fact.thing !== thing)?.name);
const faults: Faults = {
	ways: {
		refuses: 'refuses what the persona knows',
		'out-of-role': 'answers for the other persona',
		invents: 'makes up what the persona cannot know',
		another: 'gives another name',
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
					'Type facts, who is asked, and what can and cannot be answered, like Ada cat mo, Ben owl ki; Ada: cat owl.',
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
			maxTokens: (n) => ({ prompt: 4 * mostFacts(n) + n + 3, answer: 4 * n + 1 }),
			score: scoreByReference(answers, reference),
			answers,
			reference,
			faults,
			words: {
				title: 'Persona',
				noun: ['interview', 'interviews'],
				verb: 'play',
				unit: 'questions',
				show: (item) => textOf(interviewOf(item)),
				parse,
			},
		}) satisfies Environment,
});
