/** @file A part of an optimizer, such as clipping or AdamW, and the chain of several. */
import type { Tensor, TensorMap } from '#model/tensor.ts';

/** One step on its way through the parts. */
export interface Update {
	/** Counts from 1. */
	readonly step: number;
	readonly learningRate: number;
	/** Before the step, nats. */
	readonly loss: number;
	/** Written in place by the part that moves them. */
	readonly parameters: TensorMap;
	/** By parameter; times `factor / normaliser` they are the gradient of the loss. */
	readonly gradients: ReadonlyMap<string, Float32Array>;
	readonly normaliser: number;
	/** 1 at first; what clipping has made of it. */
	readonly factor: number;
	/** L2 norm of `gradients / normaliser`. */
	readonly gradientNorm: number;
}

/** Tensors that a part remembers from step to step, one for each parameter. */
export interface Memory {
	/** A saved state calls them `<kind>/<parameter>`. */
	readonly kind: string;
	readonly tensors: Map<string, Tensor>;
	/** `parameters`: a state saved without them has them start at its parameters; others are refused. */
	readonly missing: 'parameters' | 'refused';
}

/** A part over the parameters of one trainer. */
export interface OpenPart {
	readonly memories: readonly Memory[];
	/** What the next part gets. Nothing is changed if it throws, provided the parts before have changed nothing. */
	apply(update: Update): Update;
}

/** A part, opened on the parameters at the start. */
export type Part = (start: TensorMap) => OpenPart;

/** Parts one after another; those that transform the gradient come before the one that moves the parameters. */
export const chain =
	(...parts: readonly Part[]): Part =>
	(start) => {
		const opened = parts.map((part) => part(start));
		return {
			memories: opened.flatMap(({ memories }) => memories),
			apply: (update) => opened.reduce((so, part) => part.apply(so), update),
		};
	};

/** The value for a parameter; a `RangeError` if there is none. */
export function entry<T>(map: ReadonlyMap<string, T>, name: string, what: string): T {
	const found = map.get(name);
	if (found === undefined) throw new RangeError(`${name} has no ${what}.`);
	return found;
}
