/** @file An answer of an open model: its conversation as a prompt, and its tokens as they come. */
import type { GenerateOptions, Generation, Message, Prompt, TokenPiece } from '#engines/engine.ts';
import { renderChat } from '#model/chat-template.ts';
import type { Adapter } from '#model/adapter.ts';
import type { ModelChat, OpenModel } from '#platform/platform.ts';

/** Conversation to answer, and the LoRA to answer it with. */
export interface AnswerRequest {
	readonly conversation: readonly Message[];
	readonly adapter: Adapter | null;
}

/** Generates an answer; calls `onToken` for each token and returns the whole answer. */
export async function answerOf(
	{ engine, chat }: Pick<OpenModel, 'engine' | 'chat'>,
	{ conversation, adapter }: AnswerRequest,
	options: GenerateOptions,
	onToken: (piece: TokenPiece) => void,
): Promise<Generation> {
	const question = conversation.findLast(({ role }) => role === 'user')?.content;
	const { cache, ...rest } = options;
	const answer = engine.streamWith(adapter, promptOf(conversation, chat), {
		...rest,
		...(cache && { cache: { ...cache, ...(question !== undefined && { question }) } }),
	});
	for (;;) {
		const next = await answer.next();
		if (next.done) return next.value;
		onToken(next.value);
	}
}

/**
 * The text of the conversation. A template is told today's date: an answer to a person need not repeat on another day, as
 * a run must. A model without a template goes on with the text so far.
 */
function promptOf(conversation: readonly Message[], chat: ModelChat | undefined): Prompt {
	if (chat?.template !== undefined) {
		const { template, specialTokens } = chat;
		const today = wallClock(new Date());
		return renderChat(template, conversation, { addGenerationPrompt: true, specialTokens, today });
	}
	// The engine encodes text; a special token's text becomes its id.
	const start = chat && chat.startTokens.length > 0 ? (chat.specialTokens['bos_token'] ?? '') : '';
	return start + conversation.map(({ content }) => content).join('');
}

/** The local date and time as if they were UTC, in which templates write dates. */
const wallClock = (now: Date): Date => new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
