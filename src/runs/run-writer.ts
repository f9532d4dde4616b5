/**
 * @file Run writer: the record of one run, and the rows that later steps need. Every finished step goes to the
 * store in one transaction; a mutex serializes all writes.
 */
import { createMutex } from '#base/concurrency/mutex.ts';
import type { Environment } from '#environments/environment.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { remembering } from '#loop/policy/policy.ts';
import type { Evaluation, Experience, LoopEvent, LoopState, Score } from '#loop/types.ts';
import type { Plan } from '#loop/plan.ts';
import type {
	CurvePoint,
	RowTraining,
	RunCost,
	RunRecord,
	RunStatus,
	Store,
} from '#storage/runs/store.ts';
import { measureTruth, rowOf } from './measure/audit.ts';
import { loadState, saveState } from './stored/codec.ts';
import { SessionFailure } from '#base/failure.ts';
import { drewOn, keysOf } from './plan-check.ts';
import { readRow, type ExperienceRow } from './stored/row.ts';
import { readSavedState, type SavedState } from './stored/saved-state.ts';

const pageSize = 2000;

/** Fields of the record that a person changes: status, message, knobs, rounds, the memory in the state. */
type Change = Partial<Pick<RunRecord, 'recipe' | 'engine' | 'trainer' | 'state'>> & {
	readonly status?: RunStatus;
	readonly message?: string;
};

/** The only writer of a run; see `create` and `open`. */
export class RunWriter {
	#record: RunRecord;
	readonly #store: Store;
	/** Rows of the round under way, and every kept one. */
	readonly #rows = new Map<string, ExperienceRow<Experience>>();
	/** As the step under way found them: flags of rows that a person has changed since. */
	readonly #rejectedBefore = new Map<string, boolean>();
	readonly #exclusive = createMutex();

	private constructor(store: Store, record: RunRecord) {
		this.#store = store;
		this.#record = record;
	}

	/** Stores a new run. */
	static async create(store: Store, record: RunRecord): Promise<RunWriter> {
		await store.commit({ run: record });
		return new RunWriter(store, record);
	}

	/** Opens the writer of a stored run. */
	static async open(store: Store, runId: string): Promise<RunWriter> {
		const record = await store.run(runId);
		if (!record)
			throw new SessionFailure(
				'no-such-run',
				`There is no run "${runId}"; list the runs to see which there are.`,
			);
		const writer = new RunWriter(store, record);
		const t = writer.#saved().t;
		for (let offset = 0; ; offset += pageSize) {
			const page = await store.experiences(runId, { offset, limit: pageSize });
			for (const row of page)
				if (row.t === t || row.fate === 'kept') {
					const read = readRow(row);
					if (read) writer.#rows.set(read.id, read);
				}
			if (page.length < pageSize) return writer;
		}
	}

	get record(): RunRecord {
		return this.#record;
	}

	/** Loop state without experience rejected by hand; the next step begins with it. */
	state(): Promise<LoopState> {
		this.#rejectedBefore.clear();
		const experience = (id: string): Experience | undefined => {
			const row = this.#rows.get(id);
			return row && !row.rejected ? row.payload : undefined;
		};
		const { model } = this.#record.recipe;
		return loadState(this.#saved(), this.#store.files, experience, model);
	}

	/**
	 * Kept experience of the rounds before t that nobody had rejected when the step began, in the store's order: by round
	 * and id, so that a run that was opened again draws the same.
	 */
	past(t: number): readonly Experience[] {
		return [...this.#rows.values()]
			.filter((row) => row.t < t && row.fate === 'kept' && !this.#wasRejected(row))
			.sort((a, b) => a.t - b.t || (a.id < b.id ? -1 : Number(a.id > b.id)))
			.map((row) => row.payload);
	}

	/** Commits a finished step: weights first, then record and rows in one transaction. */
	commitStep(
		event: LoopEvent,
		environment: Environment,
		extra: {
			readonly spentMs: number;
			readonly curve: readonly CurvePoint[];
			readonly cost: RunCost;
			readonly now: number;
			/** Of an update: what it did with each row, by id. */
			readonly training?: ReadonlyMap<string, RowTraining>;
		},
	): Promise<{ readonly rows: readonly ExperienceRow[] }> {
		return this.#exclusive(async () => {
			const state = await saveState(event.state, this.#store.files, this.#saved());
			const rows = await this.#rowsOf(event, environment, extra.training);
			const record = this.#record;
			const run: RunRecord = {
				...record,
				...(await this.#measured(event, environment)),
				version: record.version + 1,
				updatedAt: extra.now,
				spentMs: record.spentMs + extra.spentMs,
				cost: extra.cost,
				curve: extra.curve.length > 0 ? [...record.curve, ...extra.curve] : record.curve,
				state: state satisfies SavedState,
			};
			await this.#store.commit({ run, experiences: rows });
			this.#record = run;
			this.#rejectedBefore.clear();
			for (const row of rows) this.#rows.set(row.id, row);
			if (event.type === 'evaluated')
				for (const row of this.#rows.values()) if (row.fate !== 'kept') this.#rows.delete(row.id);
			return { rows };
		});
	}

	/** Changes fields that steps do not write; a function gets the record as it is once the mutex is held. */
	amend(change: Change | ((record: RunRecord) => Change), now: number): Promise<RunRecord> {
		return this.#exclusive(async () => {
			const changed = typeof change === 'function' ? change(this.#record) : change;
			const record: Omit<RunRecord, 'message'> & { message?: string } = { ...this.#record };
			// The message of an earlier pause or failure no longer applies.
			if (changed.status !== undefined) delete record.message;
			const run = { ...record, ...changed, updatedAt: now, version: record.version + 1 };
			await this.#store.commit({ run });
			this.#record = run;
			return run;
		});
	}

	/** Changes the memory of the policy; only while no step is under way. */
	async setMemory(memory: Memory, now: number): Promise<RunRecord> {
		const state = await this.state();
		const policy = remembering(state.policy, memory);
		const incumbent = state.incumbent.id === state.policy.id ? policy : state.incumbent;
		const changed = { ...state, policy, incumbent };
		const saved = await saveState(changed, this.#store.files, this.#saved());
		return this.amend({ state: saved }, now);
	}

	/** Takes over a rename of the run in the store. */
	renamed(name: string): RunRecord {
		return (this.#record = { ...this.#record, name });
	}

	/** Sets one row's flag, for good and for the steps to come. */
	reject(experienceId: string, rejected: boolean): Promise<void> {
		return this.#exclusive(async () => {
			await this.#store.reject(this.#record.id, experienceId, rejected);
			const row = this.#rows.get(experienceId);
			if (!row) return;
			if (!this.#rejectedBefore.has(row.id)) this.#rejectedBefore.set(row.id, row.rejected);
			this.#rows.set(experienceId, { ...row, rejected });
		});
	}

	#wasRejected(row: ExperienceRow): boolean {
		return this.#rejectedBefore.get(row.id) ?? row.rejected;
	}

	#saved(): SavedState {
		return readSavedState(this.#record.state);
	}

	/** Rows that a plan draws on. */
	drawnBy(plan: Plan): readonly ExperienceRow<Experience>[] {
		const keys = keysOf(plan);
		return [...this.#rows.values()].filter(
			(row) => !this.#wasRejected(row) && drewOn(keys, row.payload),
		);
	}

	async #rowsOf(
		event: LoopEvent,
		environment: Environment,
		training?: ReadonlyMap<string, RowTraining>,
	): Promise<ExperienceRow<Experience>[]> {
		const runId = this.#record.id;
		switch (event.type) {
			case 'acquired':
			case 'refined':
				return Promise.all(
					event.state.experience.map((e) => rowOf(runId, e, environment, this.#rows.get(e.id))),
				);
			case 'updated': {
				const t = event.state.t;
				return this.drawnBy(event.plan).map((row) => {
					const entry = training?.get(row.id);
					return {
						...row,
						trainedIn: [...row.trainedIn, t],
						...(entry && { training: [...(row.training ?? []), entry] }),
					};
				});
			}
			case 'evaluated':
				return [];
			default:
				return event satisfies never;
		}
	}

	async #measured(
		event: LoopEvent,
		environment: Environment,
	): Promise<Partial<Pick<RunRecord, 'scores' | 'truths'>>> {
		const { scores, truths } = this.#record;
		switch (event.type) {
			case 'acquired':
			case 'refined': {
				const { t, experience } = event.state;
				const truth = await measureTruth(t, experience, environment);
				return { truths: [...truths.filter((row) => row.t !== t), truth] };
			}
			case 'evaluated':
				return { scores: [...scores, scoreOf(event.evaluation)] };
			case 'updated':
				return {};
			default:
				return event satisfies never;
		}
	}
}

/** The examination as the record keeps it: with why its policy was not kept, if it was not. */
export const scoreOf = ({ report, decision }: Evaluation): Score =>
	decision.accept === 'keep' ? report.score : { ...report.score, rolledBack: decision.why };
