/** @file A conversation as data: turns, and for each turn the answer in every column. */
import * as v from 'valibot';
import type { Message, StopReason, TokenPiece } from '#engines/engine.ts';
import {
	anyObject,
	flag,
	lenient,
	list,
	number,
	object,
	oneOf,
	readOr,
	text,
	withoutGaps,
} from '#base/schema.ts';
import type { ApprovedAnswer } from '#chat/lesson.ts';
import { said, t } from '../../language/language.svelte.ts';

/** The weights that are talked with, a second answer of theirs to choose from, and the base model beside them when both are compared. */
export const columns = ['main', 'second', 'base'] as const;
export type Column = (typeof columns)[number];

export interface ChatAnswer {
	/** As the worker knows it. */
	readonly id: string;
	readonly text: string;
	/** Empty after a reload: only words are kept. */
	readonly pieces: readonly TokenPiece[];
	/** Null while it is made. */
	readonly ended: StopReason | 'failed' | null;
	/** Why it failed. */
	readonly fault?: string;
	/** Of the weights that gave it, for people. */
	readonly by: string;
	readonly seed: number;
	/** Tokens a second, from the first to the last; absent if it had fewer than ten. */
	readonly pace?: number;
	/** A person marked it as one to learn. */
	readonly isGood: boolean;
	/** A person marked it as one not to give. */
	readonly isBad: boolean;
}

export interface Turn {
	readonly id: string;
	readonly text: string;
	readonly answers: Readonly<Partial<Record<Column, ChatAnswer>>>;
	/** Of two answers, the one that a person chose; the conversation goes on from it. */
	readonly better?: Better;
}
export type Better = 'main' | 'second';

/** Messages before turn `count`, as the model of a column sees them. */
export function messagesBefore(
	turns: readonly Turn[],
	count: number,
	column: Column,
	system: string,
): readonly Message[] {
	const said = turns.slice(0, count).flatMap(({ text, answers, better }): Message[] => {
		// A column that was opened later goes on from what the other one said.
		const own = column === 'base' ? answers.base : answers[better ?? 'main'];
		const answer = own ?? answers.main ?? answers.base;
		const question: Message = { role: 'user', content: text };
		return answer && answer.text !== ''
			? [question, { role: 'assistant', content: answer.text }]
			: [question];
	});
	return system.trim() === '' ? said : [{ role: 'system', content: system }, ...said];
}

/** The answers that were marked as good, each with what was said before it. */
export const goodAnswers = (turns: readonly Turn[], system: string): readonly ApprovedAnswer[] =>
	turns.flatMap(({ text, answers }, i) =>
		columns.flatMap((column): ApprovedAnswer[] => {
			const answer = answers[column];
			if (!answer?.isGood || answer.text === '') return [];
			const before = messagesBefore(turns, i, column, system);
			return [{ conversation: [...before, { role: 'user', content: text }], answer: answer.text }];
		}),
	);

/** Name of the base model as a kept conversation has it. */
export const baseModel = 'base model';

/** Which weights gave an answer. */
export const byInWords = ({ by }: ChatAnswer): string =>
	by === baseModel ? t('chat.baseModel') : said(by);

/** Stop reason of an answer and its remedy, if worth a word. */
export function endInWords({ text, ended, fault }: ChatAnswer, contextLength: number): string {
	switch (ended) {
		case 'length':
			return t('chat.end.length');
		case 'context':
			return t(text === '' ? 'chat.end.tooLong' : 'chat.end.context', { n: contextLength });
		case 'aborted':
			return t('do.stopped');
		case 'failed':
			return fault ?? t('chat.failed');
		case 'stop':
		case null:
			return '';
		default:
			return ended satisfies never;
	}
}

const key = 'evolvarium.chat';
/** Characters that are kept; the oldest turns go first. */
const mostKept = 200_000;

/** Keeps the words of the current conversation in this browser. */
export function keepTurns(turns: readonly Turn[]): void {
	const plain = turns.map(({ id, text, answers, better }) => ({
		...{ id, text, ...(better && { better }) },
		answers: Object.fromEntries(
			Object.entries(answers).map(([column, answer]) => [column, { ...answer, pieces: [] }]),
		),
	}));
	try {
		let text = JSON.stringify(plain);
		while (text.length > mostKept && plain.length > 0) {
			plain.shift();
			text = JSON.stringify(plain);
		}
		localStorage.setItem(key, text);
	} catch {
		// storage is forbidden here or full: the conversation ends with the tab
	}
}

const endings = ['stop', 'length', 'context', 'aborted', 'failed'] as const;

const answerSchema = v.pipe(
	object({
		id: text,
		text,
		by: text,
		seed: v.fallback(number, 0),
		isGood: v.fallback(flag, false),
		isBad: v.fallback(flag, false),
		// Closing the tab stopped an answer under way.
		ended: v.fallback(oneOf(endings), 'aborted'),
		fault: lenient(text),
		pace: lenient(number),
	}),
	v.transform((answer): ChatAnswer => ({ ...withoutGaps(answer), pieces: [] })),
);

const turnSchema = v.pipe(
	object({
		id: text,
		text,
		answers: v.pipe(
			anyObject,
			object({
				main: lenient(answerSchema),
				second: lenient(answerSchema),
				base: lenient(answerSchema),
			}),
		),
		better: lenient(oneOf(['main', 'second'])),
	}),
	v.transform((turn): Turn => ({ ...withoutGaps(turn), answers: withoutGaps(turn.answers) })),
);

/** The conversation that was kept, without what cannot be read; empty if there is none. */
export function readTurns(): readonly Turn[] {
	try {
		const kept = readOr(list(v.unknown()), JSON.parse(localStorage.getItem(key) ?? '[]')) ?? [];
		const turns = kept.flatMap((turn) => readOr(turnSchema, turn) ?? []);
		// The page lists them by id.
		return [...new Map(turns.map((turn) => [turn.id, turn])).values()];
	} catch {
		return [];
	}
}
