/** @file Prompts and grammars of writing lessons: a few examples as earlier turns, and an automaton that each answer is held to. */
import type { AnswerForm } from '#base/answer-form.ts';
import { renderChat } from '#model/chat-template.ts';
import type { ModelChat } from '#platform/platform.ts';
import { pronouns, wordsOf, type Passage } from './passages.ts';

/** Question words, a question of each is tried; what a model finds likely of them is compared within each. */
export const questionWords = [
	'What',
	'What is the name of',
	'Who',
	'Where',
	'When',
	'How many',
	'How much',
] as const;
export type QuestionWord = (typeof questionWords)[number];

/** A question that only a number answers. */
export const asksForNumber = (question: string): boolean => /^How (many|much)\b/.test(question);

/** A sentence, a span of it, and the question that it answers. */
const examples = [
	[
		'My brother Karl keeps his red canoe at Lake Marlow.',
		'Lake Marlow',
		'Where does Karl keep his red canoe?',
	],
	[
		'The red canoe cost 250 dollars at Fisher’s store.',
		'250 dollars',
		'How much did the red canoe cost?',
	],
	['Mrs Haruki, the piano teacher, was born in Osaka.', 'Mrs Haruki', 'Who was born in Osaka?'],
	['Our neighbour Paul has three sons.', 'three', 'How many sons does Paul have?'],
	['The piano lesson is on Wednesdays now.', 'Wednesdays', 'When is the piano lesson?'],
	['Anna’s parrot is called Coco.', 'Coco', 'What is the name of Anna’s parrot?'],
] as const;

type Turn = readonly [asked: string, answered: string];

/** Writes a prompt of turns for one model: by its template, or as lines of text. */
export type WritePrompt = (turns: readonly Turn[], asked: string) => string;

export function promptWriter(chat: ModelChat | undefined): WritePrompt {
	if (chat?.template === undefined)
		return (turns, asked) =>
			`${turns.map(([question, answer]) => `${question} ${answer}\n\n`).join('')}${asked} `;
	const { template, specialTokens } = chat;
	return (turns, asked) =>
		renderChat(
			template,
			[
				...turns.flatMap(([question, answer]) => [
					{ role: 'user', content: question },
					{ role: 'assistant', content: answer },
				]),
				{ role: 'user', content: asked },
			],
			{ addGenerationPrompt: true, specialTokens },
		);
}

/** Asks for a fact of a passage, as a span of it. */
export const factPrompt = (write: WritePrompt, { text }: Passage): string =>
	write(
		examples.map(([sentence, answer]) => [`Sentence: ${sentence}\nThe fact in it:`, answer]),
		`Sentence: ${text}\nThe fact in it:`,
	);

/** Asks for the question that a span of a passage answers. */
export const questionPrompt = (write: WritePrompt, { inView }: Passage, answer: string): string =>
	write(
		examples.map(([sentence, span, question]) => [
			`Sentence: ${sentence}\nQuestion with the answer “${span}”:`,
			question,
		]),
		`Sentence: ${inView}\nQuestion with the answer “${answer}”:`,
	);

/** Asks a question with a passage in view, or without one. */
export const answerPrompt = (write: WritePrompt, question: string, passage?: Passage): string =>
	write(
		examples.map(([sentence, answer, asked]) => [
			`${passage ? `Text: ${sentence}\n` : ''}Question: ${asked}`,
			answer,
		]),
		`${passage ? `Text: ${passage.inView}\n` : ''}Question: ${question}`,
	);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const oneOf = (texts: readonly string[]): string => `(${texts.map(escaped).join('|')})`;

/** A span of the passage, whole. */
export const spanForm = ({ spans }: Passage): AnswerForm => ({
	kind: 'expression',
	source: oneOf(spans),
});

/** Words that hold a question together. */
const glue = (
	'the a an of in on at to for by from with and does did do is are was were has have had will must can be name called ' +
	'kind many much long my'
).split(' ');

/** Words in a question after its first. */
const mostWords = 14;

/**
 * A question that begins so and goes on in words of the passage, those of the answer and pronouns left out: it cannot name
 * what the passage does not, nor give the answer away.
 */
export function questionForm(
	{ inView }: Passage,
	answer: string,
	begins: QuestionWord,
): AnswerForm | null {
	const given = new Set(wordsOf(answer).map((one) => one.toLowerCase()));
	const own = wordsOf(inView).filter(
		(one) => !given.has(one.toLowerCase()) && !pronouns.has(one.toLowerCase()),
	);
	// `keeps` is asked as `does … keep`.
	const words = [...new Set([...own, ...own.map((one) => one.replace(/s$/, '')), ...glue])];
	return {
		kind: 'expression',
		source: `${begins}( ${oneOf(words.filter((one) => one !== ''))}){2,${mostWords}}\\?`,
	};
}
