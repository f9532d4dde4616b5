/**
 * @file A graph under construction: inputs, constants, nodes and outputs, and the tape that reverse mode walks.
 *
 * Operators (`operators/`) check types and shapes, emit ONNX nodes through `node`, and `record` how
 * their gradient is computed. A body (of a Loop) sees the values of the graphs around it.
 */
import { GraphError, type ElementType, type Shape, type Value } from './value.ts';

export type Attribute = number | string | readonly number[] | { readonly float: number } | Graph;

export interface Node {
	readonly operator: string;
	/** Empty for ONNX's own operators; `com.microsoft` for ONNX Runtime's. */
	readonly domain: string;
	/** Names; empty for an optional input left out. */
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Constant {
	readonly value: Value;
	readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
}

/** Emits the gradient nodes of one operator: dL/dy → dL/dx for each input, undefined for inputs without gradient. */
export type Backward = (dy: Value) => readonly (Value | undefined)[];

export interface TapeEntry {
	readonly output: Value;
	readonly inputs: readonly Value[];
	readonly backward: Backward;
}

export class Graph {
	readonly name: string;
	readonly inputs: Value[] = [];
	readonly outputs: Value[] = [];
	readonly constants: Constant[] = [];
	/** Constants with external data, one file per constant, named after it. */
	readonly externals: Value[] = [];
	readonly nodes: Node[] = [];
	readonly tape: TapeEntry[] = [];
	readonly #names: Set<string>;
	readonly #memo = new Map<string, Value>();

	/** With `around`, a body: names stay unique across both. */
	constructor(name: string, around?: Graph) {
		this.name = name;
		this.#names = around ? around.#names : new Set();
	}

	input(name: string, type: ElementType, shape: Shape): Value {
		if (this.#names.has(name)) throw new GraphError(`the name ${name} is taken`);
		this.#names.add(name);
		const value = { name, type, shape };
		this.inputs.push(value);
		return value;
	}

	/** A constant supplied when the model is opened; it never changes, so that kernels may re-pack it. */
	external(name: string, type: ElementType, shape: readonly number[]): Value {
		if (this.#names.has(name)) throw new GraphError(`the name ${name} is taken`);
		this.#names.add(name);
		const value = { name, type, shape };
		this.externals.push(value);
		return value;
	}

	/** Marks a value as an output named `name`. */
	output(value: Value, name: string): Value {
		const [named] = this.node(
			'Identity',
			[value],
			[{ type: value.type, shape: value.shape, name }],
		);
		this.outputs.push(named);
		return named;
	}

	/** A float constant; equal small constants are shared. */
	float(data: number | readonly number[] | Float32Array, shape?: Shape): Value {
		const values = typeof data === 'number' ? [data] : data;
		return this.#constant(
			'float32',
			Float32Array.from(values),
			shape ?? (typeof data === 'number' ? [] : [values.length]),
		);
	}

	int64(data: number | readonly number[]): Value {
		const values = typeof data === 'number' ? [data] : data;
		return this.#constant(
			'int64',
			BigInt64Array.from(values, BigInt),
			typeof data === 'number' ? [] : [values.length],
		);
	}

	int32(data: readonly number[], shape: Shape = [data.length]): Value {
		return this.#constant('int32', Int32Array.from(data), shape);
	}

	bool(data: boolean): Value {
		return this.#constant('bool', Uint8Array.of(data ? 1 : 0), []);
	}

	#constant(type: ElementType, data: Constant['data'], shape: Shape): Value {
		const key = `${type} ${shape.join()} ${data.length <= 16 ? data.join() : ''}`;
		const known = data.length <= 16 ? this.#memo.get(key) : undefined;
		if (known) return known;
		const value = { name: this.fresh('constant'), type, shape };
		this.constants.push({ value, data });
		this.#memo.set(key, value);
		return value;
	}

	/** Appends a node; one output value for each of `outputs`. */
	node<const O extends readonly { type: ElementType; shape: Shape; name?: string }[]>(
		operator: string,
		inputs: readonly (Value | undefined)[],
		outputs: O,
		attributes: Readonly<Record<string, Attribute>> = {},
		domain = '',
	): { [I in keyof O]: Value } {
		const values = outputs.map(({ type, shape, name }) => {
			if (name !== undefined && this.#names.has(name))
				throw new GraphError(`the name ${name} is taken`);
			if (name !== undefined) this.#names.add(name);
			return { name: name ?? this.fresh(operator), type, shape };
		});
		this.nodes.push({
			operator,
			domain,
			inputs: inputs.map((v) => v?.name ?? ''),
			outputs: values.map((v) => v.name),
			attributes,
		});
		return values as { [I in keyof O]: Value };
	}

	/** Records how to differentiate an operator; returns its output. */
	record(output: Value, inputs: readonly Value[], backward: Backward): Value {
		this.tape.push({ output, inputs, backward });
		return output;
	}

	/** A value computed once per graph, e.g. the shape of the token ids. */
	once(key: string, make: () => Value): Value {
		const known = this.#memo.get(key) ?? make();
		this.#memo.set(key, known);
		return known;
	}

	fresh(stem: string): string {
		const name = `${stem}_${this.#names.size}`;
		this.#names.add(name);
		return name;
	}
}
