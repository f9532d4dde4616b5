/**
 * @file Orders of 100,000 keys in milliseconds: radix sort over 64-bit words, stable, without a comparison function.
 *
 * Numbers become words whose order as unsigned integers is the numbers' order. Texts become words by packing
 * their first characters, each by its rank among the characters that occur: ten digits and a plus need
 * four bits, so sixteen characters fit. Longer texts that agree so far are compared as they are.
 */

/** Positions 0…n−1 as given, sorted by number; equal ones stay in their order. NaN is before every number. */
export function orderByNumber(positions: Uint32Array, keys: Float64Array): Uint32Array {
	const bits = new Uint32Array(keys.buffer, keys.byteOffset, 2 * keys.length);
	const high = new Uint32Array(keys.length);
	const low = new Uint32Array(keys.length);
	for (let i = 0; i < keys.length; i++) {
		const key = keys[i] ?? 0;
		if (Number.isNaN(key)) continue; // 0: the smallest word
		// little-endian, as every platform of ours is; −0 and 0 are the same number
		const h = key === 0 ? 0 : (bits[2 * i + 1] ?? 0);
		const l = key === 0 ? 0 : (bits[2 * i] ?? 0);
		const negative = h >>> 31 === 1;
		high[i] = negative ? ~h : h | 0x80000000;
		low[i] = negative ? ~l : l;
	}
	return radixSort(positions, high, low);
}

/** The same by text, in order of code units. */
export function orderByText(positions: Uint32Array, texts: readonly string[]): Uint32Array {
	const prefix = commonPrefix(texts);
	const { rank, bits } = ranksOf(texts, prefix);
	const perWord = Math.floor(32 / bits);
	const high = new Uint32Array(texts.length);
	const low = new Uint32Array(texts.length);
	texts.forEach((text, i) => {
		high[i] = pack(text, prefix, perWord, rank, bits);
		low[i] = pack(text, prefix + perWord, perWord, rank, bits);
	});
	const order = radixSort(positions, high, low);

	const packed = prefix + 2 * perWord;
	const textAt = (i: number): string => texts[order[i] ?? 0] ?? '';
	const isSame = (i: number, j: number): boolean => {
		const [a, b] = [order[i] ?? 0, order[j] ?? 0];
		return high[a] === high[b] && low[a] === low[b];
	};
	for (let from = 0; from < order.length;) {
		let to = from + 1;
		let long = textAt(from).length > packed;
		for (; to < order.length && isSame(from, to); to++) long ||= textAt(to).length > packed;
		if (long && to - from > 1)
			order.subarray(from, to).sort((a, b) => compare(texts[a] ?? '', texts[b] ?? ''));
		from = to;
	}
	return order;
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Least significant digit first, 16 bits at a time; a digit that is the same everywhere is skipped. */
function radixSort(positions: Uint32Array, high: Uint32Array, low: Uint32Array): Uint32Array {
	let from = Uint32Array.from(positions);
	let to = new Uint32Array(from.length);
	const counts = new Uint32Array(0x10000);
	for (const [words, shift] of [
		[low, 0],
		[low, 16],
		[high, 0],
		[high, 16],
	] as const) {
		counts.fill(0);
		for (let i = 0; i < from.length; i++) {
			const digit = ((words[from[i] ?? 0] ?? 0) >>> shift) & 0xffff;
			counts[digit] = (counts[digit] ?? 0) + 1;
		}
		if (counts[((words[from[0] ?? 0] ?? 0) >>> shift) & 0xffff] === from.length) continue;
		for (let digit = 0, sum = 0; digit < counts.length; digit++) {
			const count = counts[digit] ?? 0;
			counts[digit] = sum;
			sum += count;
		}
		for (let i = 0; i < from.length; i++) {
			const position = from[i] ?? 0;
			const digit = ((words[position] ?? 0) >>> shift) & 0xffff;
			const place = counts[digit] ?? 0;
			counts[digit] = place + 1;
			to[place] = position;
		}
		[from, to] = [to, from];
	}
	return from;
}

/** Characters that all texts begin with. */
function commonPrefix(texts: readonly string[]): number {
	const first = texts[0] ?? '';
	let length = first.length;
	for (const text of texts) {
		let n = 0;
		while (n < length && text.charCodeAt(n) === first.charCodeAt(n)) n++;
		length = n;
		if (length === 0) break;
	}
	return length;
}

/** Rank from 1 of every code unit that occurs after the prefix, and the bits that a rank needs; 0 is the end of a text. */
function ranksOf(
	texts: readonly string[],
	prefix: number,
): { readonly rank: Uint32Array; readonly bits: number } {
	const rank = new Uint32Array(0x10000);
	for (const text of texts)
		for (let i = prefix; i < text.length && i < prefix + 32; i++) rank[text.charCodeAt(i)] = 1;
	let used = 0;
	for (let unit = 0; unit < rank.length; unit++) if (rank[unit] === 1) rank[unit] = ++used;
	return { rank, bits: Math.max(1, 32 - Math.clz32(used)) };
}

function pack(text: string, from: number, count: number, rank: Uint32Array, bits: number): number {
	let word = 0;
	for (let i = from; i < from + count; i++) {
		word <<= bits;
		if (i < text.length) word |= rank[text.charCodeAt(i)] ?? 0;
	}
	return word;
}
