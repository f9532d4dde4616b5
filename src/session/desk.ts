/**
 * @file The desk: what the page asks for beside a run, over a channel of its own (`desk-channel.ts`). Every method is one
 * question with one answer; what happens meanwhile comes as events.
 */
import { openChatDesk, type ChatDesk, type ChatEvent, type ChatParts } from './chat-desk.ts';
import type { Platform } from './platform.ts';

/** Flat, and every method async: any of them may be asked from the page. */
export type Desk = ChatDesk;

/** What the desk tells while it works; plain data. */
export type DeskEvent = ChatEvent;

export type Tell = (event: DeskEvent) => void;

/** What the desk works with; the models are the ones the runs use. */
export interface DeskParts extends ChatParts {
	readonly platform: Platform;
	readonly tell: Tell;
}

/** Puts the desk together; `tell` reaches the page that asked. */
export const openDesk = (parts: DeskParts): Desk => ({ ...openChatDesk(parts) });
