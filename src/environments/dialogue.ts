/** @file Dialogue between an environment and a model: the first prompt, and what is said to each reply. */
import type { Message, Prompt } from '#base/prompt.ts';

export interface Dialogue {
	/** What the model is asked first: a text to go on from, or a chat with roles. */
	first(): Prompt;
	/** What the model is asked after its reply; null ends the dialogue. */
	next(reply: Message): Promise<Prompt | null>;
}

/** One question, one answer. */
export const singleTurn = (prompt: Prompt): Dialogue => ({
	first: () => prompt,
	next: () => Promise.resolve(null),
});

/** The same, said by a user in a chat. */
export const singleMessage = (content: string): Dialogue => singleTurn([{ role: 'user', content }]);
