/**
 * @file The desk: what the page asks for beside a run, over a channel of its own (`desk-channel.ts`). Every method is one
 * question with one answer; what happens meanwhile comes as events.
 */
import type { Library } from '#storage/library/library.ts';
import { openChatDesk, type ChatDesk, type ChatEvent, type ChatParts } from '#chat/chat-api.ts';
import { createModelDesk, type ModelDesk, type ModelEvent } from '#library/library-api.ts';
import { withFullNames, type FullName } from '#platform/model-names.ts';
import { libraryPrefix } from '#platform/model-name.ts';
import type { Platform } from '#platform/platform.ts';
import { probeBrowser } from '#platform/probe/browser.ts';

/** Flat, and every method async: any of them may be asked from the page. */
export type Desk = ChatDesk &
	ModelDesk & {
		/** Makes sure that what the models here run on is there without a network; resolves with whether it is. */
		keepOffline(): Promise<boolean>;
	};

/** What the desk tells while it works; plain data. */
export type DeskEvent = ChatEvent | ModelEvent;

export type Tell = (event: DeskEvent) => void;

/** What the desk works with; the models are the ones the runs use. */
export interface DeskParts extends ChatParts {
	readonly platform: Platform;
	/** Models of the person's own; absent where there is no place for them. */
	readonly library?: Library;
	readonly tell: Tell;
}

/** Puts the desk together; `tell` reaches the page that asked. */
export function openDesk(parts: DeskParts): Desk {
	const isInUse = (id: string): boolean => parts.isInUse?.(libraryPrefix + id) ?? false;
	const shelf = createModelDesk({
		request: (url, init) => fetch(url, init),
		library: parts.library,
		probe: () => probeBrowser(async () => await parts.library?.space()),
		tell: parts.tell,
		now: () => performance.now(),
		isInUse,
	});
	const { fullName } = parts.platform;
	return {
		...openChatDesk(fullName ? { ...parts, platform: named(parts.platform, fullName) } : parts),
		...shelf,
		keepOffline: async () => (await parts.platform.keepOffline?.()) ?? false,
		removeModel: async (id) => {
			// A chat that nobody answers in any more may still hold its files open.
			if (!isInUse(id)) await parts.models.close(libraryPrefix + id);
			await shelf.removeModel(id);
		},
	};
}

/** What the chat needs of a platform, where runs name their models as the chat does. */
const named = (platform: Platform, fullName: FullName): Pick<Platform, 'store' | 'now'> => ({
	store: withFullNames(platform.store, fullName),
	now: () => platform.now(),
});
