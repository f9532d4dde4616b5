/**
 * @file Worker API: everything the page can ask of its worker, as one flat interface of async methods, and every
 * event that comes back. It is served by `rpc.ts` and called through `remote-session.ts`.
 */
import { openChatApi, type ChatApi, type ChatEvent, type ChatParts } from '#chat/chat-api.ts';
import { createLibraryApi, type LibraryApi, type LibraryEvent } from '#library/library-api.ts';
import { withFullNames } from '#platform/model-names.ts';
import { libraryPrefix } from '#platform/model-name.ts';
import type { FullName, Platform } from '#platform/platform.ts';
import { probeBrowser } from '#platform/probe/browser.ts';
import { openInsideApi, type InsideApi, type InsideEvent } from '#runs/inside/inside-api.ts';
import type { Session, SessionEvent } from '#runs/session.ts';
import type { Library } from '#storage/library/library.ts';
import type { Files } from '#storage/runs/store.ts';
import { openTeachApi, type TeachApi } from '#teach/teach-api.ts';
import type { TeachEvent } from '#teach/types.ts';

/** Calls about runs: a session without `subscribe` and `close`, which each side has for itself. */
export type RunApi = Omit<Session, 'subscribe' | 'dispose'>;

/** Calls about models and chat. */
export type ModelsApi = LibraryApi &
	ChatApi &
	TeachApi &
	InsideApi & {
		/** Caches the runtime files that local models need offline; resolves with whether all are there. */
		keepOffline(): Promise<boolean>;
	};

/** All calls that the worker serves. */
export type WorkerApi = RunApi & ModelsApi;

/** Events of the worker; plain data. */
export type ApiEvent =
	SessionEvent | LibraryEvent | ChatEvent | TeachEvent | InsideEvent | WorkerEvent;

/** News of the worker itself. */
export type WorkerEvent =
	/** This tab trains, or watches another that does. */
	| { readonly type: 'role'; readonly trains: boolean }
	/** The worker is late with its signs of life, or is heard again. */
	| { readonly type: 'answers'; readonly answers: boolean };

export type ApiListener = (event: ApiEvent) => void;

/** Client of the worker API: a session that also serves models and chat. */
export interface WorkerClient extends Session, ModelsApi {
	/** Subscribes to events of every kind; returns the unsubscribe function. */
	listen(listener: ApiListener): () => void;
}

/** Dependencies of models and chat; the open models are those of the runs. */
export interface ModelsApiParts extends ChatParts {
	readonly platform: Platform;
	/** The person's own models; absent if there is no place for them. */
	readonly library?: Library;
	/** Storage of the data that is taught. */
	readonly projects?: () => Promise<Files>;
	readonly emit: ApiListener;
}

/** Composes library and chat over the open models of a session. */
export function openModelsApi(parts: ModelsApiParts): ModelsApi {
	const isInUse = (id: string): boolean => parts.isInUse?.(libraryPrefix + id) ?? false;
	const library = createLibraryApi({
		request: (url, init) => fetch(url, init),
		library: parts.library,
		probe: () => probeBrowser(async () => await parts.library?.space()),
		emit: parts.emit,
		now: () => performance.now(),
		isInUse,
	});
	const { fullName } = parts.platform;
	return {
		...openChatApi(fullName ? { ...parts, platform: named(parts.platform, fullName) } : parts),
		...openTeachApi(parts),
		...openInsideApi({ models: parts.models, store: parts.platform.store, emit: parts.emit }),
		...library,
		keepOffline: async () => {
			const [isKept] = await Promise.all([
				parts.platform.keepOffline?.(),
				// An answer that is marked in Chat is a row of Teach, whose part is loaded with the first one.
				import('#teach/teacher.ts'),
			]);
			return isKept ?? false;
		},
		removeModel: async (id) => {
			// A chat without calls under way may still hold its files open.
			if (!isInUse(id)) await parts.models.close(libraryPrefix + id);
			await library.removeModel(id);
		},
	};
}

/** Platform of the chat, with the runs' models under the names that the chat knows. */
const named = (
	platform: Platform,
	fullName: FullName,
): Pick<Platform, 'store' | 'now' | 'openFiles' | 'openOnGpu'> => ({
	...(platform.openFiles && { openFiles: platform.openFiles }),
	...(platform.openOnGpu && { openOnGpu: platform.openOnGpu }),
	store: withFullNames(platform.store, fullName),
	now: () => platform.now(),
});
