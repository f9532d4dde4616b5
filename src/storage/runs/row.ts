/** @file A row of the experience table and its schemas: keys, order, columns of text and numbers, and a payload of JSON. */
import * as v from 'valibot';
import { flag, json, list, number, object, text, whole, type Schema } from '#base/schema.ts';

/** The words in `verdict` and `fate`, and the payload, belong to the caller that commits the row. */
export interface StoredRow<Payload = unknown> {
	readonly runId: string;
	readonly id: string;
	readonly t: number;
	readonly difficulty: number;
	readonly stratum: string;
	readonly text: string;
	readonly answer: string | null;
	readonly expected: string;
	readonly verdict: string;
	readonly score: number | null;
	readonly fate: string;
	/** Why it was set aside, else empty. */
	readonly reason: string;
	/** Rejected by hand: never trained on from then. */
	readonly rejected: boolean;
	/** Rounds whose update drew on it. */
	readonly trainedIn: readonly number[];
	/** One entry for each round whose update drew on it; absent in rows of before. */
	readonly training?: readonly RowTraining[];
	readonly payload: Payload;
}

/** What an update did with a row. */
export interface RowTraining {
	readonly t: number;
	/** Steps whose batch held it, from 1; empty if chance drew it into none. */
	readonly steps: readonly number[];
	/** As it was drawn first; in the entry of its first training only. */
	readonly said?: {
		readonly prompt: string;
		/** Texts of the tokens after the prompt. */
		readonly tokens: readonly string[];
		/** Weight of each of these tokens in the loss, or the one that all have. */
		readonly weights: number | readonly number[];
	};
	/** Mean loss of these tokens, nats, under the policies before and after the update; absent if it was not measured. */
	readonly before?: number;
	readonly after?: number;
}

/** A row as it is read back. */
export interface FoundRow<Payload = unknown> extends StoredRow<Payload> {
	/** Why it cannot be used; only its key and its place in the order can be relied upon then. */
	readonly damaged?: string;
}

/** Stands in a page for a row that cannot be read. */
export const damagedRow = (
	runId: string,
	key: { readonly id: string; readonly t: number },
	damaged: string,
): FoundRow => ({
	runId,
	id: key.id,
	t: key.t,
	difficulty: 0,
	stratum: '',
	text: '',
	answer: null,
	expected: '',
	verdict: '',
	score: null,
	fate: '',
	reason: '',
	rejected: false,
	trainedIn: [],
	payload: null,
	damaged,
});

const rowTrainingSchema = object({
	t: whole,
	steps: list(whole),
	said: v.exactOptional(
		object({
			...{ prompt: text, tokens: list(text) },
			weights: v.union([number, list(number)], 'is no weight'),
		}),
	),
	before: v.exactOptional(number),
	after: v.exactOptional(number),
}) satisfies Schema<RowTraining>;

/** A row from elsewhere, every field of it. */
export const rowSchema = object({
	runId: text,
	id: text,
	t: whole,
	difficulty: number,
	stratum: text,
	text,
	answer: v.nullable(text),
	expected: text,
	verdict: text,
	score: v.nullable(number),
	fate: text,
	reason: text,
	rejected: flag,
	trainedIn: list(whole),
	training: v.exactOptional(list(rowTrainingSchema)),
	payload: json,
}) satisfies Schema<StoredRow>;

/** The fields of a row that the store itself reads: its key, its place in the order, and the flag that stays. */
export const rowKeySchema = object({
	id: v.string('is not text'),
	t: v.number('is not a number'),
	rejected: flag,
});
