/** @file Presets of training on a person's rows: what is to be learnt decides the passes, the size and where to stop. */
import type { TrainingSettings } from '#chat/train-rows.ts';
import type { Preparation } from '#dataset/refine/prepare.ts';
import { trainedWordings } from './lessons/wordings.ts';

interface Preset {
	readonly title: string;
	readonly about: string;
	/** How often each row is seen. */
	readonly passes: number;
	readonly rank: number;
	readonly learningRate: number;
	/** Looks without a new best, after which it ends; 0: never. */
	readonly patience: number;
	/** At the rows held back. */
	readonly looks: number;
	/** Texts of the base model in a step, which hold what it can do already. */
	readonly replay: number;
}

export const presets = {
	facts: {
		title: 'A few facts',
		about: 'Each fact is seen two dozen times, in several wordings where your text allows it.',
		...{ passes: 24, rank: 16, learningRate: 1e-3, patience: 0, looks: 4, replay: 1 },
	},
	style: {
		title: 'A style',
		about: 'How you write: few passes, and an end where rows held back get no better.',
		...{ passes: 3, rank: 8, learningRate: 5e-4, patience: 3, looks: 12, replay: 1 },
	},
	task: {
		title: 'A task',
		about:
			'Many questions of one kind: more passes, and an end where rows held back get no better.',
		...{ passes: 5, rank: 16, learningRate: 5e-4, patience: 3, looks: 12, replay: 1 },
	},
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as readonly PresetName[];

const mostSteps = 2000;

/** Where time counts more than facts: the last third of the layers, with larger steps. */
const fast = { topShare: 0.34, rate: 1.5 } as const;
/** Steps above which a lesson is long: of a few facts time then counts more, and more texts of the base model stand beside them. */
export const longSteps = 600;

/** What is turned to train the last third of the layers, or all of them. */
export function paced(
	{ topShare = 1, learningRate }: Pick<TrainingSettings, 'topShare' | 'learningRate'>,
	isFast: boolean,
) {
	const [was, rate] = [topShare < 1, learningRate * (isFast ? fast.rate : 1 / fast.rate)];
	return {
		topShare: isFast ? fast.topShare : 1,
		learningRate: was === isFast ? learningRate : rate,
	};
}

/** Of the learning rate, if all rows are preferences: DPO goes further with the same step. */
const preferenceShare = 0.2;

/** Settings of a preset for so many rows, which are preferences or not. */
export function settingsOf(
	name: PresetName,
	rows: number,
	arePreferences = false,
	/** Rows that say the same in other words, of each fact. */
	wordings = 1,
): TrainingSettings {
	const { passes: seen, rank, learningRate: usual, patience, looks, replay } = presets[name];
	const passes = Math.max(1, seen / wordings);
	const learningRate = arePreferences ? preferenceShare * usual : usual;
	const batch = Math.max(1, Math.min(4, rows));
	const steps = Math.max(1, Math.min(mostSteps, Math.ceil((passes * rows) / batch)));
	return {
		...{ steps, rank, alpha: 2 * rank, learningRate, batch, seed: 1 },
		schedule: { shape: 'cosine', warmUp: Math.min(10, Math.ceil(steps / 10)) },
		validateEvery: Math.max(1, Math.ceil(steps / looks)),
		patience,
		// A preference is held to the model before by DPO itself.
		replay: arePreferences ? 0 : replay,
	};
}

/** What the rows of a project are for, unless a person chooses. */
export const suitedPreset = ({ byRule = 0 }: Partial<Preparation> = {}): PresetName =>
	byRule > 0 ? 'facts' : 'style';

/** Settings of a preset for the rows of a project. */
export function suitedSettings(
	name: PresetName,
	{ training = 0, validation = 0, pairs = 0, byRule = 0 }: Partial<Preparation> = {},
): TrainingSettings {
	const arePreferences = pairs > 0 && pairs === training + validation;
	const wordings = 2 * byRule > training ? trainedWordings : 1;
	const settings = settingsOf(name, training, arePreferences, wordings);
	const isLong = name === 'facts' && settings.steps > longSteps;
	return isLong ? { ...settings, ...paced(settings, true) } : settings;
}
