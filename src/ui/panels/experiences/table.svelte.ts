/**
 * @file The experience of one run as the panel holds it: read in chunks, indexed, filtered, sorted, kept
 * up to date while the run goes on.
 */
import {
	createExperienceIndex,
	type Column,
	type CompactRow,
	type ExperienceQuery,
} from '#ui/panels/experiences/experience-index.ts';
import type { Session } from '#runs/session.ts';
import type { ExperienceRow, ListedRow } from '#runs/stored/row.ts';
import { asSessionError } from '../../state/live.svelte.ts';

/** Rows a chunk: small enough that taking one in never holds the page up. */
const chunkRows = 1000;
/** Milliseconds between two looks at a table that is still being read. */
const lookMs = 400;

export type FateFilter = 'any' | 'kept' | 'set-aside' | 'fresh' | 'rejected' | 'trained';
export type VerdictFilter = 'any' | ExperienceRow['verdict'];

const sortable = [
	...(['t', 'text', 'answer', 'difficulty', 'score', 'fate'] as const),
	...(['reason', 'trainedIn', 'verdict'] as const),
] satisfies readonly Column[];

/** Query of a person: filters and sort order. */
export interface Filter {
	readonly text: string;
	readonly fate: FateFilter;
	readonly verdict: VerdictFilter;
	readonly round: number | null;
	readonly difficulty: number | null;
}
export const everything: Filter = {
	text: '',
	fate: 'any',
	verdict: 'any',
	round: null,
	difficulty: null,
};

export interface Sort {
	readonly column: Column;
	readonly descending: boolean;
}

/** Of the rows shown. True and kept are counted of those the verifier could judge. */
export interface Counts {
	readonly shown: number;
	readonly kept: number;
	readonly keptJudged: number;
	readonly keptTrue: number;
	readonly rejected: number;
	readonly trained: number;
}

export class ExperienceTable {
	filter = $state.raw<Filter>(everything);
	sort = $state.raw<Sort>({ column: 't', descending: true });
	/** Rows read so far. */
	size = $state(0);
	/** Of these, rows that are damaged. */
	unread = $state(0);
	state = $state.raw<'empty' | 'reading' | 'ready' | 'failed'>('empty');
	message = $state.raw('');
	rounds = $state.raw<readonly number[]>([]);
	difficulties = $state.raw<readonly number[]>([]);
	/** Milliseconds of the last filter or sort. */
	lastMs = 0;
	readonly #index = createExperienceIndex();
	readonly #rounds = new Set<number>();
	readonly #difficulties = new Set<number>();
	readonly #unread = new Set<string>();
	/** Rows that came by event while the store was read: the store's may be older. */
	readonly #newer = new Set<string>();
	#counted: { readonly seen: object; readonly filter: Filter; readonly counts: Counts } | undefined;
	/** Made anew when the index changed and the view should look again. */
	#seen = $state.raw({ index: this.#index });

	/** Positions of the rows shown, in order. */
	readonly found: readonly number[] = $derived.by(() => {
		const { index } = this.#seen;
		const began = performance.now();
		const found = Array.from(index.find(queryOf(this.filter, this.sort)));
		this.lastMs = performance.now() - began;
		return found;
	});

	readonly counts: Counts = $derived.by(() => {
		const seen = this.#seen;
		const { filter, found } = this;
		// another order has the same counts
		if (this.#counted?.seen !== seen || this.#counted.filter !== filter) {
			const counts = countsOf(found.map((position) => seen.index.at(position)));
			this.#counted = { seen, filter, counts };
		}
		return this.#counted.counts;
	});

	/** Reads a run from its beginning; ends early, and quietly, when `signal` does. */
	async read(session: Session, runId: string, signal: AbortSignal): Promise<void> {
		this.#clear();
		this.state = 'reading';
		let looked = -lookMs;
		try {
			for (let offset = 0; ; offset += chunkRows) {
				const rows = await session.experiences(runId, { offset, limit: chunkRows });
				if (signal.aborted) return;
				const current = rows.filter(({ id }) => !this.#newer.has(id));
				this.#put(current);
				this.#countUnread(current);
				const now = performance.now();
				if (rows.length < chunkRows) break;
				if (now - looked > lookMs) {
					this.#look();
					looked = now;
					// what was read is drawn before more comes
					await new Promise((resolve) => setTimeout(resolve));
				}
			}
			this.state = 'ready';
			this.#look();
			void this.#prepare(signal);
		} catch (error) {
			if (signal.aborted) return;
			this.state = 'failed';
			this.message = asSessionError(error).message;
			this.#look();
		}
	}

	/** Rows that came or changed. */
	take(rows: readonly (ExperienceRow | CompactRow)[]): void {
		if (rows.length === 0) return;
		if (this.state === 'reading') for (const { id } of rows) this.#newer.add(id);
		this.#put(rows);
		this.#look();
	}

	at(position: number): CompactRow | undefined {
		return this.#seen.index.at(position);
	}

	get(id: string): CompactRow | undefined {
		return this.#seen.index.get(id);
	}

	/** The row with all that it holds, read from the store. */
	async whole(session: Session, row: CompactRow): Promise<ExperienceRow | undefined> {
		const round = this.#index.find({ round: { from: row.t, to: row.t } });
		const offset = round.findIndex((position) => this.#index.at(position)?.id === row.id);
		const [first] = await session.experiences(row.runId, { t: row.t, offset, limit: 1 });
		if (first?.id === row.id) return first;
		// rows came meanwhile: look through the round
		return (await session.experiences(row.runId, { t: row.t })).find(({ id }) => id === row.id);
	}

	/** Sorts by a column; once more turns it round. */
	sortBy(column: Column): void {
		const again = this.sort.column === column;
		this.sort = { column, descending: again ? !this.sort.descending : false };
	}

	/** Sorts by every column while nobody waits, so that nobody has to. */
	async #prepare(signal: AbortSignal): Promise<void> {
		const idle = (then: () => void) =>
			'requestIdleCallback' in globalThis ? requestIdleCallback(then) : setTimeout(then, 50);
		for (const column of sortable) {
			await new Promise<void>((resolve) => idle(resolve));
			if (signal.aborted) return;
			this.#index.find({ sort: { column } });
		}
	}

	#clear(): void {
		this.#index.clear();
		this.#rounds.clear();
		this.#difficulties.clear();
		this.#newer.clear();
		this.#unread.clear();
		this.unread = 0;
		this.message = '';
		this.#look();
	}

	#put(rows: readonly (ExperienceRow | CompactRow)[]): void {
		this.#index.put(rows);
		for (const { t, difficulty } of rows) {
			this.#rounds.add(t);
			this.#difficulties.add(difficulty);
		}
		this.size = this.#index.size;
	}

	#countUnread(rows: readonly ListedRow[]): void {
		for (const { id, damaged } of rows) if (damaged !== undefined) this.#unread.add(id);
		this.unread = this.#unread.size;
	}

	#look(): void {
		this.size = this.#index.size;
		this.rounds = [...this.#rounds].sort((a, b) => a - b);
		this.difficulties = [...this.#difficulties].sort((a, b) => a - b);
		this.#seen = { index: this.#index };
	}
}

/** The index's query for what a person chose. */
function queryOf(filter: Filter, sort: Sort): ExperienceQuery {
	const { text, fate, verdict, round, difficulty } = filter;
	return {
		sort,
		...(text.trim() !== '' && { text }),
		...(verdict !== 'any' && { verdicts: [verdict] }),
		...(round !== null && { round: { from: round, to: round } }),
		...(difficulty !== null && { difficulty: { from: difficulty, to: difficulty } }),
		...fateQuery(fate),
	};
}

function fateQuery(fate: FateFilter): ExperienceQuery {
	switch (fate) {
		case 'any':
			return {};
		case 'rejected':
			return { rejected: true };
		case 'trained':
			return { trained: true };
		case 'kept':
			return { fates: [fate], rejected: false };
		case 'set-aside':
		case 'fresh':
			return { fates: [fate] };
		default:
			return fate satisfies never;
	}
}

function countsOf(rows: readonly (CompactRow | undefined)[]): Counts {
	const counts = { shown: 0, kept: 0, keptJudged: 0, keptTrue: 0, rejected: 0, trained: 0 };
	for (const row of rows) {
		if (!row) continue;
		counts.shown++;
		if (row.rejected) counts.rejected++;
		if (row.trainedIn.length > 0) counts.trained++;
		if (row.fate !== 'kept' || row.rejected) continue;
		counts.kept++;
		if (row.verdict === 'unjudged') continue;
		counts.keptJudged++;
		if (row.verdict === 'correct') counts.keptTrue++;
	}
	return counts;
}
