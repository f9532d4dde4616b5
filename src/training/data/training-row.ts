/** @file Training row: text or messages to learn from, as a file's reader hands it to a model's template. */

/** One turn of a conversation; a `ChatMessage` is one. */
export interface TrainingTurn {
	readonly role: string;
	/** Null beside `tool_calls`, as OpenAI writes it. */
	readonly content: string | null;
	/** Further keys of the message for the template: `tool_calls`, `reasoning_content`, `name`, … */
	readonly fields?: Readonly<Record<string, unknown>>;
	/** False for an answer that is shown and not learnt (`weight: 0`, `train: false`). */
	readonly taught?: boolean;
}

/** Settings of a row besides its text. */
interface RowSettings {
	/** Multiplies the loss of the row's tokens; default 1. */
	readonly weight?: number;
	/** Template variables: `tools`, `documents`, and those in `chat_template_kwargs`. */
	readonly variables?: Readonly<Record<string, unknown>>;
	/** A worse completion of the same prompt: the row is a preference. */
	readonly rejected?: string | readonly TrainingTurn[];
	/** Keys that the reader has no use for; their counts are told. */
	readonly unused?: readonly string[];
}

/** One row of a data set: plain text, or messages, of which the assistant's are trained on. */
export type TrainingRow = RowSettings &
	(
		| { readonly prompt: string; readonly completion: string }
		| { readonly prompt: readonly TrainingTurn[]; readonly completion: readonly TrainingTurn[] }
		| { readonly messages: readonly TrainingTurn[] }
	);

/** Error of an unusable row; names its position and the expected format. */
export class TrainingRowError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'TrainingRowError';
	}
}
