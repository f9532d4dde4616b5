/**
 * @file Grammar as an automaton over the bytes of UTF-8, since a token may end inside a character.
 *
 * Thompson's construction without states that cannot reach an end, determinised lazily, state by state. Bytes that no
 * edge distinguishes share a column of the table.
 */
import { BackendError } from '#base/backend-error.ts';
import { workBudget } from '#base/untrusted/budget.ts';
import { workLimits } from '#base/limits.ts';
import { canReach } from './reach.ts';
import { intersect, type Ranges } from './ranges.ts';
import type { Syntax } from './syntax.ts';
import { utf8Sequences } from './utf8.ts';

/** State without continuation. */
export const dead = -1;

/** Deterministic automaton; states are numbers, and 0 is the start. */
export interface Automaton {
	/** The state after one more byte, or `dead`. Every other state can still reach an end. */
	next(state: number, byte: number): number;
	/** Is the text so far a whole answer? */
	accepts(state: number): boolean;
	/** Deterministic states made so far. */
	readonly states: number;
	/** Class of each byte [256]: bytes of one class always lead to the same state. */
	readonly column: Uint8Array;
}

/** Limits of one automaton in NFA nodes and DFA states; `workLimits.automaton` bounds the members of all states. */
const limits = { nodes: 200_000, states: 200_000 };

const tooLargeFor = 'allow shorter texts or fewer repetitions.';
const tooLarge = (): BackendError =>
	new BackendError(
		'not-available',
		`The form of the answer is too large to keep to; ${tooLargeFor}`,
	);

interface Edge {
	readonly from: number;
	readonly to: number;
	readonly target: number;
}

interface Nodes {
	/** Epsilon transitions by node. */
	readonly free: number[][];
	/** Byte transitions by node. */
	readonly edges: Edge[][];
	readonly start: number;
	readonly end: number;
}

function build(syntax: Syntax, writable: Ranges): Nodes {
	const free: number[][] = [];
	const edges: Edge[][] = [];
	const node = (): number => {
		if (free.length > limits.nodes) throw tooLarge();
		edges.push([]);
		return free.push([]) - 1;
	};
	const link = (from: number, to: number) => free[from]?.push(to);

	const characters = (of: Ranges, from: number, to: number): void => {
		// Sequences with equal ends share nodes: "any character" takes 8 nodes instead of 18.
		const ends = new Map<string, number>();
		for (const bytes of utf8Sequences(intersect(of, writable))) {
			let target = to;
			for (let i = bytes.length - 1; i > 0; i--) {
				const [a = 0, b = 0] = bytes[i] ?? [];
				const key = `${a} ${b} ${target}`;
				const known = ends.get(key) ?? node();
				if (!ends.has(key)) edges[known]?.push({ from: a, to: b, target });
				ends.set(key, known);
				target = known;
			}
			const [a = 0, b = 0] = bytes[0] ?? [];
			edges[from]?.push({ from: a, to: b, target });
		}
	};

	/** Builds the syntax between two nodes; no loop leads back to `from` or on from `to`, so neighbours never mix. */
	const lay = (part: Syntax, from: number, to: number): void => {
		switch (part.kind) {
			case 'character':
				characters(part.of, from, to);
				return;
			case 'sequence': {
				let at = from;
				for (const [i, item] of part.parts.entries()) {
					const after = i === part.parts.length - 1 ? to : node();
					lay(item, at, after);
					at = after;
				}
				if (part.parts.length === 0) link(from, to);
				return;
			}
			case 'choice':
				for (const option of part.options) lay(option, from, to);
				return;
			case 'repeat': {
				const { part: item, min, max, separator } = part;
				let at = from;
				if (min === 0) link(from, to);
				const copies = Math.max(1, max === Infinity ? min : max);
				for (let i = 0; i < copies && max > 0; i++) {
					const [before, after] = [node(), node()];
					if (i > 0 && separator) lay(separator, at, before);
					else link(at, before);
					lay(item, before, after);
					at = node();
					link(after, at);
					if (i + 1 >= min) link(at, to);
					if (max !== Infinity || i < copies - 1) continue;
					if (separator) lay(separator, at, before);
					else link(at, before);
				}
				return;
			}
			case 'listing': {
				// Two chains of nodes: nothing written yet, and something written, which requires the separator.
				let [first, later] = [node(), node()];
				link(from, first);
				for (const { part: item, optional } of part.parts) {
					const [begin, end] = [node(), node()];
					const [nextFirst, nextLater] = [node(), node()];
					link(first, begin);
					lay(part.separator, later, begin);
					lay(item, begin, end);
					link(end, nextLater);
					if (optional) {
						link(first, nextFirst);
						link(later, nextLater);
					}
					[first, later] = [nextFirst, nextLater];
				}
				link(first, to);
				link(later, to);
				return;
			}
		}
	};
	const [start, end] = [node(), node()];
	lay(syntax, start, end);
	return { free, edges, start, end };
}

/** Nodes that can reach the end. */
function alive({ free, edges, end }: Nodes): Uint8Array {
	const into: number[][] = free.map(() => []);
	free.forEach((targets, from) => targets.forEach((to) => into[to]?.push(from)));
	edges.forEach((list, from) => list.forEach(({ target }) => into[target]?.push(from)));
	return canReach(into, [end]);
}

/** Automaton of a syntax whose characters are all writable. */
export function automaton(syntax: Syntax, writable: Ranges): Automaton {
	const nodes = build(syntax, writable);
	const living = alive(nodes);
	if (living[nodes.start] === 0)
		throw new BackendError(
			'not-available',
			'No answer of the form asked for can be written with this model’s tokens; use characters of its vocabulary.',
		);
	const edges = nodes.edges.map((list) => list.filter(({ target }) => living[target] === 1));

	const cuts = new Uint8Array(257);
	for (const list of edges)
		for (const { from, to } of list) {
			cuts[from] = 1;
			cuts[to + 1] = 1;
		}
	const column = new Uint8Array(256);
	const example: number[] = [0];
	for (let byte = 1; byte < 256; byte++) {
		if (cuts[byte] === 1) example.push(byte);
		column[byte] = example.length - 1;
	}
	const columns = example.length;

	/** Nodes with edges, and the end, of each state. */
	const members: Int32Array[] = [];
	const rows: Int32Array[] = [];
	/** States by the hash of their members. */
	const known = new Map<number, number[]>();
	const budget = workBudget(workLimits.automaton, 'The form of the answer', tooLargeFor);
	const mark = new Int32Array(nodes.free.length).fill(-1);
	let round = 0;
	const unknown = -2;

	const stateOf = (targets: readonly number[]): number => {
		if (targets.length === 0) return dead;
		round++;
		const open = [...targets];
		const found: number[] = [];
		for (let at = open.pop(); at !== undefined; at = open.pop()) {
			if (mark[at] === round || living[at] === 0) continue;
			mark[at] = round;
			if (at === nodes.end || (edges[at]?.length ?? 0) > 0) found.push(at);
			open.push(...(nodes.free[at] ?? []));
		}
		const own = Int32Array.from(found).sort();
		const hash = hashOf(own);
		const alike = known.get(hash) ?? [];
		const old = alike.find((state) => isSame(members[state], own));
		if (old !== undefined) return old;
		if (rows.length >= limits.states) throw tooLarge();
		budget.spend(own.length + columns);
		known.set(hash, [...alike, rows.length]);
		members.push(own);
		return rows.push(new Int32Array(columns).fill(unknown)) - 1;
	};
	stateOf([nodes.start]);

	return {
		next: (state, byte) => {
			const row = rows[state];
			const c = column[byte] ?? 0;
			const target = row?.[c] ?? dead;
			if (target !== unknown) return target;
			const value = example[c] ?? 0;
			const targets: number[] = [];
			for (const at of members[state] ?? [])
				for (const { from, to, target: next } of edges[at] ?? [])
					if (from <= value && value <= to) targets.push(next);
			const made = stateOf(targets);
			if (row) row[c] = made;
			return made;
		},
		accepts: (state) => members[state]?.includes(nodes.end) ?? false,
		get states() {
			return rows.length;
		},
		column,
	};
}

/** FNV-1a over 32-bit members. */
function hashOf(members: Int32Array): number {
	let hash = 0x811c9dc5;
	for (const member of members) hash = Math.imul(hash ^ member, 0x01000193);
	return hash;
}

const isSame = (a: Int32Array | undefined, b: Int32Array): boolean =>
	a?.length === b.length && a.every((member, i) => member === b[i]);

/** Does the automaton accept this text as a whole? */
export function acceptsText(machine: Automaton, text: string): boolean {
	let state = 0;
	for (const byte of new TextEncoder().encode(text)) {
		state = machine.next(state, byte);
		if (state === dead) return false;
	}
	return machine.accepts(state);
}
