/** @file State of the steps Audit and Forget: what is asked for, what is under way, and what was found. */
import type { AuditNews } from '#chat/audit/audit.ts';
import type { AuditCost } from '#chat/audit/cost.ts';
import type { LessonAudit } from '#teach/audit/audit-lesson.ts';
import { auditSizes, type AuditSize } from '#teach/audit/sizes.ts';
import type { ForgetChoice, ForgetPlan } from '#teach/forget/forget.ts';
import type { Forgetting, TrainedList } from '#teach/forget/prove.ts';
import type { App } from '../../state/app.svelte.ts';
import { apiOf, type ApiClient } from '../../state/api.ts';
import { faultWords } from '../../language/fault-words.ts';
import type { ModelsApi } from '#worker/api.ts';
import type { Teach } from '../teach/teach.svelte.ts';
import { rowsShown } from '../teach/work.ts';

export class Audits {
	size = $state<AuditSize>('quick');
	/** Rows at most. */
	most = $state(20);
	/** Search for every text. */
	all = $state(false);
	cost = $state.raw<AuditCost | null>(null);
	news = $state.raw<AuditNews | null>(null);
	/** Until the end at most; null while it is not known. */
	msLeft = $state.raw<number | null>(null);
	/** Undefined until it was read. */
	audit = $state.raw<LessonAudit | null | undefined>(undefined);
	trained = $state.raw<TrainedList | null>(null);
	offset = $state(0);
	/** What is to be forgotten: ids of rows as they are learnt, and names of files. */
	rows = $state.raw<ReadonlySet<string>>(new Set());
	files = $state.raw<ReadonlySet<string>>(new Set());
	plan = $state.raw<ForgetPlan | null>(null);
	forgetting = $state.raw<Forgetting | null>(null);
	readonly #teach: Teach;
	readonly #api: ApiClient;
	/** Adapter that the findings are of. */
	#of = '';

	constructor(app: App, teach: Teach) {
		this.#teach = teach;
		this.#api = apiOf(app);
		this.#api.listen((event) => {
			if (event.type !== 'audited' || event.id !== 'teach') return;
			this.news = event.news;
			this.msLeft = event.mostMsLeft;
		});
	}

	get wish() {
		const { most, all, size } = this;
		return { most, all, budget: auditSizes[size].budget };
	}
	get choice(): ForgetChoice {
		return { rows: [...this.rows], files: [...this.files] };
	}

	/** Reads what is known of the present adapter. */
	async open(): Promise<void> {
		const { lesson } = this.#teach.project ?? {};
		if (this.#of !== (lesson?.adapter ?? '')) {
			this.rows = new Set();
			this.files = new Set();
			this.offset = 0;
		}
		this.#of = lesson?.adapter ?? '';
		this.cost = null;
		this.plan = null;
		await this.#read(async (api) => {
			this.audit = await api.lessonAudit();
			this.forgetting = await api.forgetting();
		});
	}

	measure(): Promise<void> {
		return this.#teach.during('measuring', async (api) => {
			this.cost = await api.estimateAudit(this.wish);
			return undefined;
		});
	}

	async run(): Promise<void> {
		this.news = null;
		this.msLeft = null;
		await this.#teach.during('auditing', async (api) => {
			const project = await api.auditLesson(this.wish);
			this.audit = await api.lessonAudit();
			return project;
		});
		this.news = null;
	}

	async stop(): Promise<void> {
		await this.#api.ask((api) => api.stopLessonAudit()).catch(() => undefined);
	}

	/** Rows that the adapter was trained on, a page of them. */
	list(): Promise<void> {
		const { offset } = this;
		return this.#read(async (api) => {
			this.trained = await api.trainedRows({ offset, limit: rowsShown });
		});
	}

	/** Compares the adapters before and after. */
	async compare(): Promise<void> {
		this.news = null;
		this.msLeft = null;
		await this.#teach.during('comparing', async (api) => {
			const project = await api.compareForget(this.wish);
			this.forgetting = await api.forgetting();
			return project;
		});
		this.news = null;
	}

	/** Back to the adapter before, or without it for good. */
	async settle(how: 'undo' | 'delete'): Promise<void> {
		await this.#teach.during('reading', (api) =>
			how === 'undo' ? api.undoForget() : api.deleteBefore(),
		);
		await this.open();
	}

	/** Takes a row or a file into the choice, or out of it. */
	choose(kind: 'rows' | 'files', name: string, isIn: boolean): void {
		const next = new Set(this[kind]);
		if (isIn) next.add(name);
		else next.delete(name);
		this[kind] = next;
		this.plan = null;
	}

	look(): Promise<void> {
		return this.#read(async (api) => {
			this.plan = await api.planForget(this.choice);
		});
	}

	/** A question that does not wait for the work under way. */
	async #read(work: (api: ModelsApi) => Promise<void>): Promise<void> {
		try {
			this.#teach.fault = '';
			await this.#api.ask(work);
		} catch (error) {
			this.#teach.fault = faultWords(error);
		}
	}
}

const held = new WeakMap<Teach, Audits>();

/** The same one whenever a step is opened. */
export function auditsOf(app: App, teach: Teach): Audits {
	const found = held.get(teach) ?? new Audits(app, teach);
	held.set(teach, found);
	return found;
}
