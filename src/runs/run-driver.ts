/**
 * @file A run under way: takes the loop's steps one by one, commits each before asking for the next, and begins
 * anew from the stored record whenever a knob, a rejection or a failed engine has changed what the next step starts from.
 */
import { EndpointFailure } from '#engines/endpoint/failure.ts';
import { BackendError } from '#base/backend-error.ts';
import { WorkerLostError } from '#graph/runtime/worker-lost.ts';
import { evolve, type Method } from '#loop/evolve.ts';
import { createMeter, type Meter } from '#loop/meter.ts';
import { parameterCount } from '#model/spec.ts';
import { meteredEngine, meteredRoles, meteredTrainer } from './measure/metered.ts';
import type { LoopEvent, LoopState, Progress, World } from '#loop/types.ts';
import type { CurvePoint, RowTraining } from '#storage/runs/store.ts';
import type { Environment, Everything } from '#environments/environment.ts';
import type { Sandbox } from '#environments/programs/sandbox.ts';
import { equippedRun, type AssembledRun } from './request.ts';
import { createClock } from './eta.ts';
import type { Models } from '#platform/models.ts';
import type { OpenModel } from '#platform/platform.ts';
import { assertSealed } from './plan-check.ts';
import { createThrottle, pointOf } from './progress.ts';
import { TrainingRecord } from './inside/training-record.ts';
import { entranceOf } from './stored/entrance.ts';
import { renderOf } from '#platform/render.ts';
import { budgetedRoles } from '#platform/roles/budgeted.ts';
import {
	openRoleEngines,
	type OpenElsewhere,
	type RoleEngines,
} from '#platform/roles/role-engines.ts';
import { scoreOf, type RunWriter } from './run-writer.ts';
import type { SessionEvent } from './session.ts';

export interface RunDriverOptions {
	readonly writer: RunWriter;
	readonly models: Models;
	/** Models that are not here, for roles. */
	readonly openElsewhere?: OpenElsewhere | undefined;
	readonly sandbox?: Sandbox | undefined;
	/** Recipe as the record has it now, assembled. */
	assemble(writer: RunWriter): AssembledRun;
	now(): number;
	emit(event: SessionEvent): void;
}

/** Outcome of a drive that did not fail. */
export type Ending = 'finished' | 'paused' | 'stopped';

/** Engines replaced without a step finished between, before the run fails. */
const maxReplacements = 3;

export class RunDriver {
	readonly #options: RunDriverOptions;
	readonly #controller = new AbortController();
	readonly #clock = createClock();
	/** Go on after the step under way, or wait? */
	#wait: boolean;
	/** The state from which the next step starts has changed. */
	#stale = false;
	#replacements = 0;
	#curve: CurvePoint[] = [];
	/** Of the step under way. */
	#training = new TrainingRecord();
	#at: Pick<LoopState, 't' | 'phase'> = { t: 0, phase: 'evaluate' };
	#committedMs = 0;
	readonly #meter: Meter;

	constructor(options: RunDriverOptions, singleStep: boolean) {
		this.#options = options;
		this.#meter = createMeter(options.writer.record.cost);
		this.#wait = singleStep;
	}

	/** Finishes the step under way, then ends with `paused`. */
	pause(): void {
		this.#wait = true;
	}

	/** Drops the step under way. */
	stop(): void {
		this.#controller.abort();
	}

	/** Makes the next step start from the stored record, not from memory. */
	refresh(): void {
		this.#stale = true;
	}

	/** Runs from the stored record until the last round, a pause or a stop; throws errors that no retry can solve. */
	async drive(): Promise<Ending> {
		const { writer, models } = this.#options;
		let model = await models.open(writer.record.recipe.model);
		this.#committedMs = this.#options.now();
		for (;;) {
			try {
				return await this.#takeSteps(model);
			} catch (error) {
				if (this.#controller.signal.aborted) return 'stopped';
				const failure = engineFailure(error);
				if (!failure || this.#replacements++ >= maxReplacements) throw error;
				const next = await models.replace(model, failure);
				if (!next) throw error;
				model = next;
				await writer.amend(
					{ engine: model.engine.description, trainer: model.description },
					this.#options.now(),
				);
			}
		}
	}

	async #takeSteps(model: OpenModel): Promise<Ending> {
		const { writer, openElsewhere } = this.#options;
		const { roles: assignment = {} } = writer.record.recipe;
		const engines = await openRoleEngines(assignment, model.engine, openElsewhere);
		try {
			return await this.#takeStepsWith(model, engines);
		} finally {
			await engines.dispose();
		}
	}

	async #takeStepsWith(model: OpenModel, engines: RoleEngines): Promise<Ending> {
		const { writer, now, sandbox } = this.#options;
		for (;;) {
			this.#stale = false;
			const assembled = equippedRun(this.#options.assemble(writer), sandbox);
			const { method, environment } = assembled;
			const { rounds } = writer.record.recipe;
			let state = await writer.state();
			const world = this.#world(model, engines, assembled);
			const steps = evolve(this.#guarded(method, environment), state, world, rounds);
			while (this.#isFresh()) {
				if (state.t > rounds) return 'finished';
				this.#begin(state);
				const next = await steps.next();
				if (next.done) return this.#controller.signal.aborted ? 'stopped' : 'finished';
				// A step that ended in the very moment of the stop is dropped like any other.
				if (this.#controller.signal.aborted) return 'stopped';
				const training = await this.#trainingOf(next.value, state, model);
				await this.#commit(next.value, environment, training);
				this.#clock.finished(now());
				state = next.value.state;
				if (this.#wait && state.t <= rounds) return 'paused';
			}
			await steps.return(state);
		}
	}

	#isFresh(): boolean {
		return !this.#stale;
	}

	#world(
		model: OpenModel,
		{ roles }: RoleEngines,
		{ environment, environmentKnobs, places, start: { lessons } }: AssembledRun,
	): World<Everything> {
		const { writer, now } = this.#options;
		const { seed, cache } = writer.record.recipe;
		const metering = {
			meter: this.#meter,
			parameters: parameterCount(model.spec),
			now,
		};
		const send = createThrottle(now, (progress) => this.#emitProgress(progress));
		const policy = meteredEngine(model.engine, metering);
		const played = meteredRoles(roles, model.engine.frozen, metering);
		return {
			seed,
			entrance: entranceOf(model, { environment: environment.name, knobs: environmentKnobs, seed }),
			engine: policy,
			roles: budgetedRoles(played, policy, cache),
			...renderOf(model),
			openTrainer: meteredTrainer(model.openTrainer, metering),
			meter: this.#meter,
			tokenizer: model.tokenizer,
			environment,
			...(places.length > 0 && { places }),
			...(lessons && { lessons }),
			past: () => Promise.resolve(writer.past(this.#at.t)),
			signal: this.#controller.signal,
			watch: (step) => this.#training.heard(step),
			report: (progress) => {
				if (progress.kind === 'trained') {
					this.#curve.push(pointOf(progress));
				}
				this.#clock.heard(progress, now());
				send(progress);
			},
		};
	}

	/** The method, with every plan checked before it is carried out. */
	#guarded(method: Method, environment: Environment): Method {
		const { writer } = this.#options;
		return {
			...method,
			update: async (refined, context) => {
				const plan = await method.update(refined, context);
				assertSealed(plan, environment, [...writer.past(context.t), ...refined]);
				return plan;
			},
		};
	}

	#begin(state: LoopState): void {
		this.#at = state;
		this.#curve = [];
		this.#training = new TrainingRecord();
		const { t, phase, objective } = state;
		this.#clock.began({ t, phase, difficulty: objective.difficulty }, this.#options.now());
		this.#options.emit({
			type: 'began',
			runId: this.#options.writer.record.id,
			...{ t, phase, difficulty: objective.difficulty },
		});
	}

	/** What an update did with each row that it drew on. */
	async #trainingOf(
		event: LoopEvent,
		{ policy: before }: LoopState,
		{ engine, tokenizer }: OpenModel,
	): Promise<ReadonlyMap<string, RowTraining> | undefined> {
		if (event.type !== 'updated') return undefined;
		const { signal } = this.#controller;
		const { t, policy: after } = event.state;
		const rows = this.#options.writer.drawnBy(event.plan);
		const decode = (tokens: readonly number[]) => tokenizer.decode(tokens);
		return this.#training.entries(rows, t, decode, { engine, before, after, signal });
	}

	async #commit(
		event: LoopEvent,
		environment: Environment,
		training: ReadonlyMap<string, RowTraining> | undefined,
	): Promise<void> {
		const { writer, now, emit } = this.#options;
		const at = now();
		const { rows } = await writer.commitStep(event, environment, {
			spentMs: at - this.#committedMs,
			curve: this.#curve,
			cost: this.#meter.total,
			now: at,
			...(training && { training }),
		});
		this.#committedMs = at;
		this.#replacements = 0;
		emit({
			type: 'committed',
			runId: writer.record.id,
			step: event.type,
			run: writer.record,
			rows,
			...(event.type === 'evaluated' && { score: scoreOf(event.evaluation) }),
		});
	}

	#emitProgress(progress: Progress): void {
		const { writer, now, emit } = this.#options;
		emit({
			type: 'progress',
			runId: writer.record.id,
			progress,
			secondsLeft: this.#clock.secondsLeft(writer.record.recipe.rounds, now()),
		});
	}
}

/**
 * True if another engine may succeed. An unreadable model fails in the same way anywhere, and a server's failure
 * is not this model's.
 */
function engineFailure(error: unknown): BackendError | undefined {
	if (error instanceof WorkerLostError)
		return new BackendError('not-available', error.message, { cause: error });
	return error instanceof BackendError &&
		error.code !== 'bad-model' &&
		!(error instanceof EndpointFailure)
		? error
		: undefined;
}
