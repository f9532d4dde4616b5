/**
 * @file Continuous batching with a KV cache: when an answer ends, the next prompt takes its slot, so that a worker never
 * waits for its longest answer. Streaming is a batch of one.
 */
import type { Random } from '#base/random.ts';
import type { TokenPiece } from '../engine.ts';
import type { CachedTokens } from './cached-tokens.ts';
import type { Decoder } from './decoder.ts';
import type { OpenAnswer } from './open-answer.ts';
import type { KeptTokens } from '../kv-cache/compress.ts';
import type { Selection } from '../kv-cache/select.ts';
import type { PromptQueue } from './prompt-queue.ts';
import { sample, type SamplingOptions } from './sampling.ts';

/** One prompt with its answer so far and its random stream. */
export interface Sequence {
	readonly prompt: readonly number[];
	readonly answer: OpenAnswer;
	readonly stream: Random;
	readonly selection?: Selection | undefined;
}

/** A sequence after a token, with the pieces whose text became final. */
export interface Step<S extends Sequence> {
	readonly sequence: S;
	readonly pieces: readonly TokenPiece[];
	/** With the first token of a compressed prompt: what is left in its KV cache. */
	readonly kept?: KeptTokens;
}

/** A sequence in the batch, or about to join it. */
interface Row<S extends Sequence> {
	readonly sequence: S;
	/** Its slot in the batch; before it joins, the KV cache of its prompt. */
	readonly held: number | CachedTokens;
	/** Tokens in the KV cache. */
	readonly tokens: number[];
	/** Sampled, but not yet run. */
	readonly next: number;
	/** The KV cache of the prompt before it was compressed, if anybody may want it. */
	readonly whole: CachedTokens | undefined;
}

/**
 * Receives the cached tokens of a sequence, all of them: of a compressed one those of the prompt, or none. `cached` may copy,
 * so call it only if needed.
 */
export type Leave<S extends Sequence> = (
	sequence: S,
	tokens: readonly number[],
	cached: () => CachedTokens,
) => void;

/**
 * Answers a queue with at most `size` rows at a time on one worker. `leave` is called for a row when it ends or decoding
 * stops.
 */
export async function* decodeBySteps<S extends Sequence>(
	decoder: Decoder,
	queue: PromptQueue<S>,
	size: number,
	sampling: SamplingOptions,
	{
		signal,
		leave,
	}: {
		readonly signal?: AbortSignal | undefined;
		readonly leave?: Leave<S>;
	} = {},
): AsyncGenerator<readonly Step<S>[], void> {
	const V = decoder.spec.vocabularySize;
	const batch = decoder.batch();
	let rows: readonly Row<S>[] = [];

	/** Samples the next token of a row. */
	const sampleNext = (
		{ sequence, held, tokens, whole }: Omit<Row<S>, 'next'>,
		logits: Float32Array,
	): { readonly row: Row<S>; readonly step: Step<S> } => {
		const { answer, stream } = sequence;
		const choice = sample(logits, sampling, stream, answer.limits());
		return {
			row: { sequence, held, tokens, whole, next: choice.token },
			step: { sequence, pieces: answer.take(choice) },
		};
	};
	const leaveBatch = ({ sequence, held, tokens, whole }: Row<S>): void => {
		if (sequence.selection) {
			if (whole) leave?.(sequence, sequence.prompt, () => whole);
			return;
		}
		leave?.(sequence, tokens, () => (typeof held === 'number' ? batch.cached(held) : held));
	};
	/** Drops finished rows. */
	const settle = (now: readonly Row<S>[]): void => {
		rows = now.filter(({ sequence }) => !sequence.answer.ended);
		for (const row of now) if (row.sequence.answer.ended) leaveBatch(row);
	};
	/** Rows already in the batch precede those that join, so their order stays. */
	const arrange = (): void => {
		const held = rows.map((row) => row.held);
		batch.arrange(
			held.filter((place) => typeof place === 'number'),
			held.filter((cache) => typeof cache !== 'number'),
		);
		rows = rows.map((row, place) => ({ ...row, held: place }));
	};

	try {
		while (!signal?.aborted) {
			if (rows.length < size && queue.length > 0) {
				const entering = await queue.take(decoder, size - rows.length, signal);
				const stepped = entering.map(({ item, prompt: { cache, logits, whole, kept } }) => {
					const begun = { sequence: item, held: cache, tokens: [...item.prompt], whole };
					const { row, step } = sampleNext(begun, logits);
					return { row, step: { ...step, ...(kept && { kept }) } };
				});
				settle([...rows, ...stepped.map(({ row }) => row)]);
				yield stepped.map(({ step }) => step);
				continue;
			}
			if (rows.length === 0) return;
			arrange();
			const ids = Int32Array.from(rows, ({ next }) => next);
			const logits = await batch.step(ids, signal);
			const stepped = rows.map((row, b) => {
				row.tokens.push(row.next);
				return sampleNext(row, logits.subarray(b * V, (b + 1) * V));
			});
			settle(stepped.map(({ row }) => row));
			yield stepped.map(({ step }) => step);
		}
	} finally {
		try {
			rows.forEach(leaveBatch);
		} finally {
			batch.close();
		}
	}
}
