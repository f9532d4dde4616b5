/** @file What is said in a chat and taught there, in Node and in a browser. */
import type { Message } from '#base/prompt.ts';
import type { TokenPiece } from '#engines/engine.ts';
import type { ChatRequest } from '#chat/chat-api.ts';
import type { ApiEvent } from '#worker/api.ts';

const conversation: readonly Message[] = [{ role: 'user', content: 'Say something.' }];

/** Asked of the base model. */
export const questionTo = (model: string): ChatRequest => ({
	id: 'q',
	model,
	conversation,
	adapter: null,
	sampling: { temperature: 0 },
	seed: 5,
	maxTokens: 12,
});

/** Five steps, after which the loss is lower. */
export const lessonFor = (model: string) => ({
	id: 'l',
	model,
	name: 'Manners',
	steps: 5,
	rank: 4,
	learningRate: 0.02,
	seed: 1,
	maxTokens: 128,
	answers: [
		{ conversation, answer: 'Good day to you.' },
		{ conversation: [{ role: 'user', content: 'And now?' }] as const, answer: 'Good night.' },
	],
});

/** The answer of this name as far as it was said. */
export const piecesOf = (events: readonly ApiEvent[], id: string): readonly TokenPiece[] =>
	events.flatMap((event) => (event.type === 'said' && event.id === id ? event.pieces : []));

/** Before each step of what was taught. */
export const lossesOf = (events: readonly ApiEvent[]): readonly number[] =>
	events.flatMap((event) => (event.type === 'tuned-step' ? [event.loss] : []));
