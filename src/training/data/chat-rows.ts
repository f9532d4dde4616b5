/**
 * @file Training rows as text and tokens with a loss mask: the assistant's messages, end marks included.
 *
 * The template renders the conversation up to each answer as in a chat, and the answer is the difference. So a model is
 * trained on exactly the prompts that it gets later.
 */
import {
	ChatTemplateError,
	renderChat,
	type ChatOptions,
	type TemplateMessage,
} from '#model/chat-template.ts';
import { noToken } from '#model/model-spec.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { Sample } from './sample.ts';
import type { TrainingRow, TrainingTurn } from './training-row.ts';

/** Character range, end exclusive. */
export type Span = readonly [from: number, to: number];

/** The text of a row with the spans that are trained on. */
export interface TrainedText {
	readonly text: string;
	/** In order, without overlap. */
	readonly spans: readonly Span[];
	/** Rendered by a template, which includes the model's start token. */
	readonly templated: boolean;
	/** False if the text ends with an answer without end mark, so that the end token must be added. */
	readonly ended: boolean;
}

/** Tokenizer and template of the model; as in `ModelSource`. */
export interface TrainedChat extends Pick<ChatOptions, 'specialTokens' | 'today' | 'variables'> {
	readonly template?: string | undefined;
}

/** Marks that end a turn in the templates of the families we run. */
const usualEnds = ['<|im_end|>', '<|eot_id|>', '<|eom_id|>', '<|endoftext|>', '</s>'];

/** Text and spans of a row; throws for messages if the model has no template. */
export function trainedSpans(row: TrainingRow, model: TrainedChat): TrainedText {
	const chat = row.variables
		? { ...model, variables: { ...model.variables, ...row.variables } }
		: model;
	const end = chat.specialTokens?.['eos_token'] ?? '';
	if ('messages' in row) return spansOfTurns(row.messages, 0, chat);
	if (typeof row.prompt !== 'string' || typeof row.completion !== 'string')
		return spansOfTurns(
			[...turnsOf(row.prompt), ...turnsOf(row.completion)],
			row.prompt.length,
			chat,
		);
	const answer = row.completion.endsWith(end) ? row.completion : row.completion + end;
	const text = row.prompt + answer;
	const spans: readonly Span[] = [[row.prompt.length, text.length]];
	return { text, spans, templated: false, ended: end !== '' };
}

const turnsOf = (turns: string | readonly TrainingTurn[]): readonly TrainingTurn[] =>
	typeof turns === 'string' ? [] : turns;

/** The message as the template sees it. */
const messageOf = ({ role, content, fields }: TrainingTurn): TemplateMessage => ({
	...fields,
	role,
	content,
});

function spansOfTurns(
	turns: readonly TrainingTurn[],
	first: number,
	chat: TrainedChat,
): TrainedText {
	const { template } = chat;
	if (template === undefined)
		throw new ChatTemplateError(
			'This model has no chat template, so it cannot learn from messages; give rows with a prompt and a completion as text.',
		);
	refuseUnwritableCalls(turns, template);
	const messages = turns.map(messageOf);
	const text = renderChat(template, messages, chat);
	const upTo = (count: number, addGenerationPrompt: boolean): string | undefined => {
		if (count === 0 && !addGenerationPrompt) return '';
		try {
			const part = renderChat(template, messages.slice(0, count), { ...chat, addGenerationPrompt });
			return text.startsWith(part) ? part : undefined;
		} catch (error) {
			// Some templates refuse a part of a conversation that they accept as a whole.
			if (error instanceof ChatTemplateError) return undefined;
			throw error;
		}
	};
	const ends = new Set([chat.specialTokens?.['eos_token'] ?? '', ...usualEnds]);
	ends.delete('');
	const spans: Span[] = [];
	let ended = true;
	turns.forEach(({ role, content, taught }, i) => {
		if (role !== 'assistant' || taught === false || i < first) return;
		const answer = content?.trim() ?? '';
		const floor = spans.at(-1)?.[1] ?? 0;
		const from =
			upTo(i, true)?.length ?? text.indexOf(answer, Math.max(floor, upTo(i, false)?.length ?? 0));
		const closed = upTo(i + 1, false)?.length;
		const limit = closed ?? text.length;
		const at = from < floor ? -1 : text.indexOf(answer, from);
		// A template may drop a part, such as earlier reasoning: then its first end mark is the end.
		const isWhole = answer !== '' && at >= 0 && at + answer.length <= limit;
		const mark = endOf(text, isWhole ? at + answer.length : from, limit, ends);
		// Without a mark, the text that closes the turn is the end.
		const to = mark ?? (isWhole ? closed : undefined) ?? at + answer.length;
		if (from < floor || to <= from || (to > limit && !isWhole))
			throw new ChatTemplateError(
				`The model’s chat template hides where answer ${i + 1} stands; give this row as a prompt and a completion of text.`,
			);
		spans.push([from, to]);
		ended = mark !== undefined || to < text.length;
	});
	return { text, spans, templated: true, ended };
}

/** Refuses tool calls that the template would leave out: the model would learn to say nothing in their place. */
function refuseUnwritableCalls(turns: readonly TrainingTurn[], template: string): void {
	const calls = turns.some(({ fields }) => {
		const value = fields?.['tool_calls'];
		return Array.isArray(value) && value.length > 0;
	});
	if (calls && !template.includes('tool_calls'))
		throw new ChatTemplateError(
			'A row calls tools, but this model’s chat template has no place for tool_calls; leave those rows out, write the calls as text of the answer, or take a model that calls tools.',
		);
}

/** End of the first end mark between two positions. */
function endOf(
	text: string,
	from: number,
	limit: number,
	ends: ReadonlySet<string>,
): number | undefined {
	const found = [...ends].flatMap((end) => {
		const at = text.indexOf(end, from);
		return at < 0 || at + end.length > limit ? [] : [at + end.length];
	});
	return found.length > 0 ? Math.min(...found) : undefined;
}

/**
 * The row as a sample. A token across a border is trained on at the start of an answer, since it holds a part of it, and
 * not at its end. `startTokens` precede a text without template.
 */
export function trainedTokens(
	{ text, spans, templated, ended }: TrainedText,
	tokenizer: TextTokenizer,
	startTokens: readonly number[] = [],
): Sample {
	const own = tokenizer.encode(text);
	const start = templated ? [] : startTokens;
	const end = ended || tokenizer.endToken === noToken ? [] : [tokenizer.endToken];
	const place = (at: number): number => {
		if (at === text.length) return own.length;
		const part = tokenizer.encode(text.slice(0, at));
		const differs = part.findIndex((token, i) => token !== own[i]);
		return differs < 0 ? part.length : differs;
	};
	const mask = [...start, ...own].map(() => 0);
	for (const [from, to] of spans)
		mask.fill(1, start.length + place(from), start.length + place(to));
	return { tokens: [...start, ...own, ...end], mask: [...mask, ...end.map(() => 1)] };
}
