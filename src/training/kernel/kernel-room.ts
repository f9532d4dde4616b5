/** @file Activation memory in the kernel for one training run. */
import * as Learn from '#kernel/assembly/layout/learn.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { rotaryAngles } from '#model/graphs/masks.ts';
import { inverseFrequencies } from '#model/rope.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { whole, type Holding, type LearningModel } from './kernel-weights.ts';

export interface Room {
	readonly held: Holding;
	readonly tokens: number;
	readonly longest: number;
	readonly ids: number;
	readonly sequences: number;
}

/** Strides of the token tables in numbers. */
export function stridesOf(spec: ModelSpec) {
	const hidden = whole(spec.hiddenSize);
	const query = whole(spec.heads * spec.headSize);
	const key = whole(spec.keyValueHeads * spec.headSize);
	const inner = whole(spec.intermediateSize);
	const of = new Map<number, number>();
	const all = [
		[hidden, [Learn.x, Learn.y, Learn.middle, Learn.normed, Learn.dy, Learn.dNormed]],
		[query, [Learn.queries, Learn.rotatedQueries, Learn.mixed, Learn.dMixed, Learn.dQueries]],
		[key, [Learn.keys, Learn.rotatedKeys, Learn.values, Learn.dKeys, Learn.dValues]],
		[inner, [Learn.gate, Learn.up, Learn.gated, Learn.dInner]],
	] as const;
	for (const [stride, places] of all) for (const place of places) of.set(place, stride);
	return { hidden, query, key, inner, logits: whole(spec.vocabularySize), of };
}

/** Allocates tables for `tokens` rows in sequences of up to `longest`; sets the addresses in the modules' tables. */
export function makeRoom(
	{ heap, threads }: Kernel,
	held: Holding,
	spec: ModelSpec,
	model: LearningModel,
	strides: ReturnType<typeof stridesOf>,
	tokens: number,
	longest: number,
	put: (place: number, value: number) => void,
): Room {
	// Products read four rows at a time, and eight columns.
	const table = (stride: number): number => held.take(4 * ((tokens + 4) * stride + 8));
	for (const [place, stride] of strides.of) put(place, table(stride));
	const room = {
		held,
		tokens,
		longest,
		ids: held.take(4 * tokens),
		sequences: held.take(Learn.sequenceBytes * tokens),
	};
	put(Learn.sequenceTable, room.sequences);
	const scores = whole(longest);
	const product = 32 * 4 * (Learn.depth + 8 + model.rank);
	// Keys, values and their gradients of one group, the former also transposed; two blocks of scores.
	const attention = 4 * (scores * (6 * spec.headSize + 2 * (Learn.scoreRows + 4)) + 8);
	const each = 64 * Math.ceil(Math.max(product, attention) / 64);
	put(Learn.scoresStride, scores);
	put(Learn.roomBytes, each);
	put(Learn.room, held.take(threads * each));
	if (spec.rope.some(Boolean)) {
		const positions = Array.from({ length: longest }, (_, i) => i);
		const { cos, sin } = rotaryAngles(positions, inverseFrequencies(spec));
		for (const [place, values] of [
			[Learn.cosines, cos],
			[Learn.sines, sin],
		] as const) {
			const at = held.take(4 * values.length);
			new Float32Array(heap.memory.buffer, at).set(values);
			put(place, at);
		}
	}
	const sums = model.linears(0).map(() => [table(model.rank), table(model.rank)] as const);
	const words = new Uint32Array(heap.memory.buffer);
	for (let layer = 0; layer < spec.layers; layer++)
		model.linears(layer).forEach((at, i) => {
			const [z = 0, dz = 0] = sums[i] ?? [];
			words[(at + Learn.linearZ) / 4] = z;
			words[(at + Learn.linearDz) / 4] = dz;
		});
	return room;
}
