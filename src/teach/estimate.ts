/** @file Time and memory of a training, told before it begins: some batches are measured here, with their way back and without a step. */
import { openLoraTrainer } from '#chat/lora-trainer.ts';
import type { TrainingSettings } from '#chat/train-rows.ts';
import type { Adapter } from '#model/adapter.ts';
import { fillToken } from '#model/model-spec.ts';
import { supervise } from '#objectives/supervised.ts';
import type { OpenModel } from '#platform/platform.ts';
import { pack } from '#training/data/pack.ts';
import { besideRejected, type Sample } from '#training/data/sample.ts';
import type { Trainer } from '#training/trainer.ts';
import { secondsOfWriting } from './replay/write-replay.ts';
import { median } from './statistics.ts';

export interface TimeEstimate {
	readonly seconds: number;
	/** Of what each training pays once: opening the trainer, and texts of the base model. */
	readonly openSeconds: number;
	/** Tokens a second, prompts included. */
	readonly tokensPerSecond: number;
	/** Memory that it takes beside the model that answers; absent if the trainer cannot tell. */
	readonly bytes?: number;
}

export interface EstimatedRows {
	readonly training: readonly Sample[];
	readonly validation: readonly Sample[];
	/** Texts of the base model, if they are written already. */
	readonly replay?: readonly Sample[] | undefined;
	/** How many there will be. */
	readonly replayTexts: number;
}

/** Copies of the trained numbers outside of the trainer's memory: values, gradients, two moments, the best so far, a snapshot. */
const copies = 6;
/** Batches that are measured, and seconds after which no other begins: one alone says little on a busy machine. */
const mostMeasured = 7;
const longestMeasuring = 15;
/** Tokens of a text of the base model, about. */
const replayTokens = 65;

/** The median of batches of all lengths, since rows of a batch are padded to its longest by some trainers. */
export async function estimateTime(
	model: Pick<OpenModel, 'spec' | 'openTrainer' | 'engine'>,
	rows: EstimatedRows,
	settings: TrainingSettings,
	signal: AbortSignal,
): Promise<TimeEstimate> {
	const { batch, steps, validateEvery = 0, replay = 0 } = settings;
	const began = performance.now();
	const trainer = await openLoraTrainer(model, settings);
	try {
		const sorted = [...rows.training].sort((a, b) => a.tokens.length - b.tokens.length);
		const packed = (some: readonly Sample[]) => {
			const batch = pack(besideRejected(some), { padToken: fillToken(model.spec) });
			return { ...batch, ...supervise(batch) };
		};
		// The first call also allocates, what the largest step needs.
		await trainer.gradients(packed(sorted.slice(-batch)), signal);
		const held = trainer.heldBytes?.();
		const opening = (performance.now() - began) / 1000;
		const batches = spreadOver(sorted, batch).map(packed);
		const { first, again } = await paceOf(trainer, batches, signal);
		const mean = tokensOf(rows.training) / Math.max(1, rows.training.length);
		const looks = validateEvery === 0 ? 0 : 1 + Math.ceil(steps / validateEvery);
		// A look goes forward only: about a third of a step's work.
		const watching = (looks * tokensOf(rows.validation) * again) / 3;
		// A preference asks what the model finds likely before each step, and once at the beginning.
		const pairs = [...rows.training, ...rows.validation].filter(({ rejected }) => rejected);
		const asking = pairs.length === 0 ? 0 : 1 / 3;
		const reference = (tokensOf(pairs) * again) / 3;
		const fresh = Math.min(steps * batch, rows.training.length);
		const stepping = (1 + asking) * mean * (fresh * first + (steps * batch - fresh) * again);
		const texts =
			replay === 0 ? { once: 0, each: 0 } : await replayCost(model, rows, { first, again }, signal);
		const openSeconds = opening + texts.once;
		return {
			seconds: openSeconds + stepping + watching + reference + steps * replay * texts.each,
			openSeconds,
			tokensPerSecond: 1 / again,
			...(held !== undefined && { bytes: held + copies * bytesOf(trainer.adapter()) }),
		};
	} finally {
		await trainer.dispose();
	}
}

interface Pace {
	/** Seconds a token when a row comes up the first time, and later. */
	readonly first: number;
	readonly again: number;
}

/** Later is faster where some layers are not trained: what they make of a row is kept. */
async function paceOf(
	trainer: Trainer,
	batches: readonly (Parameters<Trainer['gradients']>[0] & Measured)[],
	signal: AbortSignal,
): Promise<Pace> {
	const [first, again]: [number[], number[]] = [[], []];
	const began = performance.now();
	for (const batch of batches) {
		for (const paces of [first, again]) {
			const started = performance.now();
			await trainer.gradients(batch, signal);
			paces.push((performance.now() - started) / 1000 / Math.max(1, tokensOf(batch.samples)));
		}
		if (performance.now() - began > 1000 * longestMeasuring) break;
	}
	return { first: median(first), again: median(again) };
}

interface Measured {
	readonly samples: readonly Sample[];
}

/** Batches of neighbours in length, from the shortest to the longest. */
function spreadOver(sorted: readonly Sample[], batch: number): readonly (readonly Sample[])[] {
	const room = Math.max(0, sorted.length - batch);
	const count = Math.min(mostMeasured, 1 + Math.floor(room / batch));
	// The middle first, in case no other is reached.
	const places = Array.from({ length: count }, (_, i) => (i + 0.5) / count).sort(
		(a, b) => Math.abs(a - 0.5) - Math.abs(b - 0.5),
	);
	return places.map((place) => {
		const from = Math.round(place * room);
		return sorted.slice(from, from + batch);
	});
}

/** Seconds that texts of the base model take once, and each time that one comes up. */
async function replayCost(
	model: Pick<OpenModel, 'engine'>,
	{ replay, replayTexts }: EstimatedRows,
	{ first, again }: Pace,
	signal: AbortSignal,
): Promise<{ readonly once: number; readonly each: number }> {
	const tokens = replay ? tokensOf(replay) / Math.max(1, replay.length) : replayTokens;
	const writing = replay ? 0 : await secondsOfWriting(model, replayTexts, signal);
	// Each is asked once what it was likely before: forward only.
	return { once: writing + (replayTexts * tokens * first) / 2, each: tokens * again };
}

const tokensOf = (some: readonly Sample[]): number =>
	besideRejected(some).reduce((sum, sample) => sum + sample.tokens.length, 0);

const bytesOf = ({ tensors }: Adapter): number =>
	[...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
