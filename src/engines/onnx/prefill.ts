/** @file Many tokens at a time on top of what is cached: prompts before their answers, and texts to be scored. */
import {
	feedFloat,
	feedInt,
	floats,
	type Feeds,
	type GraphSession,
} from '#graph/runtime/runtime.ts';
import { cachedCausalMask, rotaryAngles } from '#model/graphs/masks.ts';
import { inverseFrequencies } from '#model/rope.ts';
import type { ModelSpec } from '#model/spec.ts';
import {
	assemble,
	extended,
	pastFeeds,
	rowsOf,
	type Allocate,
	type CachedTokens,
	type Past,
} from './key-value-cache.ts';
import type { RunLimits } from './limits.ts';

/** A session of `stepGraph` with weights bound to it. */
export interface Stepper {
	readonly session: GraphSession;
	readonly spec: ModelSpec;
	readonly limits: RunLimits;
	/** Memory for what is cached, which the session reads where it lies if the platform lets it. */
	readonly allocate: Allocate;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `ids` [B, T] on top of `past`. Logits are of the tokens at `rows` (places in the flat [B·T]), one V after the
 * other in the order of `rows`. The past that is given back takes the place of the given one.
 */
export async function runStep(
	{ session, spec, allocate, signal }: Stepper,
	past: Past,
	ids: Int32Array,
	rows: Int32Array,
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

/** A row's positions count from its first real token. */
function angles(spec: ModelSpec, padding: readonly number[], seen: number, steps: number): Feeds {
	if (!spec.rope.some(Boolean)) return {};
	const positions = padding.flatMap((pads) =>
		Array.from({ length: steps }, (_, i) => Math.max(0, seen + i - pads)),
	);
	const { cos, sin } = rotaryAngles(positions, inverseFrequencies(spec));
	const shape = [padding.length, steps, 1, spec.headSize / 2];
	return { cos: feedFloat(cos, shape), sin: feedFloat(sin, shape) };
}

/** Tokens to run, and from which of them on the logits are wanted. */
export interface PrefillRow {
	readonly tokens: readonly number[];
	readonly wantedFrom: number;
}

/**
 * Runs rows that all go on from `prefix`, in chunks between which an abort is heeded; gives what is cached of each row,
 * prefix included. `take` hears the logits [V] after token `at` of row `row`; they are only valid during the call.
 */
export async function prefill(
	stepper: Stepper,
	prefix: CachedTokens | null,
	rows: readonly PrefillRow[],
	take: (row: number, at: number, logits: Float32Array) => void,
): Promise<readonly CachedTokens[]> {
	const { spec, limits } = stepper;
	const V = spec.vocabularySize;
	const longest = Math.max(...rows.map(({ tokens }) => tokens.length));
	const columns = Math.max(1, Math.min(limits.columns, Math.floor(limits.chunk / rows.length)));
	let past = assemble(
		spec,
		rows.map(() => prefix),
		stepper.allocate,
	);
	for (let start = 0; start < longest; start += columns) {
		const steps = Math.min(columns, longest - start);
		// Padded on the right: what stands there is behind all that is wanted.
		const ids = new Int32Array(rows.length * steps).fill(spec.padToken);
		const wanted: { readonly row: number; readonly at: number; readonly place: number }[] = [];
		rows.forEach(({ tokens, wantedFrom }, row) => {
			ids.set(tokens.slice(start, start + steps), row * steps);
			const end = Math.min(tokens.length, start + steps);
			for (let at = Math.max(start, wantedFrom); at < end; at++)
				wanted.push({ row, at, place: row * steps + at - start });
		});
		// WebGPU takes no empty tensors.
		const places = wanted.length > 0 ? wanted.map(({ place }) => place) : [0];
		const { logits, past: after } = await runStep(stepper, past, ids, Int32Array.from(places));
		wanted.forEach(({ row, at }, i) => {
			take(row, at, logits.subarray(i * V, (i + 1) * V));
		});
		past = after;
	}
	const seen = prefix?.length ?? 0;
	return rowsOf(
		past,
		rows.map(({ tokens }) => seen + tokens.length),
	);
}
