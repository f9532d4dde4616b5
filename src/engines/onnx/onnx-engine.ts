/** @file Policy engine on ONNX Runtime, over F32 or packed weights. */
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Adapter } from '#model/adapter.ts';
import { loopGraph, stepGraph } from '#model/graphs/decoding-graph.ts';
import { scoringGraph } from '#model/graphs/training-graph.ts';
import { parameterCount } from '#model/spec.ts';
import { fillToken, type ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import {
	answerAll,
	emptyAnswer,
	scoredRows,
	type Asked,
	type Language,
	type ReportAnswer,
} from '../decoding/prompts.ts';
import { runLimits } from '../decoding/limits.ts';
import { openAnswer } from '../decoding/open-answer.ts';
import { createStepEngine, samplingOf } from '../decoding/step-engine.ts';
import type { GenerateOptions, PolicyEngine, PolicyOptions } from '../engine.ts';
import { leftPad, makeBatches } from './batch.ts';
import { decodeInLoop } from './loop-decoding.ts';
import { onnxDecoder } from './onnx-decoder.ts';
import { describeForm, packedSession, type PackedModel } from './packed-session.ts';
import { scoreWhole } from './score-whole.ts';
import { adaptiveSession } from './weights.ts';

/** Rows and tokens of one run: about half a second on a slow core for a seedling, so an abort takes effect soon. */
const whole = { size: 128, budget: 16_384 };

export interface OnnxEngineParts extends Language {
	readonly runtime: GraphRuntime;
	/** F32 weights as feeds, or packed weights as constants of the one graph. */
	readonly weights: TensorMap | PackedModel;
}

/**
 * Can whole batches run in one graph run? Such a run cannot be aborted, and takes noise for the whole vocabulary at every
 * step.
 */
const isSmall = (spec: ModelSpec): boolean =>
	parameterCount(spec) <= 8e6 && spec.vocabularySize <= 2048;

/** Does decoding need a decision between two tokens? The loop graph supports only a temperature and end tokens. */
const needsSteps = ({ stop = [], form, grammars, cache, ...options }: PolicyOptions): boolean => {
	const { topK, topP, minP, repetitionPenalty } = samplingOf(options);
	const plain = topK === 0 && topP === 1 && minP === 0 && repetitionPenalty === 1;
	return (
		!plain || stop.length > 0 || cache !== undefined || form !== undefined || grammars !== undefined
	);
};

/** Opens an engine; its graphs are opened on first use. */
export function createOnnxEngine(parts: OnnxEngineParts): PolicyEngine {
	const { runtime, spec, weights, tokenizer, endTokens = [spec.endToken] } = parts;
	const { workers } = runtime;
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
	const limits = runLimits(spec, workers);
	// Packed weights are in memory once, in the step graph.
	const loops = !packed && isSmall(spec);
	let adapter: Adapter | null = null;

	const steps = createStepEngine({
		...parts,
		name: 'onnx',
		description: packed
			? `${runtime.description}, ${describeForm(spec, packed)}`
			: runtime.description,
		workers,
		use: async (wanted) => {
			const session = await stepwise.use(wanted);
			return onnxDecoder({ session, spec, limits, allocate: runtime.floats });
		},
		release: async () => {
			for (const session of [greedy, tempered, stepwise, scoring]) await session.release();
		},
	});

	/** Answers whole batches, one graph run each. */
	const answerInLoop = async (
		asked: readonly Asked[],
		options: GenerateOptions,
		report: ReportAnswer,
	): Promise<void> => {
		const { temperature = 0, seed = 0, signal } = options;
		const most = Math.max(0, ...asked.map(({ room }) => room.tokens));
		const batches = makeBatches(asked, most, { ...whole, workers });
		const answer = async (rows: readonly Asked[]): Promise<void> => {
			const session = await (temperature > 0 ? tempered : greedy).use(adapter);
			const maxTokens = Math.max(...rows.map(({ room }) => room.tokens));
			const how = { maxTokens, temperature, seed, endTokens: ends };
			const decoded = await decodeInLoop(
				session,
				spec,
				leftPad(rows, fillToken(spec)),
				how,
				signal,
			);
			rows.forEach(({ index, tokens, room }, b) => {
				const answer = openAnswer(tokens, tokenizer, { endTokens: ends, room });
				const { tokens: drawn = [], logprobs = [] } = decoded[b] ?? {};
				drawn.forEach((token, i) => {
					if (!answer.ended) answer.take({ token, logprob: logprobs[i] ?? NaN });
				});
				report(index, answer.close(signal?.aborted ?? false).answer);
			});
		};
		await Promise.all(
			batches.map((rows) =>
				answer(rows).catch((error: unknown) => {
					if (!signal?.aborted) throw error;
					for (const { index } of rows) report(index, emptyAnswer('aborted'));
				}),
			),
		);
	};

	return {
		...steps,
		generate: async (prompts, options) =>
			!loops || needsSteps(options)
				? steps.generate(prompts, options)
				: answerAll(parts, prompts, options, (queued, report) =>
						answerInLoop(queued, options, report),
					),
		async score(pairs, options = {}) {
			if (!loops) return steps.score(pairs, options);
			const rows = scoredRows(parts, pairs);
			const session = await scoring.use(adapter);
			const results: Float32Array[] = pairs.map(() => new Float32Array(0));
			const batches = makeBatches(rows, 0, { ...whole, workers });
			await Promise.all(
				batches.map(async (batch) => {
					const scored = await scoreWhole(session, spec, batch, options.signal);
					batch.forEach(({ index }, b) => (results[index] = scored[b] ?? new Float32Array(0)));
				}),
			);
			return results;
		},
		setAdapter(next) {
			const set = steps.setAdapter(next);
			adapter = next;
			return set;
		},
	};
}
