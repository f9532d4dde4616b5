/** @file Chat template of the open model, applied alike to the prompts of the engine and the training text. */
import type { Message } from '#base/prompt.ts';
import { renderChat } from '#model/chat-template.ts';
import type { OpenModel } from './platform.ts';

/** For a `World`; nothing if the model has no chat template. */
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
