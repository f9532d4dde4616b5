/**
 * @file Frame of a searched prompt: the chat template around it, which is frozen, and the tokens that it may be made of.
 *
 * A prompt counts only if a person could type it: its text, written as the template says and encoded again, must give the
 * same tokens.
 */
import { yieldToEventLoop } from '#base/concurrency/yield-to-event-loop.ts';
import { renderChat } from '#model/chat-template.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { AuditLanguage } from './texts.ts';

export interface Frame {
	/** Tokens before the prompt. */
	readonly before: readonly number[];
	/** Tokens between the prompt and the answer. */
	readonly after: readonly number[];
	/** The whole input; undefined if the text of this prompt does not come back as these tokens. */
	write(prompt: readonly number[]): readonly number[] | undefined;
}

/** A mark that no template changes, to find the place of the message. */
const mark = '\u0001';

/** The frame of one message of a person under a model's chat template; without a template, its start tokens alone. */
export function frameOf({ tokenizer, chat }: AuditLanguage, system?: string): Frame {
	const { template, specialTokens = {}, startTokens = [] } = chat ?? {};
	const render = (content: string): string =>
		template === undefined
			? content
			: renderChat(
					template,
					[
						...(system === undefined ? [] : [{ role: 'system', content: system }]),
						{ role: 'user', content },
					],
					{ addGenerationPrompt: true, specialTokens },
				);
	const text = render(mark);
	const at = text.indexOf(mark);
	const start = template === undefined ? startTokens : [];
	const before = [...start, ...tokenizer.encode(text.slice(0, at))];
	const after = tokenizer.encode(text.slice(at + mark.length));
	return {
		before,
		after,
		write(prompt) {
			const whole = [...before, ...prompt, ...after];
			const again = [...start, ...tokenizer.encode(render(tokenizer.decode(prompt)))];
			return again.length === whole.length && again.every((id, i) => id === whole[i])
				? whole
				: undefined;
		},
	};
}

const known = new WeakMap<TextTokenizer, Promise<Int32Array>>();
/** Tokens encoded between two turns of the event loop. */
const atOnce = 2048;

/** Tokens whose text can be typed and comes back as the same token, ascending. */
export function sayableTokens(tokenizer: TextTokenizer): Promise<Int32Array> {
	const found = known.get(tokenizer) ?? list(tokenizer);
	known.set(tokenizer, found);
	return found;
}

async function list(tokenizer: TextTokenizer): Promise<Int32Array> {
	const ids: number[] = [];
	for (let id = 0; id < tokenizer.vocabularySize; id++) {
		if (id % atOnce === 0) await yieldToEventLoop();
		const text = tokenizer.decode([id]);
		if (text === '' || /\p{Cc}|\ufffd/u.test(text)) continue;
		const again = encoded(tokenizer, text);
		if (again.length === 1 && again[0] === id) ids.push(id);
	}
	return Int32Array.from(ids);
}

/** A tokenizer of characters refuses a text outside its alphabet. */
function encoded(tokenizer: TextTokenizer, text: string): readonly number[] {
	try {
		return tokenizer.encode(text);
	} catch {
		return [];
	}
}
