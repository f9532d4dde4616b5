/** @file Prompts as the text that a model reads. */
import { type Message, type Prompt } from './engine.ts';
import { BackendError } from '#base/backend-error.ts';

/** Writes a chat down as a model's template says, up to where the answer begins. */
export type Render = (messages: readonly Message[]) => string;

/** The text of a prompt; a chat needs a template. */
export function promptText(prompt: Prompt, render: Render | undefined): string {
	if (typeof prompt === 'string') return prompt;
	if (render) return render(prompt);
	throw new BackendError(
		'not-available',
		'This model has no chat template, so it cannot be sent messages; send it plain text, or open an instruction-tuned model.',
	);
}
