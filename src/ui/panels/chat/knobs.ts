/** @file Knobs of an answer and of a lesson; controls and types come of them, and a lesson's ranges are those of any training. */
import type { Knobs, KnobValues } from '#base/knobs.ts';
import { seedKnob } from '#base/limits.ts';
import { trainingKnobs } from '#base/training-knobs.ts';

/** Sampling options of answers. */
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
	seed: { ...seedKnob, help: 'The same seed, settings and conversation give the same answer.' },
} as const satisfies Knobs;
export type AnswerSettings = KnobValues<typeof answerKnobs>;

/** Training options of an adapter on the answers marked as good. */
export const lessonKnobs = {
	steps: {
		...trainingKnobs.steps,
		help: 'How often it practises the answers; too often, and it knows nothing else.',
		default: 5,
	},
	rank: {
		...trainingKnobs.rank,
		help: 'How much the adapter can hold; its size grows with it.',
	},
	learningRate: {
		...trainingKnobs.learningRate,
		help: 'How far each step goes; too far, and it unlearns to speak.',
	},
	seed: { ...trainingKnobs.seed, help: 'The same seed and answers give the same adapter.' },
} as const satisfies Knobs;
export type LessonSettings = KnobValues<typeof lessonKnobs>;
