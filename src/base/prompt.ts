/** @file What a model is asked with: a text to go on from, or a chat. */

/** One turn of a chat; `tool` is the output of a tool or of an environment. */
export interface Message {
	readonly role: 'system' | 'user' | 'assistant' | 'tool';
	readonly content: string;
}

/** Text to continue as it is, or a chat, which the engine writes down as its model's template says. */
export type Prompt = string | readonly Message[];

/** For people and for keys: the text itself, or a line `role: content` for each message. */
export const shownPrompt = (prompt: Prompt): string =>
	typeof prompt === 'string'
		? prompt
		: prompt.map(({ role, content }) => `${role}: ${content}`).join('\n');
