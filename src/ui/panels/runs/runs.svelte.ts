/** @file Actions on stored runs: rename, delete and undo, export, import. */
import { said, t } from '../../language/language.svelte.ts';
import { faultWords } from '../../language/fault-words.ts';
import type { Live } from '../../state/live.svelte.ts';
import type { Session } from '#runs/session.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import type { Trash } from '#storage/files/trash.ts';
import type { RunList } from '../run-list.svelte.ts';
import { bytesInWords, download, storageSpace } from './files.ts';

export type Format = Parameters<Session['export']>[1];

/** A run, sound or damaged, as actions and dialogs name it. */
export type NamedRun = Pick<RunRecord, 'id' | 'name'>;

/** Said to the person. */
export interface Said {
	readonly words: string;
	readonly failed: boolean;
}

/** No run comes near this; a film dropped by mistake does. */
const largestImport = 2 ** 30;

async function bytesOf(file: File): Promise<Uint8Array> {
	try {
		return new Uint8Array(await file.arrayBuffer());
	} catch {
		throw new Error(t('runs.notFile'));
	}
}

export class RunsState {
	said = $state.raw<Said | null>(null);
	/** The run deleted last, packed, until it is back. */
	deleted = $state.raw<{ readonly name: string; readonly bytes: Uint8Array } | null>(null);
	/** Activity under way, for people. */
	busy = $state.raw('');
	space = $state.raw<Awaited<ReturnType<typeof storageSpace>>>(undefined);
	/** Files that no run names any more, and their bytes. */
	trash = $state.raw<Trash | null>(null);
	readonly #live: Live;
	readonly #list: RunList;

	readonly #nameOf: (run: RunRecord) => string;

	/** `nameOf` is a run's name as it is shown. */
	constructor(live: Live, list: RunList, nameOf: (run: RunRecord) => string) {
		this.#nameOf = nameOf;
		this.#live = live;
		this.#list = list;
	}

	async measure(): Promise<void> {
		this.space = await storageSpace();
		try {
			this.trash = await (await this.#live.open()).trash();
		} catch {
			this.trash = null; // the list says what is wrong with the store
		}
	}

	rename(run: NamedRun, name: string): Promise<boolean> {
		return this.#do(t('runs.renaming', { name: run.name }), async (session) => {
			await session.rename(run.id, name);
			return { words: t('runs.renamed', { name }), failed: false };
		});
	}

	/** Keeps a packed copy until the next one is deleted, so that it can be undone. */
	delete(run: NamedRun): Promise<boolean> {
		return this.#do(t('runs.deleting', { name: run.name }), async (session) => {
			// a run that cannot be packed is the one a person wants to be rid of
			const packed = await session.export(run.id, 'run').catch(() => null);
			const copy = packed?.isDamaged === true ? null : packed;
			await session.delete(run.id);
			this.deleted = copy && { name: run.name, bytes: copy.bytes };
			const words = t(copy ? 'runs.deleted' : 'runs.deletedDamaged', { name: run.name });
			return { words, failed: false };
		});
	}

	async undo(): Promise<void> {
		const { deleted } = this;
		if (!deleted) return;
		const read = () => Promise.resolve(deleted.bytes);
		if (
			(await this.#import(read, t('runs.isBack', { name: deleted.name }))) &&
			this.deleted === deleted
		)
			this.deleted = null;
	}

	emptyTrash(): Promise<boolean> {
		return this.#do(t('runs.emptying'), async (session) => {
			await session.emptyTrash();
			return { words: t('runs.emptied'), failed: false };
		});
	}

	export(run: NamedRun, format: Format): Promise<boolean> {
		return this.#do(t('runs.packing', { name: run.name }), async (session) => {
			const file = await session.export(run.id, format);
			download(file);
			const size = bytesInWords(file.bytes.byteLength);
			const words = t('runs.exported', { file: file.name, size, note: said(file.note ?? '') });
			return { words: words.trim(), failed: false };
		});
	}

	/** Reads files as runs, one after the other; ends at the first that is none. */
	async importFiles(files: readonly File[]): Promise<void> {
		for (const file of files) {
			if (file.size > largestImport) {
				const words = t('runs.tooLarge', {
					...{ file: file.name, size: bytesInWords(file.size) },
				});
				this.said = { words, failed: true };
				return;
			}
			const read = () => bytesOf(file);
			if (!(await this.#import(read, t('runs.imported', { file: file.name }), file.name))) return;
		}
	}

	#import(read: () => Promise<Uint8Array>, done: string, blame = ''): Promise<boolean> {
		return this.#do(
			t('runs.reading'),
			async (session) => {
				const id = await session.import(await read());
				await this.#list.read();
				const run = this.#list.named(id);
				const name = run && this.#nameOf(run);
				return {
					words:
						name === undefined ? t('runs.done', { done }) : t('runs.doneNamed', { done, name }),
					failed: false,
				};
			},
			blame,
		);
	}

	/** True if it succeeded; otherwise the error is shown. */
	async #do(busy: string, work: (session: Session) => Promise<Said>, blame = ''): Promise<boolean> {
		if (this.busy !== '') {
			this.said = { words: t('do.wait'), failed: true };
			return false;
		}
		this.busy = busy;
		this.said = null;
		try {
			this.said = await work(await this.#live.open());
			return true;
		} catch (error) {
			const message = faultWords(error);
			const words = blame === '' ? message : t('runs.blame', { file: blame, message });
			this.said = { words, failed: true };
			return false;
		} finally {
			this.busy = '';
			await this.#list.read();
			void this.measure();
		}
	}
}
