/** @file A part of an optimizer, such as clipping or AdamW, and the chain of several. */
import type { Tensor, TensorMap } from '#model/tensor.ts';

/** State of one step between two parts. */
export interface Update {
	/** Counts from 1. */
	readonly step: number;
	readonly learningRate: number;
	/** Loss before the step, nats. */
	readonly loss: number;
	/** Written in place by the part that updates them. */
	readonly parameters: TensorMap;
	/** By parameter; times `factor / normaliser` they are the gradient of the loss. */
	readonly gradients: ReadonlyMap<string, Float32Array>;
	readonly normaliser: number;
	/** 1 at first; clipping lowers it. */
	readonly factor: number;
	/** L2 norm of `gradients / normaliser`. */
	readonly gradientNorm: number;
}

/** Optimizer state: one tensor for each parameter. */
export interface Memory {
	/** Prefix in a saved state: `<kind>/<parameter>`. */
	readonly kind: string;
	readonly tensors: Map<string, Tensor>;
	/** Treatment of a saved state without these tensors: `parameters` starts them at its parameters, `refused` throws. */
	readonly missing: 'parameters' | 'refused';
}

/** A part over the parameters of one trainer. */
export interface OpenPart {
	readonly memories: readonly Memory[];
	/** Returns the input of the next part. If it throws, nothing has changed, provided the parts before changed nothing. */
	apply(update: Update): Update;
}

/** A part, opened on the initial parameters. */
export type Part = (start: TensorMap) => OpenPart;

/** Parts one after another; those that transform the gradient precede the one that updates the parameters. */
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
