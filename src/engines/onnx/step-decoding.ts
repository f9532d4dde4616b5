/**
 * @file Token by token with a key-value cache: any model, any sampling. When an answer ends, the next prompt takes its
 * place, so that a lane never waits for its longest answer; streaming is a batch of one.
 */
import type { Random } from '#base/random.ts';
import type { TokenPiece } from '../engine.ts';
import { assemble, roomToStep, rowsOf, type CachedTokens, type Past } from './key-value-cache.ts';
import type { OpenAnswer } from './open-answer.ts';
import { runStep, type Stepper } from './prefill.ts';
import type { KnownTokens, PromptQueue } from './prompt-queue.ts';
import { sample, type SamplingOptions } from './sampling.ts';

/** One prompt with its answer so far, and the chance it draws from. */
export interface Sequence {
	readonly prompt: readonly number[];
	readonly answer: OpenAnswer;
	readonly stream: Random;
}

/** A sequence that was given a token, and the pieces that are settled by it. */
export interface Step<S extends Sequence> {
	readonly sequence: S;
	readonly pieces: readonly TokenPiece[];
}

/** A sequence in the batch. */
interface Row<S extends Sequence> {
	readonly sequence: S;
	/** What is cached, and of which tokens. */
	readonly cache: CachedTokens;
	readonly tokens: number[];
	/** Said, but not yet run. */
	readonly next: number;
}

/**
 * Answers a queue with at most `size` rows at a time on one lane. `leave` hears what is cached of a row when it ends or
 * the work is given up.
 */
export async function* decodeBySteps<S extends Sequence>(
	stepper: Stepper,
	queue: PromptQueue<S>,
	size: number,
	options: SamplingOptions,
	leave?: (sequence: S, known: KnownTokens) => void,
): AsyncGenerator<readonly Step<S>[], void> {
	const { spec, signal } = stepper;
	const V = spec.vocabularySize;
	let rows: readonly Row<S>[] = [];
	let past: Past | undefined;

	/** Draws the token after `cache`. */
	const say = (
		sequence: S,
		cache: CachedTokens,
		tokens: number[],
		logits: Float32Array,
	): { readonly row: Row<S>; readonly step: Step<S> } => {
		const { answer, stream } = sequence;
		const choice = sample(logits, options, stream, answer.limits());
		return {
			row: { sequence, cache, tokens, next: choice.token },
			step: { sequence, pieces: answer.take(choice) },
		};
	};
	/** Keeps the rows that go on. */
	const settle = (now: readonly Row<S>[]): void => {
		const open = now.filter(({ sequence }) => !sequence.answer.ended);
		if (open.length < now.length) past = undefined;
		rows = open;
		for (const row of now) if (row.sequence.answer.ended) leave?.(row.sequence, row);
	};

	try {
		while (!signal?.aborted) {
			if (rows.length < size && queue.length > 0) {
				const entering = await queue.take(stepper, size - rows.length);
				const said = entering.map(({ item, prompt }) =>
					say(item, prompt.cache, [...item.prompt], prompt.logits),
				);
				past = undefined;
				settle([...rows, ...said.map(({ row }) => row)]);
				yield said.map(({ step }) => step);
				continue;
			}
			if (rows.length === 0) return;
			past ??= assemble(
				spec,
				rows.map(({ cache }) => cache),
				stepper.allocate,
				roomToStep,
			);
			const ids = Int32Array.from(rows, ({ next }) => next);
			const ran = await runStep(stepper, past, ids, Int32Array.from(rows.keys()));
			past = ran.past;
			const caches = rowsOf(past);
			const said = rows.map(({ sequence, cache, tokens, next }, b) => {
				tokens.push(next);
				return say(sequence, caches[b] ?? cache, tokens, ran.logits.subarray(b * V, (b + 1) * V));
			});
			settle(said.map(({ row }) => row));
			yield said.map(({ step }) => step);
		}
	} finally {
		for (const row of rows) leave?.(row.sequence, row);
	}
}
