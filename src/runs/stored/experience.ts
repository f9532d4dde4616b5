/**
 * @file The payload of an experience row and its schema. Every stored payload is read here: from a store, an archive or
 * a recording, old ones too.
 *
 * Checked is what all environments share; items, views and prompts are their own affair.
 */
import * as v from 'valibot';
import { anyObject, finite, list, matches, object } from '#base/schema.ts';
import type { Experience, Fate } from '#loop/types.ts';

const string = v.string('is not text');

export const fateKinds = ['fresh', 'kept', 'set-aside'] as const satisfies Fate['kind'][];

const attempt = object({
	completion: string,
	answer: v.nullable(string),
});

export const experienceSchema = object({
	id: string,
	t: finite,
	task: object({ text: string }),
	attempts: list(attempt),
	feedback: v.variant('kind', [
		object({ kind: v.literal('scored'), answer: v.nullable(string) }),
		object({ kind: v.literal('unjudged') }),
	]),
	fate: v.variant('kind', [
		object({ kind: v.literal('fresh') }),
		object({ kind: v.literal('kept'), examples: list(anyObject) }),
		object({ kind: v.literal('set-aside') }),
	]),
});

/** The experience that was stored, itself where it is of today's form; undefined where it is none. */
export const readExperience = (value: unknown): Experience | undefined =>
	isExperience(value) ? value : undefined;

const isExperience = (value: unknown): value is Experience =>
	matches<unknown>(experienceSchema, value);
