/**
 * @file Engine over web-llm. Unlike engines that hold their weights, it answers prompts one after another, without token
 * ids, top-k, min-p or regular expressions.
 */
import type {
	ChatCompletionChunk,
	ChatCompletionMessageParam,
	Completion,
	MLCEngineInterface,
} from '@mlc-ai/web-llm';
import { derive } from '#base/random.ts';
import { nothing, whole } from '../endpoint/answer.ts';
import { unknownToken } from '../endpoint/reply.ts';
import {
	type Engine,
	type GenerateOptions,
	type Generation,
	type Message,
	type Prompt,
	type StopReason,
	type TokenPiece,
} from '../engine.ts';
import { BackendError } from '#base/backend-error.ts';
import { noBudget } from '../kv-cache/budget.ts';
import { findStop } from '../stop-text.ts';
import { isContext, webLlmFailure } from './failure.ts';

/** The used part of the package's engine, with a model loaded. */
export type WebLlm = Pick<
	MLCEngineInterface,
	'chatCompletion' | 'completion' | 'interruptGenerate' | 'unload'
>;

type Chunk = ChatCompletionChunk | Completion;

/** An engine over a loaded model; `lost` rejects when its worker dies. */
export function createWebLlmEngine(
	loaded: WebLlm,
	description: string,
	lost?: Promise<never>,
): Engine {
	/** Queue of requests: the package answers one at a time, and an abort would otherwise stop another request. */
	let before: Promise<unknown> = Promise.resolve();
	let closed = false;

	const orLost = <T>(work: Promise<T>): Promise<T> => (lost ? Promise.race([work, lost]) : work);

	async function* answer(
		prompt: Prompt,
		options: GenerateOptions,
		place: number,
	): AsyncGenerator<TokenPiece, Generation> {
		refuse(prompt, options, closed);
		const { signal } = options;
		if (signal?.aborted) return nothing('aborted');
		const turn = before;
		let release = (): void => undefined;
		before = new Promise<void>((resolve) => (release = resolve));
		const interrupt = (): void => {
			loaded.interruptGenerate();
		};
		const search = findStop<TokenPiece>(options.stop ?? []);
		const shown: TokenPiece[] = [];
		let finish: StopReason = 'stop';
		let chunks: AsyncIterator<Chunk> | undefined;
		try {
			await turn;
			if (signal?.aborted) return nothing('aborted');
			signal?.addEventListener('abort', interrupt, { once: true });
			chunks = (await orLost(ask(loaded, prompt, options, place)))[Symbol.asyncIterator]();
			for (;;) {
				const next = await orLost(chunks.next());
				if (next.done) {
					chunks = undefined;
					break;
				}
				const { piece, ended } = readChunk(next.value);
				finish = ended ?? finish;
				for (const ready of piece ? search.push(piece) : []) {
					if (signal?.aborted) break;
					shown.push(ready);
					yield ready;
				}
				if (signal?.aborted || search.stopped) break;
			}
		} catch (error) {
			if (isContext(error)) return nothing('context');
			if (!signal?.aborted) throw webLlmFailure(error);
		} finally {
			signal?.removeEventListener('abort', interrupt);
			// A started request must end before the next; it ends at its next token.
			if (chunks) {
				interrupt();
				await orLost(drain(chunks)).catch(() => undefined);
			}
			release();
		}
		if (signal?.aborted) return whole(shown, 'aborted');
		if (search.stopped) return whole(shown, 'stop');
		for (const piece of search.flush()) {
			shown.push(piece);
			yield piece;
		}
		return whole(shown, finish);
	}

	return {
		name: 'web-llm',
		description,
		async generate(prompts, options) {
			const answers: Generation[] = prompts.map(() => nothing('aborted'));
			for (const [place, prompt] of prompts.entries()) {
				if (options.signal?.aborted) break;
				const pieces = answer(prompt, options, place);
				for (;;) {
					const next = await pieces.next();
					if (!next.done) continue;
					answers[place] = next.value;
					break;
				}
				options.onProgress?.(place + 1, prompts.length);
			}
			return answers;
		},
		stream: (prompt, options) => answer(prompt, options, 0),
		dispose: async () => {
			if (closed) return;
			closed = true;
			loaded.interruptGenerate();
			await orLost(loaded.unload()).catch(() => undefined);
		},
	};
}

function refuse(prompt: Prompt, options: GenerateOptions, closed: boolean): void {
	const { topK = 0, minP = 0, form } = options;
	const fail = (message: string): never => {
		throw new BackendError('not-available', message);
	};
	if (closed) fail('This model was closed; open it again.');
	if (options.cache) throw noBudget('web-llm');
	if (topK > 0 || minP > 0)
		fail('web-llm draws by temperature and top-p only; leave out top-k and min-p.');
	if (form?.kind === 'expression')
		fail('web-llm takes no regular expressions; ask for a JSON schema.');
	if (form && typeof prompt === 'string')
		fail('web-llm keeps to a schema in chats only; ask with messages.');
}

async function ask(
	loaded: WebLlm,
	prompt: Prompt,
	options: GenerateOptions,
	place: number,
): Promise<AsyncIterable<Chunk>> {
	const { maxTokens, temperature = 0, topP = 1, repetitionPenalty = 1, form } = options;
	const shared = {
		stream: true,
		max_tokens: maxTokens,
		temperature,
		top_p: topP,
		repetition_penalty: repetitionPenalty,
		seed: derive(options.seed ?? 0, place) & 0x7fffffff,
		logprobs: true,
	} as const;
	if (typeof prompt === 'string') return await loaded.completion({ ...shared, prompt });
	return await loaded.chatCompletion({
		...shared,
		messages: prompt.map(paramOf),
		...(form?.kind === 'json-schema'
			? { response_format: { type: 'json_object', schema: JSON.stringify(form.schema) } }
			: {}),
	});
}

/** A message for the package. No tools are declared to the model, so tool output is sent as the user's. */
const paramOf = ({ role, content }: Message): ChatCompletionMessageParam => ({
	role: role === 'tool' ? 'user' : role,
	content,
});

/** A chunk is one token, or several if a character spans them: then it has no log-probability. */
function readChunk(chunk: Chunk): { readonly piece?: TokenPiece; readonly ended?: StopReason } {
	const [choice] = chunk.choices;
	if (!choice) return {};
	const text = 'delta' in choice ? (choice.delta.content ?? '') : choice.text;
	const [logged] = choice.logprobs?.content ?? [];
	const ended = choice.finish_reason;
	return {
		...(text === '' && !logged
			? {}
			: {
					piece: {
						token: unknownToken,
						text,
						logprob: logged?.token === text ? logged.logprob : NaN,
					},
				}),
		...(ended ? { ended: reasons[ended] ?? 'stop' } : {}),
	};
}

const reasons: Readonly<Record<string, StopReason>> = { length: 'length', abort: 'aborted' };

async function drain(chunks: AsyncIterator<Chunk>): Promise<void> {
	while (!(await chunks.next()).done);
}
