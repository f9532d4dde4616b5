/**
 * @file Built-in talk: beats with what is lit up, what happens and when the next one comes, and the words of each in every
 * language; the schema of its file.
 */
import * as v from 'valibot';
import { list, object, oneOf, read, text, whole, type Schema } from '#base/schema.ts';
import { phases } from '#loop/types.ts';
import { tags, type Tag } from '../../../language/choice.ts';
import talkFile from './talk.json' with { type: 'json' };

/** Parts of the screen that can be lit up: the headline, the ring, a phase of it, the map, the code, the ending. */
export const parts = ['headline', 'ring', ...phases, 'map', 'code', 'ending'] as const;
export type TalkPart = (typeof parts)[number];

/** What a beat does to the recorded run as it begins: from the start and held, held, or played on. */
export const actions = ['begin', 'hold', 'play'] as const;

/** Events of the run that bring the next beat: a phase begins, an examination is over, the run is. */
export const events = [...phases, 'examined', 'ended'] as const;
export type TalkEvent = (typeof events)[number];

export interface Beat {
	readonly lit: TalkPart;
	readonly does?: (typeof actions)[number];
	/** Event that brings the next beat; a key always does. */
	readonly until?: TalkEvent;
	/** Seconds that a speaker takes for it. */
	readonly seconds: number;
}

/** A beat in one language. */
export interface BeatWords {
	/** On the screen: a sentence or two. */
	readonly says: string;
	/** For the speaker alone. */
	readonly notes: string;
}

export interface TalkData {
	readonly beats: readonly Beat[];
	readonly words: Readonly<Record<Tag, readonly BeatWords[]>>;
}

const wordsSchema = list(object({ says: text, notes: text }));

const talkSchema = object({
	beats: v.pipe(
		list(
			object({
				lit: oneOf(parts),
				does: v.exactOptional(oneOf(actions)),
				until: v.exactOptional(oneOf(events)),
				seconds: whole,
			}),
		),
		v.nonEmpty('is empty'),
	),
	words: object({ en: wordsSchema, zh: wordsSchema, ja: wordsSchema }),
}) satisfies Schema<TalkData>;

/** Error of an invalid talk; the message names the field. */
export class BadTalkError extends Error {
	override name = 'BadTalkError';
}

const bad = (flaw: string): BadTalkError =>
	new BadTalkError(`Not a talk: ${flaw}; docs/TALK.md says what each field holds.`);

/** Checks parsed JSON, and that every language has words for each beat. */
export function readTalk(value: unknown): TalkData {
	const talk = read(talkSchema, value, 'it', bad);
	for (const tag of tags)
		if (talk.words[tag].length !== talk.beats.length)
			throw bad(`words.${tag} has ${talk.words[tag].length} beats and not ${talk.beats.length}`);
	return talk;
}

export const talk = readTalk(talkFile);

export const minutesOf = ({ beats }: Pick<TalkData, 'beats'>): number =>
	Math.round(beats.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
