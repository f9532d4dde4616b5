/** @file The rows of the project: read from files, prepared by what the person chose, listed for the page. */
import { SessionFailure } from '#base/failure.ts';
import { importFiles } from '#dataset/import.ts';
import type { FileChoice, Imported } from '#dataset/imported.ts';
import { politely } from '#dataset/refine/pause.ts';
import {
	countPrepared,
	defaultPreparation,
	prepareRows,
	type Preparation,
	type PrepareOptions,
} from '#dataset/refine/prepare.ts';
import type { PreparedRow } from '#dataset/refine/prepared.ts';
import { rowOf, type DataRow } from '#dataset/row.ts';
import { learntRow } from '#dataset/view.ts';
import type { GivenFile } from '#library/library-api.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { alikeRows } from './forget/without.ts';
import type { Project } from './project.ts';
import { suitedUse, unusedFacts, withFacts } from './lessons/facts.ts';
import { withWords } from './lessons/row.ts';
import { entryOf, passes } from './rows/entries.ts';
import type { ProjectView, RowEntry, RowFilter, TeachEvent } from './types.ts';

/** What the data needs of its project. */
export interface DataPlace {
	project(): Project | null;
	/** Stores a changed project, its rows too if they are given, and shows it. */
	keep(project: Project, rows?: readonly DataRow[]): Promise<ProjectView>;
	/** Refuses while a lesson is under way. */
	assertIdle(): void;
	emit(event: TeachEvent): void;
}

export class TeachData {
	readonly #place: DataPlace;
	/** As they were read, in the order of the files. */
	#rows: readonly DataRow[];
	#prepared: readonly PreparedRow[] = [];
	#counts: Preparation = countPrepared([]);
	/** Questions by rule that are not learnt now, once they were asked for. */
	#unused: readonly PreparedRow[] | undefined;
	/** At hand until the page is reloaded. */
	readonly #files = new Map<string, GivenFile>();

	private constructor(place: DataPlace, rows: readonly DataRow[]) {
		this.#place = place;
		this.#rows = rows;
	}

	static async open(place: DataPlace, rows: readonly DataRow[]): Promise<TeachData> {
		const data = new TeachData(place, rows);
		await data.#prepareAll(place.project()?.preparation ?? defaultPreparation);
		return data;
	}

	get rows(): number {
		return this.#rows.length;
	}
	/** As they were read and written. */
	get all(): readonly DataRow[] {
		return this.#rows;
	}
	get counts(): Preparation {
		return this.#counts;
	}
	/** All files are still at hand. */
	get canReread(): boolean {
		const files = this.#place.project()?.files ?? [];
		return files.length > 0 && files.every(({ name }) => this.#fileOf(name) !== undefined);
	}

	async add(files: readonly GivenFile[]): Promise<ProjectView> {
		this.#place.assertIdle();
		for (const file of files) this.#files.set(file.name, file);
		const imported = await this.#import(files, {});
		const given = new Set(imported.files.map(({ name }) => name));
		return this.#merge(imported, given);
	}

	async correct(name: string, choice: FileChoice): Promise<ProjectView> {
		this.#place.assertIdle();
		const file = this.#fileOf(name);
		if (!file)
			throw new SessionFailure(
				'bad-request',
				`"${name}" is not at hand any more; drop it again to read it otherwise.`,
			);
		// An entry of a zip: the others of it are read as before.
		const imported = await this.#import([file], { [name]: choice });
		const only = {
			...imported,
			rows: imported.rows.filter((row) => row.file === name),
			files: imported.files.filter((one) => one.name === name),
			problems: imported.problems.filter((problem) => problem.file === name),
		};
		return this.#merge(only, new Set([name]));
	}

	/** A file with its rows; of a name that is not there, nothing changes. */
	async remove(name: string): Promise<ProjectView | null> {
		this.#place.assertIdle();
		if (!this.#place.project()) return null;
		this.#files.delete(name);
		const none = { rows: [], files: [], problems: [], problemCount: 0, skipped: [] };
		return this.#merge(none, new Set([name]));
	}

	async prepare(options: PrepareOptions): Promise<ProjectView> {
		this.#place.assertIdle();
		const project = this.#place.project();
		if (!project) throw new SessionFailure('bad-request', 'There is no data yet; give some files.');
		await this.#prepareAll(options);
		return this.#place.keep({ ...project, preparation: stored(options) });
	}

	list({
		filter,
		offset,
		limit,
	}: {
		readonly filter: RowFilter;
		readonly offset: number;
		readonly limit: number;
	}) {
		const wanted = this.#prepared.filter((row) => passes(row, filter));
		return {
			total: wanted.length,
			rows: wanted.slice(offset, offset + limit).map((row) => entryOf(row, this.#rows)),
		};
	}

	/** Takes in lessons that a model wrote, in place of those it wrote before. */
	async write(written: readonly DataRow[], writing: Project['writing']): Promise<ProjectView> {
		const project = this.#place.project();
		if (!project) throw new SessionFailure('closed', 'The data was deleted meanwhile.');
		this.#rows = [...this.#rows.filter((row) => !row.written), ...written];
		await this.#prepareAll(project.preparation);
		return this.#place.keep({ ...project, ...(writing && { writing }) }, this.#rows);
	}

	/** Changes a lesson that a model wrote; a person's word is its check. */
	async edit(id: string, asked: string, answered: string): Promise<ProjectView> {
		this.#place.assertIdle();
		const project = this.#place.project();
		const old = this.#rows.find((row) => row.id === id && row.written);
		if (!project || !old?.written)
			throw new SessionFailure(
				'bad-request',
				'This row is not there any more, or is not editable.',
			);
		if (asked.trim() === '' || answered.trim() === '')
			throw new SessionFailure('bad-request', 'A row needs a question and an answer.');
		const written = { ...old.written, check: 'kept' as const };
		const { file, line, source, lesson } = old;
		const row = rowOf(
			{ file, line, source, written },
			withWords(lesson, asked.trim(), answered.trim()),
		);
		this.#rows = this.#rows.map((one) => (one === old ? row : one));
		await this.#prepareAll(project.preparation);
		return this.#place.keep(project, this.#rows);
	}

	/** The row that is learnt; undefined if there is none of this id. */
	find(id: string): TrainingRow | undefined {
		const found = this.#prepared.find((row) => row.id === id);
		return found && learntRow(found.row.lesson);
	}

	/** Rows to learn on both sides, with the ids of those trained on. */
	learnt(): {
		readonly training: readonly TrainingRow[];
		readonly validation: readonly TrainingRow[];
		readonly ids: readonly string[];
	} {
		const kept = this.#prepared.flatMap(({ row, side, left }) => {
			const learns = left === undefined ? learntRow(row.lesson) : undefined;
			return learns ? [{ id: row.id, side, learns }] : [];
		});
		const on = (side: string) => kept.filter((one) => one.side === side);
		return {
			training: on('training').map(({ learns }) => learns),
			validation: on('validation').map(({ learns }) => learns),
			ids: on('training').map(({ id }) => id),
		};
	}

	/** The rows of these ids as they are learnt, also those that are left out; undefined for those that are not here. */
	learntOf(ids: readonly string[]): readonly (TrainingRow | undefined)[] {
		const byId = new Map(this.#with(ids).map(({ row }) => [row.id, row]));
		return ids.map((id) => {
			const row = byId.get(id);
			return row && learntRow(row.lesson);
		});
	}

	/** Rows by their ids, or in these files, and all that are nearly as one of them; `trained`: of these as well. */
	alike(
		ids: readonly string[],
		files: readonly string[],
		trained: readonly string[] = [],
	): readonly PreparedRow[] {
		return alikeRows(this.#with([...ids, ...trained]), ids, files);
	}

	/** The rows; if one of these is missing, with questions by rule of text that is now used otherwise. */
	#with(ids: readonly string[]): readonly PreparedRow[] {
		const here = new Set(this.#prepared.map(({ row }) => row.id));
		if (ids.every((id) => here.has(id))) return this.#prepared;
		const { preparation = defaultPreparation } = this.#place.project() ?? {};
		this.#unused ??= unusedFacts(this.#prepared, preparation);
		return [...this.#prepared, ...this.#unused];
	}

	/** Prepares the rows anew without those that are excluded, while a lesson is under way. */
	async leaveOut(
		{ preparation }: Project,
		excluded: ReadonlySet<string>,
	): Promise<Project['preparation']> {
		const options = { ...preparation, excluded: [...excluded] };
		await this.#prepareAll(options);
		return options;
	}

	/** Entries of these rows for lists, by their ids as they are learnt; those that are not here are left out. */
	entries(ids: readonly string[]): readonly RowEntry[] {
		const byId = new Map(this.#with(ids).map((one) => [one.row.id, one]));
		return ids.flatMap((id) => {
			const found = byId.get(id);
			return found ? [entryOf(found, this.#rows)] : [];
		});
	}

	clear(): void {
		this.#rows = [];
		this.#prepared = [];
		this.#unused = undefined;
		this.#counts = countPrepared([]);
		this.#files.clear();
	}

	/** The file itself, or the zip that it lies in. */
	#fileOf(name: string): GivenFile | undefined {
		const zip = [...this.#files.keys()].find((file) => name.startsWith(`${file}/`));
		return this.#files.get(name) ?? (zip === undefined ? undefined : this.#files.get(zip));
	}

	#import(files: readonly GivenFile[], choices: Readonly<Record<string, FileChoice>>) {
		let read = 0;
		return importFiles(files, {
			choices,
			onRows: async (rows, file) => {
				read += rows.length;
				this.#place.emit({ type: 'teach-read', rows: read, file });
				await new Promise((resolve) => setTimeout(resolve, 0));
			},
		});
	}

	async #merge(imported: Imported, replaced: ReadonlySet<string>): Promise<ProjectView> {
		const before = this.#place.project();
		const others = (list: Project['files'] = []) => list.filter(({ name }) => !replaced.has(name));
		this.#rows = [...this.#rows.filter(({ file }) => !replaced.has(file)), ...imported.rows];
		const preparation = before?.preparation ?? (await this.#suited());
		const problems = (before?.problems ?? []).filter(({ file }) => !replaced.has(file));
		const files = [...others(before?.files), ...imported.files];
		await this.#prepareAll(preparation);
		const project: Project = {
			version: 1,
			files: files.map((file) => structuredClone(file) as Project['files'][number]),
			problems: [...problems, ...imported.problems],
			problemCount: problems.length + imported.problemCount,
			skipped: (before?.skipped ?? 0) + imported.skipped.length,
			preparation: stored(preparation),
			...(before?.writing && { writing: before.writing }),
			lesson: before?.lesson ?? null,
			before: before?.before ?? null,
			at: before?.at ?? 'data',
		};
		return this.#place.keep(project, this.#rows);
	}

	/** Of the first files: what suits their text. */
	async #suited(): Promise<PrepareOptions> {
		await this.#prepareAll(defaultPreparation);
		return { ...defaultPreparation, texts: suitedUse(this.#prepared) };
	}

	async #prepareAll(options: PrepareOptions): Promise<void> {
		this.#unused = undefined;
		this.#prepared = withFacts(await prepareRows(this.#rows, options, politely()), options);
		this.#counts = countPrepared(this.#prepared);
	}
}

const stored = (options: PrepareOptions): Project['preparation'] => ({
	...options,
	excluded: [...options.excluded],
});
