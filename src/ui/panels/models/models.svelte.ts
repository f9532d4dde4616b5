/** @file The models of this browser as the panel shows them, and what a person does with them. */
import { askToPersist } from '#storage/files/persist.ts';
import type { LibraryEntry } from '#storage/library/library.ts';
import type { GivenFile, HubDescription } from '#library/library-api.ts';
import type { ModelsApi } from '#worker/api.ts';
import type { ApiClient } from '../../state/api.ts';
import { faultWords } from '../../language/fault-words.ts';
import { t } from '../../language/language.svelte.ts';
import { loadPanel } from '../../state/panels.ts';
import { storageSpace } from '../runs/files.ts';
import type { ModelProgress } from './words.ts';

export class ModelsState {
	/** Null until they were read once. */
	entries = $state.raw<readonly LibraryEntry[] | null>(null);
	/** By the id of the model under way. */
	progress = $state.raw<ReadonlyMap<string, ModelProgress>>(new Map());
	/** The hub model that is being looked at. */
	about = $state.raw<HubDescription | null>(null);
	/** Activity that must be waited for; empty if there is none. */
	busy = $state.raw('');
	said = $state.raw<{ readonly words: string; readonly failed: boolean } | null>(null);
	/** True if the runtime files of the models are cached too; null until that is known. */
	offline = $state.raw<boolean | null>(null);
	space = $state.raw<Awaited<ReturnType<typeof storageSpace>>>(undefined);
	/** Access token of the hub; lives as long as the panel and is stored nowhere. */
	token = $state('');
	readonly #api: ApiClient;

	constructor(api: ApiClient) {
		this.#api = api;
	}

	/** Reads the list and follows it; returns how to stop. */
	follow(): () => void {
		void this.#read();
		return this.#api.listen((event) => {
			if (event.type === 'models-changed') void this.#readAnew();
			else if (event.type === 'model-progress')
				this.progress = new Map(this.progress).set(event.id, event);
		});
	}

	/** Asks the hub what the model is, before anything is downloaded. */
	look(name: string, file?: string): Promise<boolean> {
		return this.#do(t('models.asking', { name }), async () => {
			const token = this.#choice();
			this.about = await this.#api.ask((api) =>
				api.describeHubModel(name, { ...token, ...(file !== undefined && { file }) }),
			);
			return '';
		});
	}

	/** Fetches what was looked at; the list shows how far it is. True once it is here, false if it was paused or failed. */
	download(): Promise<boolean> {
		const { about } = this;
		if (!about) return Promise.resolve(false);
		this.about = null;
		const { repository, revision, option: file } = about;
		const choice = { ...this.#choice(), revision, file };
		void askToPersist().catch(() => false);
		return this.#fetch((api) => api.downloadModel(repository, choice));
	}

	/** Goes on with a download; true once it is here. */
	resume({ id }: LibraryEntry): Promise<boolean> {
		return this.#fetch((api) => api.resumeDownload(id, this.#choice()));
	}

	pause({ id }: LibraryEntry): void {
		void this.#api.ask((api) => api.cancelDownload(id));
	}

	add(files: readonly GivenFile[]): Promise<boolean> {
		const [first] = files;
		if (!first) return Promise.resolve(false);
		void askToPersist().catch(() => false);
		const name = first.name.split('/')[0] ?? first.name;
		return this.#do(t('models.reading', { name }), async () => {
			const entry = await this.#api.ask((api) => api.addFiles(files));
			if (entry.state !== 'complete') return t('models.stoppedOf', { name: entry.name });
			this.busy = t('models.keeping', { name: entry.name });
			return this.#isHere(entry);
		});
	}

	rename({ id, name }: LibraryEntry, wanted: string): Promise<boolean> {
		return this.#do(t('models.renaming', { name }), async () => {
			await this.#api.ask((api) => api.renameModel(id, wanted));
			return t('models.renamed', { name: wanted });
		});
	}

	delete({ id, name }: LibraryEntry): Promise<boolean> {
		return this.#do(t('models.deleting', { name }), async () => {
			await this.#api.ask((api) => api.removeModel(id));
			return t('models.deleted', { name });
		});
	}

	async #isHere({ name }: LibraryEntry): Promise<string> {
		await this.#keepOffline();
		return t(this.offline ? 'models.hereOffline' : 'models.here', { name });
	}

	/** Adding a model also caches the code that it needs offline: the chat panel, and the runtime in the worker. */
	async #keepOffline(): Promise<void> {
		const parts = await Promise.allSettled([
			this.#api.ask((api) => api.keepOffline()),
			loadPanel('Chat'),
			loadPanel('Teaching'),
			import('../chat/markdown.ts'),
		]);
		this.offline = parts.every((part) => part.status === 'fulfilled' && part.value !== false);
	}

	#choice(): { readonly token?: string } {
		const token = this.token.trim();
		return token === '' ? {} : { token };
	}

	async #fetch(work: (api: ModelsApi) => Promise<LibraryEntry>): Promise<boolean> {
		this.said = null;
		let isHere = false;
		try {
			const entry = await this.#api.ask(work);
			isHere = entry.state === 'complete';
			if (isHere) this.#say(await this.#isHere(entry));
		} catch (error) {
			this.#say(faultWords(error), true);
		}
		await this.#readAnew();
		return isHere;
	}

	#say(words: string, failed = false): void {
		this.said = words === '' ? null : { words, failed };
	}

	/** True if it succeeded; otherwise the error is shown. */
	async #do(busy: string, work: () => Promise<string>): Promise<boolean> {
		if (this.busy !== '') {
			this.#say(t('do.wait'), true);
			return false;
		}
		this.busy = busy;
		this.said = null;
		try {
			this.#say(await work());
			return true;
		} catch (error) {
			this.#say(faultWords(error), true);
			return false;
		} finally {
			this.busy = '';
			await this.#read();
		}
	}

	/** A download under way reports again in a moment; one that ended does not, and can be resumed. */
	#readAnew(): Promise<void> {
		this.progress = new Map();
		return this.#read();
	}

	async #read(): Promise<void> {
		try {
			const entries = await this.#api.ask((api) => api.listModels());
			this.entries = entries;
			// After an update of the page its parts have other names; they are kept anew.
			if (this.offline === null && entries.some(({ state }) => state === 'complete'))
				void this.#keepOffline();
		} catch (error) {
			this.entries ??= [];
			this.#say(faultWords(error), true);
		}
		this.space = await storageSpace();
	}
}
