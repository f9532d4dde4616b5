/**
 * @file Hand-over of a training to a bigger machine: its rows in TRL's formats, its batches, learning rates and seed, the
 * adapter that it goes on from, and a script. No name in it is one that a person chose.
 */
import { defaultOptimizer } from '#training/trainer.ts';
import { learningRate } from '#base/schedule.ts';
import { beta } from '#chat/row-objective.ts';
import type { TrainingSettings } from '#chat/train-rows.ts';
import type { Adapter } from '#model/adapter.ts';
import { writePeftAdapter } from '#model/checkpoint/peft.ts';
import { batchesOf } from '#training/data/epochs.ts';
import type { TrainedChat } from '#training/data/chat-rows.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { readme } from './readme.ts';
import { trlRows } from './rows.ts';
import { requirements, script } from './script.ts';

export interface HandOver {
	/** Name of the base model. */
	readonly base: string;
	readonly chat: TrainedChat;
	readonly training: readonly TrainingRow[];
	readonly validation: readonly TrainingRow[];
	readonly settings: TrainingSettings;
	/** Longer rows are cut. */
	readonly maxTokens: number;
	/** What it goes on from: learnt already, or as a training begins. */
	readonly start: Adapter;
	readonly isBegun: boolean;
}

export type HandOverMethod = 'sft' | 'dpo';

/** The files of the folder by their paths. */
export function handOver(over: HandOver): ReadonlyMap<string, Uint8Array> {
	const { base, chat, start, settings, maxTokens } = over;
	const sides = {
		training: trlRows(over.training, chat),
		validation: trlRows(over.validation, chat),
	};
	const methods = (['sft', 'dpo'] as const).filter((method) => sides.training[method].length > 0);
	const files = new Map<string, Uint8Array>();
	const put = (name: string, text: string) => files.set(name, new TextEncoder().encode(text));
	for (const [side, rows] of Object.entries(sides))
		for (const method of methods) {
			const lines = rows[method].flat();
			if (lines.length > 0)
				put(`data/${method}-${side}.jsonl`, lines.map((line) => `${line}\n`).join(''));
		}
	put('order.json', JSON.stringify(ordersOf(sides.training, methods, settings)));
	put('config.json', `${JSON.stringify(configOf(methods, settings, maxTokens), null, '\t')}\n`);
	put('train.py', script);
	put('requirements.txt', requirements);
	put(
		'README.md',
		readme({
			...{ base, methods, isBegun: over.isBegun, rank: settings.rank },
			rows: {
				training: over.training.length,
				validation: over.validation.length,
			},
			processes: settings.batch,
			isHeld: (settings.replay ?? 0) > 0,
		}),
	);
	for (const [name, bytes] of writePeftAdapter(start, { baseModel: base }))
		files.set(`start/${name}`, bytes);
	return files;
}

/** Rows of each step, by their place in the file of training rows; a conversation's rows stay in one step. */
function ordersOf(
	rows: ReturnType<typeof trlRows>,
	methods: readonly HandOverMethod[],
	{ steps, batch, seed }: TrainingSettings,
): Readonly<Record<string, readonly (readonly number[])[]>> {
	return Object.fromEntries(
		methods.map((method) => {
			const places: number[][] = [];
			let next = 0;
			for (const row of rows[method])
				places.push(Array.from({ length: typeof row === 'string' ? 1 : row.length }, () => next++));
			const whole = Math.min(batch, places.length);
			const batches = batchesOf(places.length, whole, seed);
			const order = Array.from({ length: steps }, () =>
				batches.next().value.flatMap((i) => places[i] ?? []),
			);
			// TRL takes as many rows in each step; where conversations have several answers, they move on a little.
			const all = order.flat();
			const size = places.every((one) => one.length === 1)
				? whole
				: Math.max(1, Math.round(all.length / steps));
			return [
				method,
				Array.from({ length: Math.floor(all.length / size) }, (_, i) =>
					all.slice(i * size, (i + 1) * size),
				),
			];
		}),
	);
}

function configOf(
	methods: readonly HandOverMethod[],
	settings: TrainingSettings,
	maxTokens: number,
) {
	const {
		schedule,
		learningRate: peak,
		validateEvery = 0,
		patience: _,
		replay: __,
		topShare: ___,
		...rest
	} = settings;
	const rates = { shape: 'constant', warmUp: 0, ...schedule, peak, steps: rest.steps } as const;
	const { beta1, beta2, epsilon, weightDecay, clip } = defaultOptimizer;
	return {
		version: 1,
		methods,
		...rest,
		...{ maxTokens, validateEvery, beta, beta1, beta2, epsilon, weightDecay, clip },
		learningRates: Array.from({ length: rest.steps }, (_, step) => learningRate(rates, step)),
	};
}
