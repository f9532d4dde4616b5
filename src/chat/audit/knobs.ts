/** @file Budget of an audit: how long a search may go on before a text counts as not found. */
import type { Knobs, KnobValues } from '#base/knobs.ts';
import { seedKnob } from '#base/limits.ts';

export const auditKnobs = {
	steps: {
		kind: 'integer',
		label: 'Steps',
		help: 'Search steps at each length of the prompt, until one is found.',
		default: 16,
		min: 1,
		max: 10_000,
		scale: 'log',
	},
	candidates: {
		kind: 'integer',
		label: 'Candidates',
		help: 'Prompts tried in a step.',
		default: 32,
		min: 1,
		max: 1024,
		scale: 'log',
	},
	topK: {
		kind: 'integer',
		label: 'Substitutes',
		help: 'Tokens that the gradient proposes for each place of the prompt.',
		default: 128,
		min: 1,
		max: 4096,
		scale: 'log',
	},
	longest: {
		kind: 'integer',
		label: 'Longest prompt',
		help: 'In tokens; lengths 1, 2, 4 … up to this are tried, always shorter than the text. What was asked may be longer.',
		default: 8,
		min: 1,
		max: 128,
		scale: 'log',
	},
	controlSteps: {
		kind: 'integer',
		label: 'Control steps',
		help: 'Search steps at each shorter length after something was found, and at least so many without the adapter and for the twin.',
		default: 6,
		min: 1,
		max: 10_000,
		scale: 'log',
	},
	maxTokens: {
		kind: 'integer',
		label: 'Longest text',
		help: 'In tokens; of a longer text its beginning is audited.',
		default: 48,
		min: 4,
		max: 512,
		scale: 'log',
	},
	seed: seedKnob,
} as const satisfies Knobs;

/** Settings of an audit. */
export type AuditBudget = KnobValues<typeof auditKnobs>;
