/**
 * @file Hyper-parameters of supervised training, each with one range shared by a run's cell, a lesson of the chat and the
 * terminal; each use may choose its own default and wording.
 */
import { readKnob, type Knobs, type KnobValue } from './knobs.ts';
import { seedKnob } from './limits.ts';

export const trainingKnobs = {
	steps: {
		kind: 'integer',
		label: 'Steps',
		help: 'Optimizer steps.',
		default: 100,
		min: 1,
		max: 1_000_000,
		scale: 'log',
	},
	rank: {
		kind: 'integer',
		label: 'Rank',
		help: 'Rank of the LoRA on every linear module.',
		default: 8,
		min: 1,
		max: 1024,
		scale: 'log',
	},
	alpha: {
		kind: 'number',
		label: 'Alpha',
		help: 'The LoRA counts alpha / rank times.',
		default: 16,
		min: 0.01,
		max: 4096,
		scale: 'log',
	},
	topShare: {
		kind: 'number',
		label: 'Share of layers',
		help: 'Of all layers, the last ones that the LoRA changes; with a large model fewer are faster.',
		default: 1,
		min: 0.01,
		max: 1,
		step: 0.01,
	},
	learningRate: {
		kind: 'number',
		label: 'Learning rate',
		help: 'Size of a step at its largest.',
		default: 5e-4,
		min: 1e-9,
		max: 1,
		scale: 'log',
	},
	batch: {
		kind: 'integer',
		label: 'Batch',
		help: 'Examples in a step.',
		default: 4,
		min: 1,
		max: 1024,
		scale: 'log',
	},
	maxTokens: {
		kind: 'integer',
		label: 'Longest row',
		help: 'In tokens; longer rows are cut at the end.',
		default: 256,
		min: 2,
		max: 1_000_000,
		scale: 'log',
	},
	seed: seedKnob,
} as const satisfies Knobs;

/** The first value that is not allowed, as one sentence that names what is; `nameOf` says what a value is called. */
export function refusedBy(
	knobs: Knobs,
	values: Readonly<Record<string, KnobValue>>,
	nameOf: (name: string) => string = (name) => name,
): string | undefined {
	for (const [name, knob] of Object.entries(knobs)) {
		const value = values[name];
		const read = value === undefined ? undefined : readKnob(nameOf(name), knob, value);
		if (read && 'error' in read) return read.error;
	}
	return undefined;
}
