/** @file Prompt of a model: a text to continue, or a chat. */

/** One turn of a chat; `tool` is the output of a tool or of an environment. */
export interface Message {
	readonly role: 'system' | 'user' | 'assistant' | 'tool';
	readonly content: string;
}

/** Text to continue as it is, or a chat, which the engine renders by its model's chat template. */
export type Prompt = string | readonly Message[];

/** Plain text of a prompt, for people and for keys: the text itself, or a line `role: content` for each message. */
export const shownPrompt = (prompt: Prompt): string =>
	typeof prompt === 'string'
		? prompt
		: prompt.map(({ role, content }) => `${role}: ${content}`).join('\n');
