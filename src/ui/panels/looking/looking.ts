/** @file What a model kept of a prompt before it answered: counts by token, shades, and the passages kept most. */

/** The texts of a prompt's tokens, and which of them each layer and key-value head kept, ascending. */
export interface Looked {
	readonly pieces: readonly string[];
	/** `[layer][head]` */
	readonly kept: readonly (readonly ArrayLike<number>[])[];
}

/** One layer or head, from 0; null means all of them. */
export interface Choice {
	readonly layer: number | null;
	readonly head: number | null;
}
export const everything: Choice = { layer: null, head: null };

/** How many heads of a choice kept each token. */
export interface Counts {
	readonly of: Uint16Array;
	/** Heads that were counted. */
	readonly heads: number;
}

export function countsOf({ pieces, kept }: Looked, { layer, head }: Choice): Counts {
	const of = new Uint16Array(pieces.length);
	let heads = 0;
	kept.forEach((sets, l) => {
		if (layer !== null && layer !== l) return;
		sets.forEach((set, h) => {
			if (head !== null && head !== h) return;
			heads++;
			for (let i = 0; i < set.length; i++) {
				const t = set[i] ?? 0;
				of[t] = (of[t] ?? 0) + 1;
			}
		});
	});
	return { of, heads };
}

/** Shades of a token: 0 for one that no head kept. */
export const mostShade = 6;

/** Neighbouring tokens of one shade. */
export interface Run {
	readonly text: string;
	readonly shade: number;
	/** Mean share of the heads. */
	readonly share: number;
}

export function runsOf({ pieces }: Looked, { of, heads }: Counts): readonly Run[] {
	const runs: { text: string; shade: number; sum: number; tokens: number }[] = [];
	pieces.forEach((text, t) => {
		const count = of[t] ?? 0;
		const shade = heads === 0 ? 0 : Math.ceil((mostShade * count) / heads);
		const last = runs.at(-1);
		if (last?.shade === shade) {
			last.text += text;
			last.sum += count;
			last.tokens++;
		} else runs.push({ text, shade, sum: count, tokens: 1 });
	});
	return runs.map(({ text, shade, sum, tokens }) => ({
		text,
		shade,
		share: heads === 0 ? 0 : sum / (tokens * heads),
	}));
}

/** Text that many heads kept. */
export interface Passage {
	readonly text: string;
	readonly share: number;
}

/** Tokens that a passage has at least. */
const fewest = 3;

/**
 * The passages kept by most heads, the most kept first, without the end of the prompt, which every head keeps. The bar is
 * lowered until there are `most` of them.
 */
export function passagesOf(
	{ pieces }: Looked,
	{ of, heads }: Counts,
	most = 5,
): readonly Passage[] {
	let end = pieces.length;
	while (end > 0 && of[end - 1] === heads) end--;
	let found: Passage[] = [];
	for (let bar = heads; bar > 0 && found.length < most; bar--)
		found = above(pieces, of, heads, end, bar);
	return found.sort((a, b) => b.share - a.share).slice(0, most);
}

/** The passages of tokens that at least `bar` heads kept. */
function above(
	pieces: readonly string[],
	of: Uint16Array,
	heads: number,
	end: number,
	bar: number,
): Passage[] {
	const found: Passage[] = [];
	for (let from = 0; from < end; from++) {
		if ((of[from] ?? 0) < bar) continue;
		let to = from;
		let sum = 0;
		while (to < end && (of[to] ?? 0) >= bar) sum += of[to++] ?? 0;
		const text = pieces.slice(from, to).join('').replaceAll(/\s+/g, ' ').trim();
		if (to - from >= fewest && text !== '')
			found.push({ text, share: sum / ((to - from) * heads) });
		from = to;
	}
	return found;
}

/** Tokens that one head of the choice keeps; all heads keep as many. */
export const keptTokens = ({ kept }: Looked): number => kept[0]?.[0]?.length ?? 0;
