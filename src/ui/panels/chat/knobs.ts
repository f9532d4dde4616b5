/** @file What can be set for an answer and for a lesson, declared once; controls, ranges and types come of it. */
import type { Knobs, KnobValues } from '#base/knobs.ts';

const seed = {
	kind: 'integer',
	label: 'Seed',
	default: 1,
	min: 0,
	max: 2 ** 32 - 1,
	scale: 'none',
} as const;

/** How answers are drawn. */
export const answerKnobs = {
	temperature: {
		kind: 'number',
		label: 'Temperature',
		help: '0 always takes the likeliest token; higher is more varied.',
		default: 0.7,
		min: 0,
		max: 2,
		step: 0.05,
	},
	topP: {
		kind: 'number',
		label: 'Top p',
		help: 'Only the likeliest tokens that make up this share together; 1 is off.',
		default: 0.9,
		min: 0.01,
		max: 1,
		step: 0.01,
	},
	topK: {
		kind: 'integer',
		label: 'Top k',
		help: 'Only that many of the likeliest tokens; 0 is off.',
		default: 0,
		min: 0,
		max: 1000,
	},
	minP: {
		kind: 'number',
		label: 'Min p',
		help: 'Only tokens at least this likely compared to the likeliest; 0 is off.',
		default: 0,
		min: 0,
		max: 1,
		step: 0.01,
	},
	repetitionPenalty: {
		kind: 'number',
		label: 'Repetition penalty',
		help: 'Above 1, tokens that were said already become less likely.',
		default: 1,
		min: 1,
		max: 2,
		step: 0.01,
	},
	maxTokens: {
		kind: 'integer',
		label: 'Longest answer',
		help: 'In tokens; it must fit into the context beside the conversation.',
		default: 256,
		min: 1,
		max: 32768,
		scale: 'log',
	},
	seed: { ...seed, help: 'The same seed, settings and conversation give the same answer.' },
} as const satisfies Knobs;
export type AnswerSettings = KnobValues<typeof answerKnobs>;

/** How an adapter is trained on the answers marked as good. */
export const lessonKnobs = {
	steps: {
		kind: 'integer',
		label: 'Steps',
		help: 'How often it practises the answers; too often, and it knows nothing else.',
		default: 5,
		min: 1,
		max: 1000,
		scale: 'log',
	},
	rank: {
		kind: 'integer',
		label: 'Rank',
		help: 'How much the adapter can hold; its size grows with it.',
		default: 8,
		min: 1,
		max: 64,
	},
	learningRate: {
		kind: 'number',
		label: 'Learning rate',
		help: 'How far each step goes; too far, and it unlearns to speak.',
		default: 5e-4,
		min: 1e-5,
		max: 0.01,
		scale: 'log',
	},
	seed: { ...seed, help: 'The same seed and answers give the same adapter.' },
} as const satisfies Knobs;
export type LessonSettings = KnobValues<typeof lessonKnobs>;
