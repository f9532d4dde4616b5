/**
 * @file Layout of one training run: rows without padding, and a prefix that several rows begin with, such as the system
 * message of a chat template, once for all of them. Under a causal mask its hidden states are the same in each.
 */
import { prefixGroups } from './prefix-groups.ts';

/** Consecutive token rows, which may continue those of a prefix. */
export interface Sequence {
	readonly start: number;
	readonly tokens: number;
	readonly prefix: { readonly start: number; readonly tokens: number };
	/** Row of its part of the gradients by the prefix's keys and values. */
	readonly aside: number;
}

export interface KernelRun {
	readonly sequences: readonly Sequence[];
	/** Token rows that are computed. */
	readonly tokens: number;
	/** Rows of the token tables: those, and what is set aside for the gradients of prefixes. */
	readonly rows: number;
	/** Tokens of the longest sequence, its prefix included. */
	readonly longest: number;
	/** Token row of each token of each row given. */
	readonly places: readonly Int32Array[];
}

/** Lays out rows of input tokens; if they are not `shared`, each is computed whole. */
export function runOf(rows: readonly Int32Array[], shared: boolean): KernelRun {
	const places = rows.map(({ length }) => new Int32Array(length));
	const sequences: Omit<Sequence, 'aside'>[] = [];
	let tokens = 0;
	const put = (count: number, prefix = { start: 0, tokens: 0 }) => {
		const sequence = { start: tokens, tokens: count, prefix };
		sequences.push(sequence);
		tokens += count;
		return sequence;
	};
	const groups = shared ? prefixGroups(rows) : rows.map((_, i) => ({ rows: [i], prefix: 0 }));
	for (const { rows: members, prefix: length } of groups) {
		const prefix = length > 0 ? put(length) : undefined;
		for (const row of members) {
			const at = places[row] ?? new Int32Array();
			const { start } = put(at.length - length, prefix);
			for (let t = 0; t < at.length; t++)
				at[t] = prefix && t < length ? prefix.start + t : start + t - length;
		}
	}
	let aside = tokens;
	const placed = sequences.map((sequence) => {
		const one = { ...sequence, aside };
		aside += sequence.prefix.tokens;
		return one;
	});
	const longest = Math.max(...placed.map(({ prefix, tokens }) => prefix.tokens + tokens));
	return { sequences: placed, tokens, rows: aside, longest, places };
}
