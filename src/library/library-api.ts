/** @file Library API for the page and the terminal: models described, downloaded, imported, deleted. */
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { blobSource } from '#model/checkpoint/sources/memory.ts';
import { openChatModel } from '#model/open-model.ts';
import type { Library, LibraryEntry, WantedFile } from '#storage/library/library.ts';
import { LibraryError } from '#storage/library/library.ts';
import { lookAt } from './describe-hub.ts';
import { describe, describeHeaders, type Described } from './describe-model.ts';
import { download, type DownloadProgress } from './download.ts';
import { fit, type Fit } from './fit.ts';
import { openHub, type HubOptions } from './hub.ts';
import type { Probe } from './probe.ts';
import { fileName } from '#model/checkpoint/model-files.ts';
import { copyIn, givenName, pickFiles } from './add-model.ts';

/** Events of downloads and copies, and of lists that change. */
export type LibraryEvent =
	| ({ readonly type: 'model-progress'; readonly id: string; readonly name: string } & (
			| DownloadProgress
			| {
					readonly phase: 'copying';
					readonly file: string;
					readonly bytes: number;
					readonly total: number;
					readonly bytesPerSecond: null;
			  }
	  ))
	/** Lists are out of date. */
	| { readonly type: 'models-changed' };

/** Request for a hub model; all but the name may be left out. */
interface HubChoice {
	/** For gated models; kept nowhere. */
	readonly token?: string;
	readonly revision?: string;
	/** A GGUF of several, or `safetensors`: the id of an option. */
	readonly file?: string;
}

/** Description of a hub model before it is downloaded. */
export interface HubDescription {
	readonly repository: string;
	/** A commit. */
	readonly revision: string;
	readonly licence?: string;
	readonly isGated: boolean;
	/** The ways to take it. */
	readonly options: readonly { readonly id: string; readonly bytes: number }[];
	/** The option that is described. */
	readonly option: string;
	readonly bytes: number;
	readonly facts: Described['facts'];
	readonly fit: Fit;
}

/** A dropped or chosen file. */
export interface GivenFile {
	/** Path with its folders, if it came in one. */
	readonly name: string;
	readonly blob: Blob;
}

export interface LibraryApi {
	/** By name; those of a broken download too. */
	listModels(): Promise<readonly LibraryEntry[]>;
	/** Reads configs and headers only. */
	describeHubModel(name: string, choice?: HubChoice): Promise<HubDescription>;
	/** Memory and speed estimate of a downloaded model. */
	describeModel(id: string): Promise<{ readonly entry: LibraryEntry; readonly fit: Fit }>;
	/** Resolves when all files are downloaded and verified; if cancelled, with the files so far. */
	downloadModel(name: string, choice?: HubChoice): Promise<LibraryEntry>;
	/** Resumes a broken or cancelled download. */
	resumeDownload(id: string, choice?: Pick<HubChoice, 'token'>): Promise<LibraryEntry>;
	/** The bytes fetched so far stay. */
	cancelDownload(id: string): Promise<void>;
	/** Imports a model's files; refuses files that are no model before anything is written. */
	addFiles(files: readonly GivenFile[], name?: string): Promise<LibraryEntry>;
	renameModel(id: string, name: string): Promise<void>;
	/** Ends its download first. */
	removeModel(id: string): Promise<void>;
	storageEstimate(): Promise<{ readonly used: number; readonly quota: number } | undefined>;
}

/** In the same thread it also imports files of the disk. */
export interface LocalLibraryApi extends LibraryApi {
	addSources(sources: readonly ByteSource[], name?: string): Promise<LibraryEntry>;
}

export interface LibraryApiParts extends HubOptions {
	/** Undefined if this platform has no storage; every call then fails with that sentence. */
	readonly library: Library | undefined;
	/** Asked anew each time, since room and memory change. */
	readonly probe: () => Promise<Probe>;
	readonly emit?: (event: LibraryEvent) => void;
	/** Milliseconds; any origin. */
	readonly now: () => number;
	readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
	/** Models that are in use must not be deleted. */
	readonly isInUse?: (id: string) => boolean;
	/** Ends everything that is under way. */
	readonly signal?: AbortSignal;
}

export function createLibraryApi(parts: LibraryApiParts): LocalLibraryApi {
	const {
		probe,
		now,
		emit = () => undefined,
		wait = pause,
		isInUse = () => false,
		signal: end,
	} = parts;
	const hub = openHub(parts);
	const working = new Map<string, AbortController>();
	const library = (): Library => {
		if (parts.library) return parts.library;
		throw new LibraryError(
			'not-available',
			'This browser keeps no files for this page: open it over https, outside private browsing.',
		);
	};
	const changed = () => {
		emit({ type: 'models-changed' });
	};
	const known = async (id: string): Promise<LibraryEntry> => {
		const entry = await library().entry(id);
		if (entry) return entry;
		throw new LibraryError('no-such-model', `There is no model "${id}" here; list the models.`);
	};

	const { find, look } = lookAt(hub, parts.request, end);

	/** One piece of work on a model at a time; ends by `cancelDownload`. */
	const work = async (
		entry: LibraryEntry,
		task: (signal: AbortSignal) => Promise<LibraryEntry>,
	): Promise<LibraryEntry> => {
		const { id } = entry;
		if (working.has(id))
			throw new LibraryError('blocked', 'This model is being downloaded already; wait for it.');
		const controller = new AbortController();
		const signal = end ? AbortSignal.any([controller.signal, end]) : controller.signal;
		working.set(id, controller);
		try {
			return await task(signal);
		} catch (error) {
			if (!signal.aborted) throw error;
			return (await library().entry(id)) ?? entry;
		} finally {
			working.delete(id);
			changed();
		}
	};
	const complete = (entry: LibraryEntry, token?: string): Promise<LibraryEntry> =>
		work(entry, async (signal) => {
			changed();
			const { id, name } = entry;
			const onProgress = (progress: DownloadProgress) => {
				emit({ type: 'model-progress', id, name, ...progress });
			};
			return await download(entry, {
				library: library(),
				hub,
				token,
				signal,
				onProgress,
				now,
				wait,
			});
		});

	const addSources = async (
		given: readonly ByteSource[],
		wantedName?: string,
	): Promise<LibraryEntry> => {
		const target = library();
		const sources = pickFiles(given);
		const model = await openChatModel(sources);
		const { facts, licence } = describe(model.spec, model.weights, model.licence);
		const files: readonly WantedFile[] = sources.map(({ name, size }) => ({
			name: fileName(name),
			bytes: size,
		}));
		const entry = await target.begin({
			name: wantedName ?? givenName(given, model.name),
			source: { kind: 'files' },
			...(licence === undefined ? {} : { licence }),
			facts,
			files,
		});
		return await work(entry, async (signal) => {
			try {
				return await copyIn(target, entry, sources, signal, (file, bytes) => {
					const { id, name, bytes: total } = entry;
					const at = { phase: 'copying', file, bytes, total, bytesPerSecond: null } as const;
					emit({ type: 'model-progress', id, name, ...at });
				});
			} catch (error) {
				// An incomplete copy is deleted: the original files still exist.
				await target.remove(entry.id);
				throw error;
			}
		});
	};

	return {
		listModels: async () => await library().list(),
		async describeHubModel(name, choice = {}) {
			const { repository, option, options } = await find(name, choice);
			const { spec, facts } = await look(repository, option, choice.token);
			const { revision, licence, isGated } = repository;
			return {
				repository: repository.name,
				revision,
				...(licence === undefined ? {} : { licence }),
				isGated,
				options: options.map(({ id, bytes }) => ({ id, bytes })),
				option: option.id,
				bytes: option.bytes,
				facts,
				fit: fit({ spec, form: facts.form, downloadBytes: option.bytes }, await probe()),
			};
		},
		async describeModel(id) {
			const entry = await known(id);
			const { files, close } = await library().open(id);
			try {
				const { spec, facts } = await describeHeaders(files);
				return { entry, fit: fit({ spec, form: facts.form, downloadBytes: 0 }, await probe()) };
			} finally {
				await close();
			}
		},
		async downloadModel(name, choice = {}) {
			const { repository, option } = await find(name, choice);
			const { facts } = await look(repository, option, choice.token);
			const { revision, licence } = repository;
			const only = option.id === 'safetensors' ? '' : ` ${fileName(option.id)}`;
			const entry = await library().begin({
				name: `${repository.name}${only}`,
				source: { kind: 'hub', repository: repository.name, revision },
				...(licence === undefined ? {} : { licence }),
				facts,
				files: option.files.map(({ path, ...rest }) => {
					const file = fileName(path);
					return { name: file, ...rest, ...(file === path ? {} : { path }) };
				}),
			});
			return await complete(entry, choice.token);
		},
		resumeDownload: async (id, { token } = {}) => await complete(await known(id), token),
		async cancelDownload(id) {
			working.get(id)?.abort();
		},
		addFiles: (files, name) =>
			addSources(
				files.map((file) => blobSource(file.name, file.blob)),
				name,
			),
		addSources,
		async renameModel(id, name) {
			await library().rename(id, name);
			changed();
		},
		async removeModel(id) {
			if (isInUse(id))
				throw new LibraryError('blocked', 'This model is in use; end its run or chat first.');
			working.get(id)?.abort();
			while (working.has(id)) await wait(20, new AbortController().signal);
			await library().remove(id);
			changed();
		},
		storageEstimate: async () => await library().space(),
	};
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(resolve, ms);
		signal.addEventListener('abort', () => {
			clearTimeout(timer);
			reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
		});
	});
}
