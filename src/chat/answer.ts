/** @file An answer of an open model: its conversation as a prompt, and its tokens as they come. */
import type { GenerateOptions, Generation, Message, Prompt, TokenPiece } from '#engines/engine.ts';
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
	const answer = engine.streamWith(adapter, promptOf(conversation, chat), options);
	for (;;) {
		const next = await answer.next();
		if (next.done) return next.value;
		onToken(next.value);
	}
}

/** A model without a template goes on with the text so far. */
function promptOf(conversation: readonly Message[], chat: ModelChat | undefined): Prompt {
	if (chat?.template !== undefined) return conversation;
	// The engine encodes text; a special token's text becomes its id.
	const start = chat && chat.startTokens.length > 0 ? (chat.specialTokens['bos_token'] ?? '') : '';
	return start + conversation.map(({ content }) => content).join('');
}
