/** @file A policy on ONNX Runtime: the model speaks and scores with whatever weights it was last given. */
import { derive, random } from '#base/random.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Adapter } from '#model/adapter.ts';
import { loopGraph, stepGraph } from '#model/graphs/decoding-graph.ts';
import { scoringGraph } from '#model/graphs/training-graph.ts';
import type { ModelSpec } from '#model/spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { vocabularyBytes } from '#model/token-bytes.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { Generation, GenerateOptions, PolicyEngine, Prompt, TokenPiece } from '../engine.ts';
import { tokenForms, type TokenForms } from '../forms/token-form.ts';
import { promptText, type Render } from '../prompt-text.ts';
import { leftPad, makeBatches } from './batch.ts';
import { conversation } from './conversation.ts';
import { runLimits } from './limits.ts';
import { decodeInLoop } from './loop-decoding.ts';
import { openAnswer, roomFor, type AnswerRoom } from './open-answer.ts';
import type { Stepper } from './prefill.ts';
import { promptQueue } from './prompt-queue.ts';
import { describeForm, packedSession, type PackedModel } from './packed-session.ts';
import type { SamplingOptions } from './sampling.ts';
import { scoreInChunks, scoreWhole } from './scoring.ts';
import { decodeBySteps, type Sequence } from './step-decoding.ts';
import { adaptiveSession, checkAdapter } from './weights.ts';

/** Rows and tokens of one run: about half a second on a slow core for the seedling, so an abort is felt. */
const limits = { size: 128, budget: 16_384 };

export interface OnnxEngineParts {
	readonly runtime: GraphRuntime;
	readonly spec: ModelSpec;
	/** F32, fed to the graphs; or packed, constants of the one graph. */
	readonly weights: TensorMap | PackedModel;
	readonly tokenizer: TextTokenizer;
	/** Tokens that end an answer; `spec.endToken` alone by default. */
	readonly endTokens?: readonly number[];
	/** Writes a chat as this model's template says; without it, messages are refused. */
	readonly render?: Render;
}

/** A prompt whose answer has room. */
interface Asked {
	/** Place in the caller's list. */
	readonly index: number;
	readonly tokens: readonly number[];
	readonly room: AnswerRoom;
}

type Named = Sequence & { readonly index: number };

const empty = (stopReason: 'context' | 'aborted'): Generation => ({
	text: '',
	tokens: [],
	logprobs: [],
	stopReason,
});

const samplingOf = (options: GenerateOptions): SamplingOptions => ({
	temperature: options.temperature ?? 0,
	topK: options.topK ?? 0,
	topP: options.topP ?? 1,
	minP: options.minP ?? 0,
	repetitionPenalty: options.repetitionPenalty ?? 1,
});

/** The loop graph knows a temperature and end tokens; all else needs a look between two tokens. */
const needsSteps = ({ stop = [], form, ...options }: GenerateOptions): boolean => {
	const { topK, topP, minP, repetitionPenalty } = samplingOf(options);
	const plain = topK === 0 && topP === 1 && minP === 0 && repetitionPenalty === 1;
	return !plain || stop.length > 0 || form !== undefined;
};

/** Opens a model that speaks; its graphs are opened when they are first needed. */
export function createOnnxEngine({
	runtime,
	spec,
	weights,
	tokenizer,
	endTokens = [spec.endToken],
	render,
}: OnnxEngineParts): PolicyEngine {
	const packed = 'store' in weights ? weights : undefined;
	const tensors: TensorMap = 'store' in weights ? new Map() : weights;
	const loop = (sampled: boolean) =>
		adaptiveSession(runtime, tensors, (p) => loopGraph(spec, p, 'merged', sampled, endTokens));
	const [greedy, tempered] = [loop(false), loop(true)];
	const stepwise = packed
		? packedSession(runtime, spec, packed)
		: adaptiveSession(runtime, tensors, (p) => stepGraph(spec, p));
	const scoring = adaptiveSession(runtime, tensors, (p) => scoringGraph(spec, p, 'merged', 1));
	const ends: ReadonlySet<number> = new Set(endTokens);
	const sizes = runLimits(spec, runtime.lanes);
	// Packed weights are in memory once: in the graph that steps.
	const once = packed ? { ...sizes, loops: false } : sizes;
	const spoken = conversation(spec);
	let adapter: Adapter | null = null;
	let forms: TokenForms | undefined;

	const stepper = async (signal?: AbortSignal): Promise<Stepper> => ({
		session: await stepwise.use(adapter),
		spec,
		limits: once,
		allocate: runtime.floats,
		signal,
	});
	/** The tokens of a prompt and the room for its answer; undefined where there is none. */
	const askedOf = (prompt: Prompt, index: number, maxTokens: number): Asked | undefined => {
		const tokens = tokenizer.encode(promptText(prompt, render));
		const room = roomFor(tokens.length, maxTokens, spec.contextLength);
		return room && { index, tokens, room };
	};
	const open = (
		{ index, tokens, room }: Asked,
		options: GenerateOptions,
		stream = false,
	): Named => {
		const { form, stop, repetitionPenalty, seed = 0 } = options;
		if (form) forms ??= tokenForms(vocabularyBytes(tokenizer), ...endTokens);
		return {
			index,
			prompt: tokens,
			answer: openAnswer(tokens, tokenizer, {
				stop,
				repetitionPenalty,
				form: form && forms?.open(form),
				endTokens: ends,
				room,
				stream,
			}),
			stream: random(derive(seed, index)),
		};
	};

	type Tell = (index: number, answer: Generation) => void;
	/** Answers token by token, a batch on each lane; an abort keeps what is there. */
	const answerBySteps = async (
		asked: readonly Asked[],
		options: GenerateOptions,
		tell: Tell,
	): Promise<void> => {
		const { signal } = options;
		const unfinished = new Map(asked.map((one) => [one.index, open(one, options)]));
		const finish = ({ index, answer }: Named): void => {
			if (unfinished.delete(index)) tell(index, answer.close(signal?.aborted ?? false).answer);
		};
		for (const sequence of unfinished.values()) if (sequence.answer.ended) finish(sequence);
		const queue = promptQueue([...unfinished.values()]);
		const longest = Math.max(0, ...asked.map(({ tokens, room }) => tokens.length + room.tokens));
		// Few prompts are still spread over the lanes.
		const spread = Math.ceil(queue.length / runtime.lanes);
		const size = Math.min(once.rows(longest), spread);
		const lane = async (): Promise<void> => {
			const running = await stepper(signal);
			for await (const steps of decodeBySteps(running, queue, size, samplingOf(options)))
				for (const { sequence } of steps) if (sequence.answer.ended) finish(sequence);
		};
		const lanes = Math.min(runtime.lanes, queue.length);
		try {
			await Promise.all(Array.from({ length: lanes }, lane));
		} catch (error) {
			queue.clear();
			if (!signal?.aborted) throw error;
		}
		[...unfinished.values()].forEach(finish);
	};
	/** Answers whole batches, each in one run. */
	const answerInLoop = async (
		asked: readonly Asked[],
		options: GenerateOptions,
		tell: Tell,
	): Promise<void> => {
		const { temperature = 0, seed = 0, signal } = options;
		const most = Math.max(0, ...asked.map(({ room }) => room.tokens));
		const batches = makeBatches(asked, most, { ...limits, lanes: runtime.lanes });
		const answer = async (rows: readonly Asked[]): Promise<void> => {
			const session = await (temperature > 0 ? tempered : greedy).use(adapter);
			const maxTokens = Math.max(...rows.map(({ room }) => room.tokens));
			const how = { maxTokens, temperature, seed, endTokens: ends };
			const decoded = await decodeInLoop(session, spec, leftPad(rows, spec.padToken), how, signal);
			rows.forEach(({ index, tokens, room }, b) => {
				const said = openAnswer(tokens, tokenizer, { endTokens: ends, room });
				const { tokens: drawn = [], logprobs = [] } = decoded[b] ?? {};
				drawn.forEach((token, i) => {
					if (!said.ended) said.take({ token, logprob: logprobs[i] ?? NaN });
				});
				tell(index, said.close(signal?.aborted ?? false).answer);
			});
		};
		await Promise.all(
			batches.map((rows) =>
				answer(rows).catch((error: unknown) => {
					if (!signal?.aborted) throw error;
					for (const { index } of rows) tell(index, empty('aborted'));
				}),
			),
		);
	};

	return {
		name: 'onnx',
		description: packed
			? `${runtime.description}, ${describeForm(spec, packed)}`
			: runtime.description,
		async generate(prompts, options) {
			const answers: Generation[] = prompts.map(() => empty('context'));
			const asked = prompts.flatMap(
				(prompt, index) => askedOf(prompt, index, options.maxTokens) ?? [],
			);
			let done = prompts.length - asked.length;
			const answer = !once.loops || needsSteps(options) ? answerBySteps : answerInLoop;
			await answer(asked, options, (index, generation) => {
				answers[index] = generation;
				options.onProgress?.(++done, prompts.length);
			});
			return answers;
		},
		async *stream(prompt, options): AsyncGenerator<TokenPiece, Generation> {
			const asked = askedOf(prompt, 0, options.maxTokens);
			if (!asked) return empty('context');
			const { signal } = options;
			const sequence = open(asked, options, true);
			const queue = promptQueue(
				sequence.answer.ended ? [] : [sequence],
				spoken.recall(adapter, asked.tokens),
			);
			const running = await stepper(signal);
			const keep = spoken.keeper(adapter);
			const steps = decodeBySteps(running, queue, 1, samplingOf(options), keep);
			try {
				for await (const [step] of steps) yield* step?.pieces ?? [];
			} catch (error) {
				if (!signal?.aborted) throw error;
			}
			const { pieces, answer } = sequence.answer.close(signal?.aborted ?? false);
			yield* pieces;
			return answer;
		},
		async score(pairs, options = {}) {
			const encoded = pairs.map(({ prompt, completion }, index) => {
				const before = promptText(prompt, render);
				const head = tokenizer.encode(before).length;
				return { index, head, tokens: tokenizer.encode(before + completion) };
			});
			const { signal } = options;
			if (!once.loops) return scoreInChunks(await stepper(signal), runtime.lanes, encoded);
			const session = await scoring.use(adapter);
			const results: Float32Array[] = pairs.map(() => new Float32Array(0));
			const batches = makeBatches(encoded, 0, { ...limits, lanes: runtime.lanes });
			await Promise.all(
				batches.map(async (rows) => {
					const scored = await scoreWhole(session, spec, rows, signal);
					rows.forEach(({ index }, b) => (results[index] = scored[b] ?? new Float32Array(0)));
				}),
			);
			return results;
		},
		setAdapter(next) {
			if (next) checkAdapter(spec, next);
			adapter = next;
			spoken.follow(next);
			return Promise.resolve();
		},
		async dispose() {
			spoken.follow(undefined);
			for (const session of [greedy, tempered, stepwise, scoring]) await session.release();
		},
	};
}
