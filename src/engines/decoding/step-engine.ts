/** @file Policy engine over any decoder: batching, prefix sharing, sampling and scoring. */
import type { Grammar } from '#base/answer-form.ts';
import type { KvType } from '#base/limits.ts';
import { BackendError } from '#base/backend-error.ts';
import { derive, random } from '#base/random.ts';
import type { Adapter } from '#model/adapter.ts';
import { vocabularyBytes } from '#model/tokenizers/token-bytes.ts';
import type {
	Generation,
	GenerateOptions,
	PolicyEngine,
	PolicyOptions,
	TokenPiece,
} from '../engine.ts';
import { tokenForms, type TokenForm, type TokenForms } from '../forms/token-form.ts';
import { checkAdapter } from './adapter-tensors.ts';
import {
	answerAll,
	askedOf,
	emptyAnswer,
	scoredRows,
	type Asked,
	type Language,
	type ReportAnswer,
} from './prompts.ts';
import { conversationCache } from './conversation-cache.ts';
import type { Decoder } from './decoder.ts';
import { noBudget } from '../kv-cache/budget.ts';
import type { KeptTokens } from '../kv-cache/compress.ts';
import { openAnswer } from './open-answer.ts';
import { promptQueue } from './prompt-queue.ts';
import type { SamplingOptions } from './sampling.ts';
import { scoreInChunks, scoreTokensInChunks } from './score-in-chunks.ts';
import { decodeBySteps, type Sequence } from './step-decoding.ts';

export interface StepEngineParts extends Language {
	readonly name: string;
	/** Description for people: `wasm, one thread, weights in blocks of 4 bits`. */
	readonly description: string;
	/** True if its decoders tell their attention, which a budget of the KV cache needs. */
	readonly takesBudget?: boolean;
	/** Number of batches that step at the same time; 1 by default. */
	readonly workers?: number;
	/**
	 * The decoder with this adapter bound, which fits the model, and KV caches of this type; called before each answer. If the adapter changes during
	 * an answer, the rest may come from either.
	 */
	use(adapter: Adapter | null, type?: KvType): Promise<Decoder>;
	/** Frees the model. */
	release(): Promise<void>;
}

type Named = Sequence & { readonly index: number };

/** Sampling options with defaults applied. */
export const samplingOf = (options: GenerateOptions): SamplingOptions => ({
	temperature: options.temperature ?? 0,
	topK: options.topK ?? 0,
	topP: options.topP ?? 1,
	minP: options.minP ?? 0,
	repetitionPenalty: options.repetitionPenalty ?? 1,
});

/** Opens an engine that decodes step by step. */
export function createStepEngine(parts: StepEngineParts): PolicyEngine {
	const { name, description, workers = 1, spec, tokenizer, endTokens = [spec.endToken] } = parts;
	const ends: ReadonlySet<number> = new Set(endTokens);
	const lastConversation = conversationCache(spec);
	let adapter: Adapter | null = null;
	let forms: TokenForms | undefined;

	/** A grammar among many that is too large to hold leaves its own answer free, and does not end the whole batch. */
	const opened = (form: Grammar, isOneOfMany: boolean): TokenForm | undefined => {
		try {
			return forms?.open(form);
		} catch (error) {
			if (isOneOfMany && error instanceof BackendError && error.code === 'not-available')
				return undefined;
			throw error;
		}
	};
	const open = (
		{ index, tokens, room, selection }: Asked,
		options: PolicyOptions,
		stream = false,
	): Named => {
		const { grammars, stop, repetitionPenalty, seed = 0 } = options;
		const wanted = grammars?.[index] ?? options.form;
		if (wanted) forms ??= tokenForms(vocabularyBytes(tokenizer), ...endTokens);
		return {
			index,
			prompt: tokens,
			selection,
			answer: openAnswer(tokens, tokenizer, {
				stop,
				repetitionPenalty,
				form: wanted && (() => opened(wanted, grammars !== undefined)),
				endTokens: ends,
				room,
				stream,
			}),
			stream: random(derive(seed, index)),
		};
	};

	/** The decoder; refuses a budget that it cannot keep, also where no prompt is long enough for it. */
	const use = async ({ cache }: PolicyOptions): Promise<Decoder> => {
		if (cache && !parts.takesBudget) throw noBudget('ONNX Runtime');
		return parts.use(adapter, cache?.type);
	};

	/** One batch per worker; an abort keeps the tokens so far. */
	const answer = async (
		asked: readonly Asked[],
		options: PolicyOptions,
		report: ReportAnswer,
	): Promise<void> => {
		const { signal } = options;
		const unfinished = new Map(asked.map((one) => [one.index, open(one, options)]));
		const finish = (sequence: Named): void => {
			if (!unfinished.delete(sequence.index)) return;
			report(sequence.index, sequence.answer.close(signal?.aborted ?? false).answer);
		};
		for (const sequence of unfinished.values()) if (sequence.answer.ended) finish(sequence);
		const queue = promptQueue([...unfinished.values()]);
		const longest = Math.max(
			0,
			...asked.map(
				({ tokens, room, selection }) => (selection?.budget ?? tokens.length) + room.tokens,
			),
		);
		// A short queue is still spread over the workers.
		const spread = Math.ceil(queue.length / workers);
		const sampling = samplingOf(options);
		const worker = async (): Promise<void> => {
			const decoder = await use(options);
			const size = Math.min(decoder.limits.rows(longest), spread);
			for await (const steps of decodeBySteps(decoder, queue, size, sampling, { signal }))
				for (const { sequence } of steps) if (sequence.answer.ended) finish(sequence);
		};
		try {
			await Promise.all(Array.from({ length: Math.min(workers, queue.length) }, worker));
		} catch (error) {
			queue.clear();
			if (!signal?.aborted) throw error;
		}
		[...unfinished.values()].forEach(finish);
	};

	return {
		name,
		description,
		takesBudget: parts.takesBudget ?? false,
		generate: async (prompts, options) =>
			answerAll(parts, prompts, options, (asked, report) => answer(asked, options, report)),
		async *stream(prompt, options): AsyncGenerator<TokenPiece, Generation> {
			const asked = askedOf(parts, prompt, 0, options);
			if (!asked) return emptyAnswer('context');
			const { signal } = options;
			const sequence = open(asked, options, true);
			const queue = promptQueue(
				sequence.answer.ended ? [] : [sequence],
				lastConversation.recall(adapter, asked.tokens, options.cache?.type),
				lastConversation.keeps(asked.tokens.length, options.cache?.type),
			);
			const decoder = await use(options);
			const leave = lastConversation.keeper(adapter, options.cache?.type);
			const steps = decodeBySteps(decoder, queue, 1, samplingOf(options), { signal, leave });
			let kept: KeptTokens | undefined;
			try {
				for await (const [step] of steps) {
					kept ??= step?.kept;
					yield* step?.pieces ?? [];
				}
			} catch (error) {
				if (!signal?.aborted) throw error;
			}
			const { pieces, answer } = sequence.answer.close(signal?.aborted ?? false);
			yield* pieces;
			return { ...answer, promptTokens: asked.tokens, ...(kept && { kept }) };
		},
		async score(pairs, { signal } = {}) {
			const rows = scoredRows(parts, pairs);
			return scoreInChunks(await parts.use(adapter), workers, rows, signal);
		},
		scoreTokens: async (rows, { likeliest = 1, signal } = {}) =>
			scoreTokensInChunks(await parts.use(adapter), workers, rows, likeliest, signal),
		setAdapter(next) {
			if (next) checkAdapter(spec, next);
			adapter = next;
			lastConversation.follow(next);
			return Promise.resolve();
		},
		async dispose() {
			lastConversation.follow(undefined);
			await parts.release();
		},
	};
}
