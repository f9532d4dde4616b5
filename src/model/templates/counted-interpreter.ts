/**
 * @file Interpreter of chat templates that spends from a budget: a step for each node, and what operations cost by the size
 * of their operands, before they run. A template of a stranger is a program.
 */
import { Interpreter, type Environment } from '@huggingface/jinja';
import { BudgetError, type Budget } from '#base/untrusted/budget.ts';
import { asPython, forJson } from './as-python.ts';
import { printed } from './printed.ts';
import { rolesOf, type Operation, type Roles } from './roles.ts';

type Node = Parameters<Interpreter['evaluate']>[0];
type Value = ReturnType<Interpreter['evaluate']>;
type Program = Parameters<Interpreter['run']>[0];

/** An operation under way, and the values that it was given so far. */
interface Frame {
	readonly node: NonNullable<Node>;
	readonly operation: Operation;
	operands: Value[];
	arguments: Value[];
}

const noFrame = { operands: [], arguments: [] };

/** Steps of one pass of a loop, which makes a scope and nine variables. */
const passSteps = 20;
/** Bytes of an item of a list, and of a text that is cut out of another. */
const itemBytes = 16;
const pieceBytes = 64;
/** The widest indentation, and the longest separator of JSON. */
const widest = 64;
/** Filters that write their operand, or compare its items, which takes as long some times over. */
const writing: ReadonlyMap<string, number> = new Map([
	['tojson', 1],
	['string', 1],
	['join', 1],
	['sort', 16],
	['dictsort', 16],
	['unique', 1],
]);

/** Parts of a block that print nothing of their own value. */
const statements: ReadonlySet<unknown> = new Set([
	...['Program', 'Set', 'If', 'For', 'Macro', 'Break', 'Continue', 'Comment'],
	...['CallStatement', 'FilterStatement'],
]);

export class CountedInterpreter extends Interpreter {
	readonly #budget: Budget;
	readonly #frames: Frame[] = [];
	#known: Roles = { operations: new Map(), roles: new Map() };

	constructor(environment: Environment, budget: Budget) {
		super(environment);
		this.#budget = budget;
	}

	override run(program: Program): Value {
		this.#known = rolesOf(program);
		return super.run(program);
	}

	override evaluate(node: Node, environment: Environment): Value {
		if (!node) return super.evaluate(node, environment);
		const operation = this.#known.operations.get(node);
		this.#budget.spend(1);
		if (operation) {
			if (node.type === 'Macro' || node.type === 'CallStatement')
				this.#budget.spend(operation.nodes);
			this.#frames.push({ node, operation, operands: [], arguments: [] });
		}
		try {
			let value = super.evaluate(node, environment);
			if (operation) {
				this.#made(value);
				const { operands, arguments: given } = this.#frames.at(-1) ?? noFrame;
				value = asPython(operation, operands, given, value);
			}
			return this.#given(node, value, operation ? 2 : 1);
		} finally {
			if (operation) this.#frames.pop();
		}
	}

	/** Pays for a new value. */
	#made(value: Value): void {
		const { value: content } = value;
		if (typeof content === 'string') this.#budget.make(content.length);
		else if (Array.isArray(content)) this.#budget.make(content.length * itemBytes);
	}

	/** Hands a value to the operation above, `depth` frames from the top, which pays for what it will do with it. */
	#given(node: object, value: Value, depth: number): Value {
		const role = this.#known.roles.get(node);
		if (!role) return value;
		if (role.as === 'iterable') this.#budget.spend(sizeOf(value) * passSteps);
		else if (role.as === 'output') {
			this.#write(value, 1);
			return 'type' in node && statements.has(node.type) ? value : asPrinted(value);
		} else {
			const frame = this.#frames.at(-depth);
			if (frame?.node !== role.of) return value;
			// A block is written before it is filtered.
			if (frame.node.type === 'FilterStatement') this.#write(value, 1);
			(role.as === 'operand' ? frame.operands : frame.arguments).push(value);
			this.#foresee(frame);
			const { kind, name } = frame.operation;
			if (role.as === 'operand' && kind === 'filter' && name === 'tojson') return forJson(value);
		}
		return value;
	}

	/** Pays for an operation by what is known of its operands; called again with each. */
	#foresee({ operation: { kind, name }, operands, arguments: given }: Frame): void {
		const [operand] = operands;
		const size = operands.reduce((sum, one) => sum + sizeOf(one), 0);
		this.#budget.spend((size + given.reduce((sum, one) => sum + sizeOf(one), 0)) / 16);
		if (kind === 'slice') this.#budget.make(size * itemBytes);
		if (kind === 'binary') {
			const both = [...operands, ...given];
			// Python's lists are not written by an operator, but a list beside a text is.
			if (both.length === 2 && (name === '~' || new Set(both.map(isList)).size === 2))
				for (const one of both) this.#write(one, 1);
		}
		if (kind !== 'filter' && kind !== 'call') return;
		const weight = writing.get(name);
		if (weight !== undefined && operand) this.#write(operand, weight);
		const texts = given.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
		const longest = texts.reduce((most, { length }) => Math.max(most, length), 0);
		const largest = given.reduce(
			(most, { value }) => Math.max(most, typeof value === 'number' ? value : 0),
			0,
		);
		if (name === 'join') this.#budget.make(size * longest);
		else if (name === 'indent') this.#budget.make(size * Math.max(4, largest, longest));
		else if (name === 'split')
			this.#budget.make((occurrences(operand, texts[0]) ?? size / 2) * pieceBytes);
		else if (name === 'replace')
			this.#budget.make((occurrences(operand, texts[0]) ?? size + 1) * (texts[1]?.length ?? 0));
		else if (
			name === 'tojson' &&
			(largest > widest || given.some((one) => isList(one) && isWide(one)))
		)
			throw new BudgetError(`it indents JSON by more than ${widest} characters`);
	}

	/** Pays for a value as text: every item of it, as often as it occurs. */
	#write(value: Value, weight: number): void {
		const open: unknown[] = [value];
		for (let next = open.pop(); next !== undefined; next = open.pop()) {
			this.#budget.spend(weight);
			const content = contentOf(next);
			if (typeof content === 'string') this.#budget.make(content.length * weight);
			else if (Array.isArray(content))
				for (const item of content as readonly unknown[]) open.push(item);
			else if (content instanceof Map)
				for (const [key, item] of content as ReadonlyMap<string, unknown>) {
					this.#budget.make(key.length * weight);
					open.push(item);
				}
		}
	}
}

/** The value as a text that is printed as in Python; a block asks a value for its type and its text alone. */
function asPrinted(value: Value): Value {
	const text = printed(value);
	if (text === undefined) return value;
	return Object.assign(Object.create(Object.getPrototypeOf(value) as object) as Value, {
		...{ type: 'StringValue', value: text },
		toString: () => text,
	});
}

const contentOf = (value: unknown): unknown =>
	typeof value === 'object' && value !== null && 'value' in value ? value.value : undefined;

function sizeOf({ value }: Value): number {
	if (typeof value === 'string' || Array.isArray(value)) return value.length;
	return value instanceof Map ? value.size : 0;
}

const isList = ({ value }: Value): boolean => Array.isArray(value) || value instanceof Map;
const isWide = ({ value }: Value): boolean =>
	Array.isArray(value) &&
	value.some((item) => typeof item.value === 'string' && item.value.length > widest);

/** How often a text occurs in a value, or undefined if either is unknown. */
function occurrences(value: Value | undefined, text: string | undefined): number | undefined {
	const whole = value?.value;
	if (typeof whole !== 'string' || text === undefined) return undefined;
	if (text === '') return whole.length + 1;
	let count = 1;
	for (let at = whole.indexOf(text); at >= 0; at = whole.indexOf(text, at + text.length)) count++;
	return count;
}
