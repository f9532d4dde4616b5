/** @file Records of two personas: how many of what each has, and an interview with one of them. */
import type { Random } from '#base/random.ts';

/** In the text of a task, capitals are what the first has, small letters what the second has. */
export const people = ['Ada', 'Ben'] as const;

/** What a persona may have, by its first letter, which stands for it in the text of a task. */
export const things =
	'apes bees cats dogs eels foxes goats hens imps jays kids lambs mules newts owls pigs quails rats sons toads urns vases wasps xebecs yaks zebras'.split(
		' ',
	);

export interface Fact {
	readonly person: string;
	readonly thing: string;
	/** How many: a digit. */
	readonly count: string;
}

/** Facts in view, and what one persona is asked about. */
export interface Interview {
	readonly facts: readonly Fact[];
	readonly asked: string;
	/** Things, none of them twice. */
	readonly questions: readonly string[];
}

/** Fewest and most questions. */
export const [fewestQuestions, mostQuestions] = [2, 20];
/** Most facts of one persona that nobody asks about. */
const mostIdle = (n: number): number => Math.floor(n / 3);
/** Most facts of an interview with n questions. */
export const mostFacts = (n: number): number => 2 * (n + mostIdle(n));

/** What the persona answers: how many, or undefined if it cannot know. */
export const countOf = ({ facts, asked }: Interview, thing: string): string | undefined =>
	facts.find((fact) => fact.person === asked && fact.thing === thing)?.count;

const isFact = ({ person, thing, count }: Fact): boolean =>
	people.some((one) => one === person) && things.includes(thing) && /^[0-9]$/.test(count);

/** Whether this is an interview: no thing told or asked twice, something that can be answered and something that cannot. */
export function isInterview(interview: Interview): boolean {
	const { facts, asked, questions } = interview;
	const told = facts.map(({ person, thing }) => `${person} ${thing}`);
	const known = questions.filter((thing) => countOf(interview, thing) !== undefined).length;
	return (
		facts.every(isFact) &&
		new Set(told).size === told.length &&
		people.some((one) => one === asked) &&
		questions.every((thing) => things.includes(thing)) &&
		new Set(questions).size === questions.length &&
		questions.length <= mostQuestions &&
		facts.length <= mostFacts(questions.length) &&
		known > 0 &&
		known < questions.length
	);
}

/**
 * An interview of n questions about two personas' records: a third of the questions, and one at least, ask for what only
 * the other has, or nobody. Of half of what the asked one knows the other has its own number.
 */
export function drawInterview(n: number, random: Random): Interview {
	const [asked = '', other = ''] = random.shuffle(people);
	const unknown = Math.max(1, Math.round(n / 3));
	const shuffled = random.shuffle(things);
	const questions = shuffled.slice(0, n);
	const rest = shuffled.slice(n);
	const hidden = questions.slice(0, unknown);
	const known = questions.slice(unknown);
	const fact = (person: string, thing: string): Fact => ({
		person,
		thing,
		count: String(random.integer(0, 9)),
	});
	const idle = (): readonly string[] => rest.splice(0, random.integer(0, mostIdle(n)));
	const sometimes = (list: readonly string[], share: number): readonly string[] =>
		list.filter(() => random.next() < share);
	const facts = [
		...[...known, ...idle()].map((thing) => fact(asked, thing)),
		...[...sometimes(hidden, 1 / 2), ...sometimes(known, 1 / 2), ...idle()].map((thing) =>
			fact(other, thing),
		),
	];
	return { facts: random.shuffle(facts), asked, questions: random.shuffle(questions) };
}
