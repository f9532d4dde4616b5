/** @file Time and memory of a training, told before it begins: one batch is measured here, with its way back and without a step. */
import type { TrainingSettings } from '#chat/train-rows.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import { fillToken } from '#model/model-spec.ts';
import { supervise } from '#objectives/supervised.ts';
import type { LearningModel } from '#platform/platform.ts';
import { pack } from '#training/data/pack.ts';
import { besideRejected, type Sample } from '#training/data/sample.ts';

export interface TimeEstimate {
	readonly seconds: number;
	/** Of opening the trainer, which each training pays once. */
	readonly openSeconds: number;
	/** Tokens a second, prompts included. */
	readonly tokensPerSecond: number;
	/** Memory that it takes beside the model that answers; absent if the trainer cannot tell. */
	readonly bytes?: number;
}

/** Copies of the trained numbers outside of the trainer's memory: values, gradients, two moments, the best so far, a snapshot. */
const copies = 6;

/** Rows of middle length are measured, since rows of a batch are padded to its longest. */
export async function estimateTime(
	{ spec, openTrainer }: Pick<LearningModel, 'spec' | 'openTrainer'>,
	rows: { readonly training: readonly Sample[]; readonly validation: readonly Sample[] },
	settings: TrainingSettings,
	signal: AbortSignal,
): Promise<TimeEstimate> {
	const { rank, alpha, seed, batch, steps, validateEvery = 0 } = settings;
	const began = performance.now();
	const trainer = await openTrainer(
		{ kind: 'lora', rank, alpha, targets: loraTargets },
		{},
		{ seed },
	);
	try {
		const padToken = fillToken(spec);
		const sorted = [...rows.training].sort((a, b) => a.tokens.length - b.tokens.length);
		const from = Math.max(0, Math.floor((sorted.length - batch) / 2));
		const packed = (some: readonly Sample[]) => {
			const batch = pack(besideRejected(some), { padToken });
			return { ...batch, ...supervise(batch) };
		};
		const middle = packed(sorted.slice(from, from + batch));
		// The first call also allocates, what the largest step needs.
		await trainer.gradients(packed(sorted.slice(-batch)), signal);
		const held = trainer.heldBytes?.();
		const openSeconds = (performance.now() - began) / 1000;
		const ready = performance.now();
		await trainer.gradients(middle, signal);
		const seconds = (performance.now() - ready) / 1000;
		const tokens = (some: readonly Sample[]): number =>
			besideRejected(some).reduce((sum, sample) => sum + sample.tokens.length, 0);
		const measured = tokens(middle.samples);
		const perToken = seconds / measured;
		const mean = tokens(rows.training) / Math.max(1, rows.training.length);
		const looks = validateEvery === 0 ? 0 : 1 + Math.ceil(steps / validateEvery);
		// A look goes forward only: about a third of a step's work.
		const watching = (looks * tokens(rows.validation) * perToken) / 3;
		// A preference asks what the model finds likely before each step, and once at the beginning.
		const pairs = [...rows.training, ...rows.validation].filter(({ rejected }) => rejected);
		const asking = pairs.length === 0 ? 0 : 1 / 3;
		const reference = (tokens(pairs) * perToken) / 3;
		return {
			seconds: openSeconds + (1 + asking) * steps * batch * mean * perToken + watching + reference,
			openSeconds,
			tokensPerSecond: 1 / perToken,
			...(held !== undefined && { bytes: held + copies * bytesOf(trainer.adapter()) }),
		};
	} finally {
		await trainer.dispose();
	}
}

const bytesOf = ({ tensors }: Adapter): number =>
	[...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
