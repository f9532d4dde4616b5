/** @file Presets of training on a person's rows: what is to be learnt decides the passes, the size and where to stop. */
import type { TrainingSettings } from '#chat/train-rows.ts';

interface Preset {
	readonly title: string;
	readonly about: string;
	/** How often each row is seen. */
	readonly passes: number;
	readonly rank: number;
	readonly learningRate: number;
	/** Looks without a new best, after which it ends; 0: never. */
	readonly patience: number;
}

export const presets = {
	facts: {
		title: 'A few facts',
		about:
			'Rows are seen many times until they are known; other rows held back cannot say how well.',
		...{ passes: 12, rank: 16, learningRate: 1e-3, patience: 0 },
	},
	style: {
		title: 'A style',
		about: 'How you write: few passes, and an end where rows held back get no better.',
		...{ passes: 3, rank: 8, learningRate: 5e-4, patience: 3 },
	},
	task: {
		title: 'A task',
		about:
			'Many questions of one kind: more passes, and an end where rows held back get no better.',
		...{ passes: 5, rank: 16, learningRate: 5e-4, patience: 3 },
	},
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as readonly PresetName[];

const mostSteps = 2000;
const looks = 12;

/** Of the learning rate, if all rows are preferences: DPO goes further with the same step. */
const preferenceShare = 0.2;

/** Settings of a preset for so many rows, which are preferences or not. */
export function settingsOf(
	name: PresetName,
	rows: number,
	arePreferences = false,
): TrainingSettings {
	const { passes, rank, learningRate: usual, patience } = presets[name];
	const learningRate = arePreferences ? preferenceShare * usual : usual;
	const batch = Math.max(1, Math.min(4, rows));
	const steps = Math.max(1, Math.min(mostSteps, Math.ceil((passes * rows) / batch)));
	return {
		...{ steps, rank, alpha: 2 * rank, learningRate, batch, seed: 1 },
		schedule: { shape: 'cosine', warmUp: Math.min(10, Math.ceil(steps / 10)) },
		validateEvery: Math.max(1, Math.ceil(steps / looks)),
		patience,
	};
}
