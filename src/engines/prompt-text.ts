/** @file Prompt rendering: a text as it is, a chat by the model's template. */
import { type Message, type Prompt } from './engine.ts';
import { BackendError } from '#base/backend-error.ts';

/** Renders a chat by a model's template, up to the start of the answer. */
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
