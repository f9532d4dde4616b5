/** @file A chat as the open model's template writes it: what the loop trains on is what the engine was asked. */
import type { Message } from '#base/prompt.ts';
import { renderChat } from '#model/chat-template.ts';
import type { OpenModel } from './platform.ts';

/** For a `World`; nothing where the model has no chat template. */
export function renderOf({ chat }: Pick<OpenModel, 'chat'>): {
	readonly render?: (messages: readonly Message[]) => string;
} {
	if (chat?.template === undefined) return {};
	const { template, specialTokens } = chat;
	return {
		render: (messages) =>
			renderChat(template, messages, { addGenerationPrompt: true, specialTokens }),
	};
}
