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
import type { TextTokenizer } from '#model/tokenizer.ts';
import type {
	Generation,
	GenerateOptions,
	PolicyEngine,
	StopReason,
	TokenPiece,
} from '../engine.ts';
import { leftPad, makeBatches, type LeftPadded, type Row } from './batch.ts';
import { decodeInLoop, type Decoded } from './loop-decoding.ts';
import { decodeBySteps } from './step-decoding.ts';
import { adaptiveSession, checkAdapter } from './weights.ts';

/** Rows and tokens of one run: about half a second on a slow core for the seedling, so an abort is felt. */
const limits = { size: 128, budget: 16_384 };

export interface OnnxEngineParts {
	readonly runtime: GraphRuntime;
	readonly spec: ModelSpec;
	readonly weights: TensorMap;
	readonly tokenizer: TextTokenizer;
}

export function createOnnxEngine({
	runtime,
	spec,
	weights,
	tokenizer,
}: OnnxEngineParts): PolicyEngine {
	const greedy = adaptiveSession(runtime, weights, (p) => loopGraph(spec, p, 'merged', false));
	const tempered = adaptiveSession(runtime, weights, (p) => loopGraph(spec, p, 'merged', true));
	const stepwise = adaptiveSession(runtime, weights, (p) => stepGraph(spec, p));
	const scoring = adaptiveSession(runtime, weights, (p) => scoringGraph(spec, p, 'merged', 1));
	let adapter: Adapter | null = null;

	const finish = (tokens: number[], logprobs: number[], aborted: boolean): Generation => ({
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
	});
	const streamOf = (options: GenerateOptions, index: number) =>
		random(derive(options.seed ?? 0, index));

	/** Steps of a batch gathered; an abort keeps what is there. */
	const gather = async (batch: LeftPadded, options: GenerateOptions): Promise<Decoded> => {
		const session = await stepwise.use(adapter);
		const rows = batch.rows.map(() => ({ tokens: [] as number[], logprobs: [] as number[] }));
		const streams = batch.rows.map((row) => streamOf(options, row.index));
		for await (const chosen of decodeBySteps(
			session,
			spec,
			batch,
			samplingOf(options),
			streams,
			options.signal,
		))
			chosen.forEach((next, b) => {
				if (!next) return;
				rows[b]?.tokens.push(next.token);
				rows[b]?.logprobs.push(next.logprob);
			});
		return rows;
	};
	const decode = async (rows: readonly Row[], options: GenerateOptions): Promise<Decoded> => {
		const batch = leftPad(rows, spec.padToken);
		const { temperature, topK, topP, maxTokens } = samplingOf(options);
		if (topK > 0 || topP < 1) return gather(batch, options);
		const session = await (temperature > 0 ? tempered : greedy).use(adapter);
		return decodeInLoop(
			session,
			spec,
			batch,
			{ maxTokens, temperature, seed: options.seed ?? 0 },
			options.signal,
		);
	};

	return {
		name: 'onnx',
		description: runtime.description,
		async generate(prompts, options) {
			const answers: Generation[] = prompts.map(() => empty('aborted'));
			const rows: Row[] = [];
			prompts.forEach((prompt, index) => {
				const tokens = tokenizer.encode(prompt);
				if (tokens.length > 0 && tokens.length + options.maxTokens <= spec.contextLength)
					rows.push({ index, tokens });
				else answers[index] = empty('context');
			});
			let done = prompts.length - rows.length;
			const batches = makeBatches(rows, options.maxTokens, { ...limits, lanes: runtime.lanes });
			await Promise.all(
				batches.map(async (batch) => {
					try {
						const decoded = await decode(batch, options);
						decoded.forEach(({ tokens, logprobs }, b) => {
							const index = batch[b]?.index ?? 0;
							answers[index] = finish(tokens, logprobs, options.signal?.aborted ?? false);
						});
					} catch (error) {
						if (!options.signal?.aborted) throw error;
					}
					done += batch.length;
					options.onProgress?.(done, prompts.length);
				}),
			);
			return answers;
		},
		async *stream(prompt, options): AsyncGenerator<TokenPiece, Generation> {
			const tokens = tokenizer.encode(prompt);
			if (tokens.length === 0 || tokens.length + options.maxTokens > spec.contextLength)
				return empty('context');
			const batch = leftPad([{ index: 0, tokens }], spec.padToken);
			const session = await stepwise.use(adapter);
			const made: number[] = [];
			const logprobs: number[] = [];
			const streams = [streamOf(options, 0)];
			for await (const [next] of decodeBySteps(
				session,
				spec,
				batch,
				samplingOf(options),
				streams,
				options.signal,
			)) {
				if (!next) break;
				// Text so far minus text before: a token may be a part of a character.
				const before = tokenizer.decode(made).length;
				made.push(next.token);
				logprobs.push(next.logprob);
				yield {
					token: next.token,
					text: tokenizer.decode(made).slice(before),
					logprob: next.logprob,
				};
			}
			return finish(made, logprobs, options.signal?.aborted ?? false);
		},
		async score(pairs, options = {}) {
			const session = await scoring.use(adapter);
			const encoded = pairs.map(({ prompt, completion }, index) => {
				const head = tokenizer.encode(prompt).length;
				return { index, head, tokens: tokenizer.encode(prompt + completion) };
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
