/** @file Vocabulary as a trie of bytes, so that tokens with a common prefix are tested together. */
import { ranges, type Ranges } from './ranges.ts';

/** Bytes of each token by id; undefined for tokens without text: special ones, and unused ids. */
export type TokenBytes = readonly (Uint8Array | undefined)[];

/** The trie in depth-first order: a node is followed by its whole subtree. */
export interface TokenTree {
	readonly nodes: number;
	/** Byte on the edge to a node. */
	readonly bytes: Uint8Array;
	/** 1 for the nodes below the root. */
	readonly depths: Uint16Array;
	/** The first node after the subtree. */
	readonly after: Int32Array;
	/** `tokens[firstToken[i] … firstToken[i + 1]]` end at node i. */
	readonly firstToken: Int32Array;
	readonly tokens: Int32Array;
	/** Number of token ids. */
	readonly size: number;
	/** Bytes of the longest token. */
	readonly deepest: number;
}

const compare = (a: Uint8Array, b: Uint8Array): number => {
	const length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const difference = (a[i] ?? 0) - (b[i] ?? 0);
		if (difference !== 0) return difference;
	}
	return a.length - b.length;
};

/** Builds the trie; tokens without bytes are not in it. */
export function tokenTree(vocabulary: TokenBytes): TokenTree {
	const entries = vocabulary
		.flatMap((bytes, token) => (bytes && bytes.length > 0 ? [{ bytes, token }] : []))
		.sort((a, b) => compare(a.bytes, b.bytes) || a.token - b.token);
	const most = entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
	const bytes = new Uint8Array(most);
	const depths = new Uint16Array(most);
	const after = new Int32Array(most);
	const firstToken = new Int32Array(most + 1);
	let nodes = 0;
	/** Nodes from the root to the last token. */
	const path: number[] = [];
	let last: Uint8Array = new Uint8Array(0);
	const close = (depth: number): void => {
		while (path.length > depth) after[path.pop() ?? 0] = nodes;
	};
	entries.forEach((entry, i) => {
		let shared = 0;
		while (shared < last.length && last[shared] === entry.bytes[shared]) shared++;
		close(shared);
		for (let at = shared; at < entry.bytes.length; at++) {
			bytes[nodes] = entry.bytes[at] ?? 0;
			depths[nodes] = at + 1;
			// A new node has no token yet: its tokens begin at the next node's.
			firstToken[nodes] = i;
			path.push(nodes++);
		}
		last = entry.bytes;
	});
	close(0);
	firstToken[nodes] = entries.length;
	return {
		nodes,
		bytes: bytes.slice(0, nodes),
		depths: depths.slice(0, nodes),
		after: after.slice(0, nodes),
		firstToken: firstToken.slice(0, nodes + 1),
		tokens: Int32Array.from(entries, ({ token }) => token),
		size: vocabulary.length,
		deepest: entries.reduce((deepest, entry) => Math.max(deepest, entry.bytes.length), 0),
	};
}

/** Characters that can be written one by one: all of them if single bytes are tokens. */
export function writableCharacters(vocabulary: TokenBytes): Ranges {
	const single = new Set<number>();
	const points: (readonly [number, number])[] = [];
	const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
	for (const bytes of vocabulary) {
		if (!bytes || bytes.length === 0 || bytes.length > 4) continue;
		if (bytes.length === 1) single.add(bytes[0] ?? 0);
		try {
			const text = decoder.decode(bytes);
			const point = text.codePointAt(0) ?? 0;
			if (text.length === String.fromCodePoint(point).length) points.push([point, point]);
		} catch {
			continue; // a part of a character
		}
	}
	const bounds = [0x80, 0xc2, 0xe0, 0xf0, 0xf5] as const;
	const all = (from: number, to: number): boolean =>
		Array.from({ length: to - from }, (_, i) => from + i).every((byte) => single.has(byte));
	// Continuation bytes are 80 to BF; C0, C1 and what follows F4 never occur.
	if (all(bounds[0], 0xc0)) {
		if (all(bounds[1], bounds[2])) points.push([0x80, 0x7ff]);
		if (all(bounds[2], bounds[3])) points.push([0x800, 0xffff]);
		if (all(bounds[3], bounds[4])) points.push([0x10000, 0x10ffff]);
	}
	return ranges(points);
}
