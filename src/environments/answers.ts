/** @file The format of canonical answers, and the reference that knows which of them are right. */
import type { Prompt } from '#base/prompt.ts';
import type { Random } from '#base/random.ts';
import type { Item, View } from './item.ts';

/** Reads and writes answers; knows no truth. */
export interface AnswerFormat {
	/**
	 * Text that ends an answer: the model's end token, which engines leave out of what they return. Empty where only
	 * the engine knows whether an answer has ended.
	 */
	readonly endMark: string;
	/** The answer in canonical form out of a completion with its end mark, or why it has none. */
	read(item: Item, view: View, completion: string): { answer: string } | { malformed: string };
	/** All replies of a conversation as one completion, where only together they are the answer. Absent: the last one is. */
	join?(replies: readonly string[]): string;
	/** The completion that a model should write to say `answer` in this view, end mark included. */
	write(item: Item, view: View, answer: string): string;
}

/** Knows the right answer. Both throw where an item is not of this environment, or nobody can know. */
export interface Reference {
	/** The right answer, canonical; one of them where `isRight` is there. */
	solve(item: Item): string;
	/** Where many answers are right: whether this one is. */
	isRight?(item: Item, answer: string): boolean;
	/** What it solves is one of many right answers, and only the scorer can tell which others are. */
	readonly isExample?: true;
	/**
	 * Where the environment answers in between: a conversation that ends in a right answer, all that is said after the
	 * first prompt. Absent if the answer is given at once.
	 */
	conversation?(item: Item, view: View, random: Random): readonly Spoken[];
}

/** One turn of a conversation. */
export interface Spoken {
	readonly by: 'model' | 'environment';
	/** With its end mark, where the model says it. */
	readonly content: string;
	/** Worth imitating; a mistake, and what the environment says, are not. */
	readonly learnt: boolean;
}

/** Runs answers that are programs; tells nothing but what everybody was shown. */
export interface Programs {
	/**
	 * Tests of an item: the pairs that it shows, and `count` inputs made up here, of which nobody says what should come out.
	 * Null if its answer is no program.
	 */
	tests(
		item: Item,
		count: number,
		random: Random,
	): readonly { readonly input: string; readonly output?: string }[] | null;
	/** What comes out; undefined if the program cannot be run to its end. */
	run(program: string, input: string): string | undefined;
}

/** The prompt with the answer given away (rationalization, STaR). */
export interface Hint {
	prompt(item: Item, view: View, answer: string): Prompt;
}

/** Is this answer right? Throws where the reference cannot know. */
export const isRight = (reference: Reference, item: Item, answer: string): boolean =>
	reference.isRight?.(item, answer) ?? reference.solve(item) === answer;

/** A generation as the environment reads it: with its end mark where the model said that it was done. */
export const completionOf = (
	{ answers }: { readonly answers?: AnswerFormat },
	{ text, stopReason }: { readonly text: string; readonly stopReason: string },
): string =>
	answers && stopReason === 'stop' && !text.endsWith(answers.endMark)
		? text + answers.endMark
		: text;

/** Why there is no answer, where only the engine could say that it had ended and it did not. */
export const cutOff = (
	{ answers }: { readonly answers?: AnswerFormat },
	stopReason: string,
): string | undefined =>
	(answers?.endMark ?? '') === '' && stopReason !== 'stop'
		? 'it was cut off before its end'
		: undefined;

/** An answer in canonical form; any text is one where there is no format. Throws where the item is none of its own. */
export const readAnswer = (
	{ answers }: { readonly answers?: AnswerFormat },
	item: Item,
	view: View,
	completion: string,
): { answer: string } | { malformed: string } => {
	if (answers) return answers.read(item, view, completion);
	const answer = completion.trim();
	return answer === '' ? { malformed: 'it is empty' } : { answer };
};

/** What is read of a conversation: its last reply, or all of them. */
export const readOf = (
	{ answers }: { readonly answers?: AnswerFormat },
	replies: readonly string[],
): string => answers?.join?.(replies) ?? replies.at(-1) ?? '';

/** The completion that says `answer` in this view. */
export const writeAnswer = (
	{ answers }: { readonly answers?: AnswerFormat },
	item: Item,
	view: View,
	answer: string,
): string => (answers ? answers.write(item, view, answer) : answer);
