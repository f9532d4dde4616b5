/** @file A policy on ONNX Runtime: the model speaks and scores with whatever weights it was last given. */
import { derive, random } from '#base/random.ts';
import { feedFloat, feedInt, floats, type GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Adapter } from '#model/adapter.ts';
import { loopGraph, stepGraph } from '#model/graphs/decoding-graph.ts';
import { angleFeeds } from '#model/graphs/feeds.ts';
import { causalMask } from '#model/graphs/masks.ts';
import { scoringGraph } from '#model/graphs/training-graph.ts';
import type { ModelSpec } from '#model/spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { vocabularyBytes } from '#model/token-bytes.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type {
	Generation,
	GenerateOptions,
	PolicyEngine,
	StopReason,
	TokenPiece,
} from '../engine.ts';
import { tokenForms, type TokenForms } from '../forms/token-form.ts';
import { promptText, type Render } from '../prompt-text.ts';
import { leftPad, makeBatches, type Row } from './batch.ts';
import { decodeInLoop } from './loop-decoding.ts';
import { openAnswer } from './open-answer.ts';
import { decodeBySteps, type OpenRow } from './step-decoding.ts';
import { adaptiveSession, checkAdapter } from './weights.ts';

/** Rows and tokens of one run: about half a second on a slow core for the seedling, so an abort is felt. */
const limits = { size: 128, budget: 16_384 };

export interface OnnxEngineParts {
	readonly runtime: GraphRuntime;
	readonly spec: ModelSpec;
	readonly weights: TensorMap;
	readonly tokenizer: TextTokenizer;
	/** Writes a chat as this model's template says; without it, messages are refused. */
	readonly render?: Render;
}

export function createOnnxEngine({
	runtime,
	spec,
	weights,
	tokenizer,
	render,
}: OnnxEngineParts): PolicyEngine {
	const greedy = adaptiveSession(runtime, weights, (p) => loopGraph(spec, p, 'merged', false));
	const tempered = adaptiveSession(runtime, weights, (p) => loopGraph(spec, p, 'merged', true));
	const stepwise = adaptiveSession(runtime, weights, (p) => stepGraph(spec, p));
	const scoring = adaptiveSession(runtime, weights, (p) => scoringGraph(spec, p, 'merged', 1));
	let adapter: Adapter | null = null;
	let forms: TokenForms | undefined;

	const finish = (
		tokens: readonly number[],
		logprobs: readonly number[],
		aborted: boolean,
	): Generation => ({
		text: tokenizer.decode(tokens),
		tokens,
		logprobs,
		stopReason: tokens.at(-1) === spec.endToken ? 'stop' : aborted ? 'aborted' : 'length',
	});
	const empty = (stopReason: StopReason): Generation => ({
		text: '',
		tokens: [],
		logprobs: [],
		stopReason,
	});
	const samplingOf = (options: GenerateOptions) => ({
		maxTokens: options.maxTokens,
		temperature: options.temperature ?? 0,
		topK: options.topK ?? 0,
		topP: options.topP ?? 1,
		minP: options.minP ?? 0,
		repetitionPenalty: options.repetitionPenalty ?? 1,
	});
	/** The loop graph knows a temperature and an end token; all else needs a look between two tokens. */
	const needsSteps = ({ stop = [], form, ...options }: GenerateOptions): boolean => {
		const { topK, topP, minP, repetitionPenalty } = samplingOf(options);
		const plain = topK === 0 && topP === 1 && minP === 0 && repetitionPenalty === 1;
		return !plain || stop.length > 0 || form !== undefined;
	};
	const openRow = (row: Row, { form, ...options }: GenerateOptions, stream = false): OpenRow => {
		if (form) forms ??= tokenForms(vocabularyBytes(tokenizer), spec.endToken);
		return {
			answer: openAnswer(row.tokens, tokenizer, {
				...options,
				form: form && forms?.open(form),
				stream,
			}),
			stream: random(derive(options.seed ?? 0, row.index)),
		};
	};

	/** Answers token by token; an abort keeps what is there. */
	const answerBySteps = async (
		rows: readonly Row[],
		options: GenerateOptions,
	): Promise<readonly Generation[]> => {
		const batch = leftPad(rows, spec.padToken);
		const open = batch.rows.map((row) => openRow(row, options));
		const session = await stepwise.use(adapter);
		const steps = decodeBySteps(session, spec, batch, samplingOf(options), open, options.signal);
		try {
			for await (const _ of steps);
		} catch (error) {
			if (!options.signal?.aborted) throw error;
		}
		return open.map(({ answer }) => answer.close(options.signal?.aborted ?? false).answer);
	};
	const answerInLoop = async (
		rows: readonly Row[],
		options: GenerateOptions,
	): Promise<readonly Generation[]> => {
		const { maxTokens, temperature = 0, seed = 0, signal } = options;
		const session = await (temperature > 0 ? tempered : greedy).use(adapter);
		const batch = leftPad(rows, spec.padToken);
		const loop = { maxTokens, temperature, seed };
		try {
			const decoded = await decodeInLoop(session, spec, batch, loop, signal);
			return decoded.map((row) => finish(row.tokens, row.logprobs, signal?.aborted ?? false));
		} catch (error) {
			if (!signal?.aborted) throw error;
			return rows.map(() => empty('aborted'));
		}
	};

	return {
		name: 'onnx',
		description: runtime.description,
		async generate(prompts, options) {
			const answers: Generation[] = prompts.map(() => empty('aborted'));
			const rows: Row[] = [];
			prompts.forEach((prompt, index) => {
				const tokens = tokenizer.encode(promptText(prompt, render));
				if (tokens.length > 0 && tokens.length + options.maxTokens <= spec.contextLength)
					rows.push({ index, tokens });
				else answers[index] = empty('context');
			});
			let done = prompts.length - rows.length;
			const answer = needsSteps(options) ? answerBySteps : answerInLoop;
			const batches = makeBatches(rows, options.maxTokens, { ...limits, lanes: runtime.lanes });
			await Promise.all(
				batches.map(async (batch) => {
					const answered = await answer(batch, options);
					batch.forEach(({ index }, b) => (answers[index] = answered[b] ?? empty('aborted')));
					done += batch.length;
					options.onProgress?.(done, prompts.length);
				}),
			);
			return answers;
		},
		async *stream(prompt, options): AsyncGenerator<TokenPiece, Generation> {
			const tokens = tokenizer.encode(promptText(prompt, render));
			if (tokens.length === 0 || tokens.length + options.maxTokens > spec.contextLength)
				return empty('context');
			const row = { index: 0, tokens };
			const batch = leftPad([row], spec.padToken);
			const open = openRow(row, options, true);
			const session = await stepwise.use(adapter);
			const { signal } = options;
			const steps = decodeBySteps(session, spec, batch, samplingOf(options), [open], signal);
			try {
				for await (const [pieces = []] of steps) yield* pieces;
			} catch (error) {
				if (!signal?.aborted) throw error;
			}
			const { pieces, answer } = open.answer.close(signal?.aborted ?? false);
			yield* pieces;
			return answer;
		},
		async score(pairs, options = {}) {
			const session = await scoring.use(adapter);
			const encoded = pairs.map(({ prompt, completion }, index) => {
				const before = promptText(prompt, render);
				const head = tokenizer.encode(before).length;
				return { index, head, tokens: tokenizer.encode(before + completion) };
			});
			const results: Float32Array[] = pairs.map(() => new Float32Array(0));
			const batches = makeBatches(encoded, 0, { ...limits, lanes: runtime.lanes });
			await Promise.all(
				batches.map(async (rows) => {
					const length = Math.max(...rows.map((row) => row.tokens.length)) - 1;
					if (length < 1) return;
					const ids = new Int32Array(rows.length * length).fill(spec.padToken);
					const targets = ids.slice();
					rows.forEach((row, b) => {
						ids.set(row.tokens.slice(0, -1), b * length);
						targets.set(row.tokens.slice(1), b * length);
					});
					const outputs = await session.run(
						{
							ids: feedInt(ids, [rows.length, length]),
							targets: feedInt(targets, [targets.length]),
							mask: feedFloat(causalMask(length), [1, 1, length, length]),
							...angleFeeds(spec, length),
						},
						options.signal,
					);
					const logprobs = floats(outputs, 'logprobs');
					rows.forEach((row, b) => {
						const head = encoded[row.index]?.head ?? 0;
						const from = b * length;
						results[row.index] = logprobs.slice(
							from + Math.max(0, head - 1),
							from + row.tokens.length - 1,
						);
					});
				}),
			);
			return results;
		},
		setAdapter(next) {
			if (next) checkAdapter(spec, next);
			adapter = next;
			return Promise.resolve();
		},
		async dispose() {
			for (const session of [greedy, tempered, stepwise, scoring]) await session.release();
		},
	};
}
