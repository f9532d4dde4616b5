/**
 * @file Substance of an answer: does it say more than its constraints demand, without repeating itself, and does it name
 * what it was asked about? Without this an answer such as "This is the end." keeps its constraint and is worth nothing.
 */
import { splitConstraint } from './constraints.ts';
import { jsonOf, wordsOf } from './measure.ts';
import { topics } from './words.ts';

/** Fewest words beside those of the request and its constraints; JSON has fewer, since its keys are given. */
const fewest = { text: 5, json: 3 } as const;
/** A text of this many words of which fewer than this share differ goes round in circles. */
const circling = { words: 12, share: 0.4 } as const;

/** Words of requests that name no topic. */
const general = new Set(
	`a an the of in on for to and or with from by at it its is are be that this what when how why who which your you
	about describe explain write tell give say list name compare make makes show think use used using word words answer
	text short small long good lost best great new short story note notice letter poem advice person people someone
	something else want wants know more should would could child friend village useful important three two one four five
	six sentence sentences paragraph paragraphs title every each some any all have has do does can will not`.split(
		/\s+/,
	),
);

/** Words that name what a request is about, in small letters; none if it names nothing in particular. */
export function topicOf(request: string): readonly string[] {
	const known = topics.find((topic) => request.includes(topic)) ?? request;
	return wordsOf(known.toLowerCase()).filter((word) => word.length > 2 && !general.has(word));
}

/** A word without the endings that number and tense give it; an answer that has it names the word. */
export const stem = (word: string): string => word.slice(0, Math.max(3, word.length - 2));

/** What an answer lacks, as the end of a sentence; undefined if it lacks nothing. */
export function lackOf(
	request: string,
	constraints: readonly string[],
	answer: string,
): string | undefined {
	const json = jsonOf(answer);
	const isJson = typeof json === 'object' && json !== null;
	const words = wordsOf((isJson ? JSON.stringify(Object.values(json)) : answer).toLowerCase());
	const given = [request, ...constraints.map(demanded)].join(' ');
	const required = new Set(wordsOf(given.toLowerCase()));
	const own = words.filter((word) => !required.has(word));
	if (own.length < (isJson ? fewest.json : fewest.text))
		return 'it says little more than what had to be in it';
	if (words.length >= circling.words && new Set(words).size / words.length < circling.share)
		return 'it goes round in circles';
	const topic = topicOf(request);
	const isNamed = topic.some((word) => words.some((said) => said.startsWith(stem(word))));
	return topic.length > 0 && !isNamed ? 'it does not name what it was asked about' : undefined;
}

/** The words that a constraint puts into an answer. */
function demanded(constraint: string): string {
	const [name, value] = splitConstraint(constraint);
	return ['ending', 'keyword', 'keywords', 'repeat', 'opening'].includes(name)
		? value.replaceAll(',', ' ')
		: '';
}
