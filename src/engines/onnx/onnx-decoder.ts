/**
 * @file Decoder on a session of `stepGraph`: chunked prefill, then one token of each row per step, on top of the KV
 * cache.
 */
import {
	feedFloat,
	feedInt,
	floats,
	type Feeds,
	type GraphSession,
} from '#graph/runtime/runtime.ts';
import { cachedCausalMask, rotaryAngles } from '#model/graphs/masks.ts';
import { inverseFrequencies } from '#model/rope.ts';
import { fillToken, type ModelSpec } from '#model/model-spec.ts';
import type { Decoder, DecodingBatch, PrefillRow, TakeLogits } from '../decoding/decoder.ts';
import type { CachedTokens } from '../decoding/cached-tokens.ts';
import type { RunLimits } from '../decoding/limits.ts';
import {
	assemble,
	extended,
	pastFeeds,
	roomToStep,
	rowsOf,
	type Allocate,
	type Past,
} from './key-value-cache.ts';

export interface OnnxDecoderParts {
	/** A session of `stepGraph` with weights bound to it. */
	readonly session: GraphSession;
	readonly spec: ModelSpec;
	readonly limits: RunLimits;
	/** Allocator of the KV cache; shared with the session's worker if the platform allows. */
	readonly allocate: Allocate;
}

/** Decoder whose KV cache is in ordinary memory. */
export const onnxDecoder = (parts: OnnxDecoderParts): Decoder => ({
	spec: parts.spec,
	limits: parts.limits,
	prefill: (...asked) => prefill(parts, ...asked),
	batch: () => openBatch(parts),
});

/** Rows in one cache, which is rebuilt when rows join or leave. */
function openBatch(parts: OnnxDecoderParts): DecodingBatch {
	let past: Past | undefined;
	const rowAt = (place: number): CachedTokens => {
		const row = past && rowsOf(past)[place];
		if (!row) throw new Error(`the batch has no row ${place}`);
		return row;
	};
	return {
		arrange: (stay, join) => {
			const size = past?.padding.length ?? 0;
			// Indices ascend, so as many as there are rows are all of them.
			if (join.length === 0 && stay.length === size) return;
			const rows = [...stay.map(rowAt), ...join];
			past = rows.length > 0 ? assemble(parts.spec, rows, parts.allocate, roomToStep) : undefined;
		},
		step: async (ids, signal) => {
			if (ids.length !== past?.padding.length)
				throw new Error(`${ids.length} tokens for a batch of ${past?.padding.length ?? 0} rows`);
			const ran = await runStep(parts, past, ids, Int32Array.from(ids.keys()), signal);
			past = ran.past;
			return ran.logits;
		},
		cached: rowAt,
		close: () => {
			past = undefined;
		},
	};
}

/**
 * Runs `ids` [B, T] on top of `past`. Logits are of the tokens at `rows` (indices in the flat [B·T]), [V] each, in the
 * order of `rows`. The returned cache replaces the given one.
 */
async function runStep(
	{ session, spec, allocate }: OnnxDecoderParts,
	past: Past,
	ids: Int32Array,
	rows: Int32Array,
	signal: AbortSignal | undefined,
): Promise<{ readonly logits: Float32Array; readonly past: Past }> {
	const { padding, slots, capacity } = past;
	const size = padding.length;
	const steps = ids.length / size;
	const outputs = await session.run(
		{
			...pastFeeds(spec, past),
			ids: feedInt(ids, [size, steps]),
			mask: feedFloat(cachedCausalMask(padding, slots, steps, capacity), [
				size,
				1,
				steps,
				capacity + steps,
			]),
			rows: feedInt(rows, [rows.length]),
			...angles(spec, padding, slots, steps),
		},
		signal,
	);
	return {
		logits: floats(outputs, 'logits'),
		past: extended(spec, past, outputs, steps, allocate),
	};
}

/** Rotary angles, with positions counted from a row's first real token. */
function angles(spec: ModelSpec, padding: readonly number[], seen: number, steps: number): Feeds {
	if (!spec.rope.some(Boolean)) return {};
	const positions = padding.flatMap((pads) =>
		Array.from({ length: steps }, (_, i) => Math.max(0, seen + i - pads)),
	);
	const { cos, sin } = rotaryAngles(positions, inverseFrequencies(spec));
	const shape = [padding.length, steps, 1, spec.headSize / 2];
	return { cos: feedFloat(cos, shape), sin: feedFloat(sin, shape) };
}

/** Prefills rows on a common prefix, in chunks. */
async function prefill(
	parts: OnnxDecoderParts,
	prefix: CachedTokens | null,
	rows: readonly PrefillRow[],
	take: TakeLogits,
	signal?: AbortSignal,
): Promise<readonly CachedTokens[]> {
	const { spec, limits } = parts;
	const V = spec.vocabularySize;
	const longest = Math.max(...rows.map(({ tokens }) => tokens.length));
	const columns = Math.max(1, Math.min(limits.columns, Math.floor(limits.chunk / rows.length)));
	let past = assemble(
		spec,
		rows.map(() => prefix),
		parts.allocate,
	);
	for (let start = 0; start < longest; start += columns) {
		const steps = Math.min(columns, longest - start);
		// Padded on the right, after all tokens whose logits are returned.
		const ids = new Int32Array(rows.length * steps).fill(fillToken(spec));
		const wanted: { readonly row: number; readonly at: number; readonly place: number }[] = [];
		rows.forEach(({ tokens, wantedFrom }, row) => {
			ids.set(tokens.slice(start, start + steps), row * steps);
			const end = Math.min(tokens.length, start + steps);
			for (let at = Math.max(start, wantedFrom); at < end; at++)
				wanted.push({ row, at, place: row * steps + at - start });
		});
		// WebGPU takes no empty tensors.
		const places = wanted.length > 0 ? wanted.map(({ place }) => place) : [0];
		const ran = await runStep(parts, past, ids, Int32Array.from(places), signal);
		wanted.forEach(({ row, at }, i) => {
			take(row, at, ran.logits.subarray(i * V, (i + 1) * V));
		});
		past = ran.past;
	}
	const seen = prefix?.length ?? 0;
	return rowsOf(
		past,
		rows.map(({ tokens }) => seen + tokens.length),
	);
}
