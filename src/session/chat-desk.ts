/** @file Conversations with open models, asked for from the page: what is open, and answers token by token. */
import type { GenerateOptions, Generation, Message, TokenPiece } from '#engines/engine.ts';
import type { Models } from './models.ts';

/** What the page must know of an open model. */
export interface ChatModel {
	/** As it was asked for: a folder of `models/`, or `library:<id>`. */
	readonly model: string;
	readonly contextLength: number;
	/** Without a template it is sent plain text. */
	readonly hasTemplate: boolean;
	/** `wasm, 2 threads`. */
	readonly runsOn: string;
	readonly note?: string;
}

/** The knobs of an answer. */
export type Sampling = Pick<
	GenerateOptions,
	'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty'
>;

export interface Question {
	/** Chosen by the page; the events of this answer carry it. */
	readonly id: string;
	readonly model: string;
	/** Up to what is to be answered; a system prompt is its first message. */
	readonly conversation: readonly Message[];
	readonly sampling: Sampling;
	readonly seed: number;
	readonly maxTokens: number;
}

/** What happens while the desk works. */
export type ChatEvent = {
	readonly type: 'said';
	readonly id: string;
	readonly pieces: readonly TokenPiece[];
};

export interface ChatDesk {
	/** Opens a model to talk with; known ones are open already. */
	openChat(model: string): Promise<ChatModel>;
	/** Resolves at the end of the answer; its pieces come as events. */
	ask(question: Question): Promise<Generation>;
	/** The answer ends within one token and resolves as `aborted`. */
	stopAnswer(id: string): Promise<void>;
}

/** Opens the desk over the models of the session. */
export function openChatDesk({
	models,
	tell,
}: {
	readonly models: Models;
	readonly tell: (event: ChatEvent) => void;
}): ChatDesk {
	const answering = new Map<string, AbortController>();
	return {
		async openChat(name) {
			const { spec, engine, chat, note } = await models.open(name);
			return {
				model: name,
				contextLength: spec.contextLength,
				hasTemplate: chat?.template !== undefined,
				runsOn: engine.description,
				...(note !== undefined && { note }),
			};
		},
		async ask({ id, model, conversation, sampling, seed, maxTokens }) {
			const { shared, chat } = await models.open(model);
			const stop = new AbortController();
			answering.set(id, stop);
			try {
				const prompt =
					chat?.template === undefined
						? conversation.map(({ content }) => content).join('\n')
						: conversation;
				const options = { ...sampling, seed, maxTokens, signal: stop.signal };
				const answer = shared.streamWith(null, prompt, options);
				for (;;) {
					const next = await answer.next();
					if (next.done) return next.value;
					tell({ type: 'said', id, pieces: [next.value] });
				}
			} finally {
				answering.delete(id);
			}
		},
		async stopAnswer(id) {
			answering.get(id)?.abort();
		},
	};
}
