/**
 * @file Training of a LoRA on rows, by supervision or by preference, watched by the loss of rows held back: it stops at the best of them, can be
 * paused, and goes on from a snapshot exactly as if it had never stopped.
 */
import { derive } from '#base/random.ts';
import { learningRate, type Schedule } from '#base/schedule.ts';
import type { Adapter } from '#model/adapter.ts';
import { fillToken } from '#model/model-spec.ts';
import type { LearningModel } from '#platform/platform.ts';
import { beside, epochs } from '#training/data/epochs.ts';
import type { SampleBatch } from '#training/data/pack.ts';
import { besideRejected, type Sample } from '#training/data/sample.ts';
import { train, type Trained, type Weigher } from '#training/train.ts';
import type { Trainer, TrainerState } from '#training/trainer.ts';
import { rowLosses } from '#training/validate.ts';
import {
	heldBackLoss,
	referenceFor,
	referenceOf,
	rowObjective,
	type Reference,
} from './row-objective.ts';
import { openLoraTrainer, type LoraSettings } from './lora-trainer.ts';
import { besideReplay } from './replay-objective.ts';

export interface TrainingSettings extends LoraSettings {
	readonly steps: number;
	/** At its largest. */
	readonly learningRate: number;
	/** Default: constant, without warm-up. */
	readonly schedule?: Pick<Schedule, 'shape' | 'warmUp'>;
	/** Rows in a step. */
	readonly batch: number;
	/** Steps between two looks at the rows held back; 0: never. */
	readonly validateEvery?: number;
	/** Looks without a new best after which it ends; 0: never. */
	readonly patience?: number;
	/** Texts of the base model in a step, beside the rows; 0: none. */
	readonly replay?: number;
}

/** One step, as it is drawn. */
export interface StepPoint {
	/** From 1. */
	readonly step: number;
	/** Before the step, nats per learnt token. */
	readonly loss: number;
	readonly gradientNorm: number;
	readonly learningRate: number;
	/** Learnt tokens. */
	readonly tokens: number;
	readonly durationMs: number;
}

/** Loss of the rows held back, after so many steps. */
export interface ValidationPoint {
	readonly step: number;
	readonly loss: number;
}

/** All that is needed to go on. */
export interface Snapshot {
	readonly state: TrainerState;
	readonly points: readonly StepPoint[];
	readonly validations: readonly ValidationPoint[];
	/** Weights at the best look so far. */
	readonly best: Adapter | null;
}

export interface TrainingHooks {
	readonly onStep?: (point: StepPoint) => void;
	readonly onValidated?: (point: ValidationPoint) => void;
	/** Asked after a step, when this long has passed since the last time, milliseconds, and at the end of a pause. */
	readonly keepEveryMs?: number;
	readonly keep?: (snapshot: Snapshot) => Promise<void>;
}

export interface TrainedRows extends Pick<Trained, 'tokens' | 'durationMs'> {
	/** `best`: the rows held back had become no better for a while. */
	readonly ended: 'done' | 'best' | 'paused';
	/** At the best look, if there were any; else after the last step. */
	readonly adapter: Adapter;
	/** Step of these weights. */
	readonly step: number;
	readonly points: readonly StepPoint[];
	readonly validations: readonly ValidationPoint[];
}

/** Rows of a training. */
export interface TrainedOn {
	readonly training: readonly Sample[];
	readonly validation: readonly Sample[];
	/** Indices of training rows that are left out of the batches, as if they had never been there. */
	readonly without?: ReadonlySet<number>;
	/** Texts that the base model wrote, if the settings ask for some in each step. */
	readonly replay?: readonly Sample[];
}

/** Undefined if it was paused before its first step was done. */
export async function trainRows(
	{ spec, openTrainer }: Pick<LearningModel, 'spec' | 'openTrainer'>,
	rows: TrainedOn,
	settings: TrainingSettings,
	signal: AbortSignal,
	hooks: TrainingHooks = {},
	from?: Snapshot,
): Promise<TrainedRows | undefined> {
	const trainer = await openLoraTrainer({ openTrainer }, settings);
	try {
		const padToken = fillToken(spec);
		// Before a step the model is as it was: a fresh LoRA changes nothing.
		const reference = await reached(signal, () =>
			referenceOf(
				trainer,
				[...rows.training, ...rows.validation, ...(rows.replay ?? [])],
				{ padToken, rowsPerBatch: settings.batch },
				signal,
			),
		);
		if (!reference) return undefined;
		if (from) await trainer.restore(from.state);
		return await new Watched(trainer, rows, settings, padToken, hooks, from, reference).run(signal);
	} finally {
		await trainer.dispose();
	}
}

/** Undefined if it was aborted meanwhile. */
async function reached<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
	try {
		return await work();
	} catch (error) {
		if (signal.aborted) return undefined;
		throw error;
	}
}

class Watched {
	readonly #trainer: Trainer;
	readonly #rows: TrainedOn;
	readonly #settings: TrainingSettings;
	readonly #padToken: number;
	readonly #hooks: TrainingHooks;
	readonly #reference: Reference;
	readonly #begun: number;
	readonly #points: StepPoint[];
	#validations: readonly ValidationPoint[];
	#best: Adapter | null;
	#kept = performance.now();

	constructor(
		trainer: Trainer,
		rows: TrainedOn,
		settings: TrainingSettings,
		padToken: number,
		hooks: TrainingHooks,
		from: Snapshot | undefined,
		reference: Reference,
	) {
		this.#reference = reference;
		this.#trainer = trainer;
		this.#rows = rows;
		this.#settings = settings;
		this.#padToken = padToken;
		this.#hooks = hooks;
		this.#begun = from?.state.steps ?? 0;
		this.#points = [...(from?.points ?? [])];
		this.#validations = from?.validations ?? [];
		this.#best = from?.best ?? null;
	}

	async run(signal: AbortSignal): Promise<TrainedRows | undefined> {
		const { steps, schedule, learningRate: peak } = this.#settings;
		const draw = this.#batches();
		for (let step = 0; step < this.#begun; step++) draw();
		const rates = { shape: 'constant', warmUp: 0, ...schedule, peak, steps } as const;
		const worn = new AbortController();
		if (this.#begun === 0) await this.#validate(0, signal);
		// The look after the last step before a pause may have been broken off.
		else if ((this.#validations.at(-1)?.step ?? -1) < this.#begun)
			await this.#look(this.#begun, signal);
		if (this.#isWorn()) worn.abort();
		const trained = await train(this.#trainer, draw, this.#objective(signal), {
			reference: referenceFor(this.#reference),
			steps: steps - this.#begun,
			learningRate: (step) => learningRate(rates, this.#begun + step),
			signal: AbortSignal.any([signal, worn.signal]),
			onStep: async (report, count) => {
				const point = { ...report, step: this.#begun + count };
				const { step } = point;
				this.#points.push(point);
				this.#hooks.onStep?.(point);
				await this.#look(step, signal);
				if (this.#isWorn()) worn.abort();
				else if (performance.now() - this.#kept > (this.#hooks.keepEveryMs ?? Infinity))
					await this.#keep();
			},
		});
		const last = this.#points.at(-1)?.step ?? 0;
		if (last === 0) return undefined;
		const isPaused = signal.aborted && !worn.signal.aborted && last < steps;
		if (isPaused) await this.#keep();
		return {
			ended: isPaused ? 'paused' : worn.signal.aborted ? 'best' : 'done',
			...(this.#best
				? { adapter: this.#best, step: this.#bestStep() }
				: { adapter: this.#trainer.adapter(), step: last }),
			points: this.#points,
			validations: this.#validations,
			tokens: trained.tokens,
			durationMs: trained.durationMs,
		};
	}

	/** The batches of all steps, texts of the base model beside the rows. */
	#batches(): () => SampleBatch {
		const { batch, seed } = this.#settings;
		const { training, without } = this.#rows;
		const padToken = this.#padToken;
		const rows = epochs(training, {
			...{ rowsPerStep: batch, seed, padToken },
			...(without && { without }),
		});
		const { texts, rowsPerStep } = this.#replayed();
		if (rowsPerStep === 0) return rows;
		const seedOf = derive(seed, 'replay');
		return beside(rows, epochs(texts, { rowsPerStep, seed: seedOf, padToken }), padToken);
	}

	#replayed(): { readonly texts: readonly Sample[]; readonly rowsPerStep: number } {
		const texts = this.#rows.replay ?? [];
		return { texts, rowsPerStep: Math.min(this.#settings.replay ?? 0, texts.length) };
	}

	#objective(signal: AbortSignal): Weigher {
		if (this.#replayed().rowsPerStep === 0) return rowObjective;
		return besideReplay({
			...{ trainer: this.#trainer, reference: this.#reference },
			...{ padToken: this.#padToken, signal },
		});
	}

	async #look(step: number, signal: AbortSignal): Promise<void> {
		const { validateEvery = 0, steps } = this.#settings;
		if (validateEvery === 0) return;
		if (step % validateEvery === 0 || step === steps) await this.#validate(step, signal);
	}

	async #validate(step: number, signal: AbortSignal): Promise<void> {
		const { validation } = this.#rows;
		const { batch, validateEvery = 0 } = this.#settings;
		if (validation.length === 0 || validateEvery === 0) return;
		const options = { padToken: this.#padToken, rowsPerBatch: batch, signal };
		const losses = await reached(signal, () =>
			rowLosses(this.#trainer, besideRejected(validation), options),
		);
		// Paused meanwhile: the same look is taken after the next step that is due.
		if (!losses) return;
		const loss = heldBackLoss(validation, losses, this.#reference);
		const point = { step, loss };
		this.#validations = [...this.#validations, point];
		if (step > 0 && this.#bestStep() === step) this.#best = this.#trainer.adapter();
		this.#hooks.onValidated?.(point);
	}

	/** Of the looks after a step, that with the least loss; 0 if there were none. */
	#bestStep(): number {
		const looks = this.#validations.filter(({ step }) => step > 0);
		return looks.reduce<ValidationPoint>((best, one) => (one.loss < best.loss ? one : best), {
			step: 0,
			loss: Infinity,
		}).step;
	}

	#isWorn(): boolean {
		const { patience = 0 } = this.#settings;
		if (patience === 0) return false;
		const best = this.#bestStep();
		return this.#validations.filter(({ step }) => step > best).length >= patience && best > 0;
	}

	async #keep(): Promise<void> {
		if (!this.#hooks.keep) return;
		await this.#hooks.keep({
			state: await this.#trainer.state(),
			points: [...this.#points],
			validations: this.#validations,
			best: this.#best,
		});
		this.#kept = performance.now();
	}
}
