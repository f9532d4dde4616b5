/** @file Value of a graph: a name with an element type and a shape. */

/** A size known when the graph is built, or the symbol of one known at run time (`B`, `T`). */
export type Dimension = number | string;
export type Shape = readonly Dimension[];
export type ElementType = 'float32' | 'int32' | 'int64' | 'uint8' | 'bool';

export interface Value {
	readonly name: string;
	readonly type: ElementType;
	readonly shape: Shape;
}

/** Error of an invalid graph, found while it is built. */
export class GraphError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'GraphError';
	}
}

export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`;
export const sameShape = (a: Shape, b: Shape): boolean =>
	a.length === b.length && a.every((d, i) => d === b[i]);

/** The dimension at `axis` (negative counts from the end). */
export function dimension(value: Value, axis: number): Dimension {
	const d = value.shape.at(axis);
	if (d === undefined)
		throw new GraphError(`${value.name} ${showShape(value.shape)} has no axis ${axis}`);
	return d;
}

/** NumPy broadcasting; a symbolic dimension broadcasts with itself and with 1 only. */
export function broadcast(a: Shape, b: Shape): Shape {
	const rank = Math.max(a.length, b.length);
	return Array.from({ length: rank }, (_, i) => {
		const x = a[i - rank + a.length] ?? 1;
		const y = b[i - rank + b.length] ?? 1;
		if (x === y || y === 1) return x;
		if (x === 1) return y;
		throw new GraphError(`cannot broadcast ${showShape(a)} with ${showShape(b)}`);
	});
}

/** Checks the element type of each value. */
export function expectType(operator: string, type: ElementType, ...values: readonly Value[]): void {
	for (const value of values)
		if (value.type !== type)
			throw new GraphError(`${operator}: ${value.name} is ${value.type}, expected ${type}`);
}

/** Checks that two dimensions agree. */
export function expectSame(operator: string, a: Dimension, b: Dimension): void {
	if (a !== b) throw new GraphError(`${operator}: ${a} does not match ${b}`);
}
