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

const reward = v.union([object({ value: finite, weight: finite }), object({ unjudged: string })]);

const turn = object({
	role: string,
	content: string,
	sampled: v.boolean(),
	tokens: v.exactOptional(list(finite)),
	logprobs: v.exactOptional(list(v.any())),
});

const rollout = object({
	id: string,
	turns: list(turn),
	stopReason: string,
	answer: v.nullable(string),
	rewards: v.record(v.string(), reward),
});

export const experienceSchema = object({
	id: string,
	t: finite,
	task: object({ text: string }),
	rollouts: list(rollout),
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

/** The experience that was stored, itself if it is of today's form; undefined if it is none. */
export function readExperience(value: unknown): Experience | undefined {
	const experience = isOld(value) ? withRollouts(value) : value;
	return isExperience(experience) ? experience : undefined;
}

const isExperience = (value: unknown): value is Experience =>
	matches<unknown>(experienceSchema, value);

/** The form of version 0.1.0 until November 2026: answers as `attempts`, a text and a mean log-probability each. */
const oldSchema = object({
	task: object({ id: v.unknown() }),
	attempts: list(
		object({
			prompt: v.union([string, list(object({ role: string, content: string }))]),
			completion: string,
			stopReason: string,
		}),
	),
});
type Old = v.InferOutput<typeof oldSchema>;

const isOld = (value: unknown): value is Old => matches<unknown>(oldSchema, value);

function withRollouts({ attempts, ...experience }: Old): unknown {
	return {
		...experience,
		rollouts: attempts.map((attempt, i) => {
			const { prompt, completion, ...rest } = attempt;
			const { logprob, ...kept }: typeof rest & { readonly logprob?: unknown } = rest;
			const isChat = typeof prompt !== 'string';
			const messages = isChat ? prompt : [{ role: 'text', content: prompt }];
			return {
				id: `stored/${i}`,
				group: experience.task.id,
				seat: 'solver',
				turns: [
					...messages.map((message) => ({ ...message, sampled: false })),
					{
						role: isChat ? 'assistant' : 'text',
						content: completion,
						sampled: true,
						// Older rows stored the mean only.
						...(typeof logprob === 'number' && { logprobs: [logprob] }),
					},
				],
				rewards: {},
				...kept,
			};
		}),
	};
}
