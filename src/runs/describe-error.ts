/** @file Errors as `{ code, message }` with a remedy, for the page, the terminal and the record. */
import { isCoded } from '#base/coded-error.ts';
import type { SessionError } from '#base/failure.ts';
import { ChatTemplateError } from '#model/chat-template.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { UnsupportedModelError } from '#model/spec.ts';
import { DivergedError } from '#training/trainer.ts';

const sentence = (text: string): string =>
	/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;

/** Any thrown value as code and one sentence that names the remedy. */
export function describeError(error: unknown): SessionError {
	if (isCoded(error)) return { code: error.code, message: error.message };
	if (error instanceof UnsupportedModelError) return { code: 'bad-model', message: error.message };
	if (error instanceof CheckpointError)
		return {
			code: 'corrupt',
			message: `${sentence(error.message)} Delete the run or import it again.`,
		};
	if (error instanceof DivergedError)
		return {
			code: 'diverged',
			message: `${sentence(error.message)} Lower the learning rate and resume: the run goes on from its last finished step.`,
		};
	const message = error instanceof Error ? error.message : String(error);
	return {
		code: 'unexpected',
		message: `${sentence(message)} Resume goes on from the last finished step.`,
	};
}

/** The same for models and chat: the remedy names no run to resume or delete. */
export function describeModelError(error: unknown): SessionError {
	if (error instanceof ChatTemplateError) return { code: 'bad-template', message: error.message };
	if (error instanceof CheckpointError)
		return { code: 'bad-model', message: sentence(error.message) };
	if (error instanceof DivergedError)
		return {
			code: 'diverged',
			message: `${sentence(error.message)} Lower the learning rate and train again.`,
		};
	if (error instanceof UnsupportedModelError) return describeError(error);
	const message = sentence(error instanceof Error ? error.message : String(error));
	// These name their remedy.
	if (isCoded(error)) return { code: error.code, message };
	return { code: 'unexpected', message: `${message} Try again, or reload the page.` };
}
