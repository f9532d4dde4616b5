/** @file Agreement of an answer with the wanted one: exact, and ROUGE-L (Lin 2004), the F1 of the longest common subsequence of words. */

const wordsOf = (text: string): readonly string[] =>
	text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** The same words in the same order, whatever the case, space and punctuation. */
export const isExact = (answer: string, wanted: string): boolean =>
	wordsOf(answer).join(' ') === wordsOf(wanted).join(' ');

/** From 0 to 1. */
export function rougeL(answer: string, wanted: string): number {
	const [a, b] = [wordsOf(answer), wordsOf(wanted)];
	if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0;
	const common = commonLength(a, b);
	return (2 * common) / (a.length + b.length);
}

function commonLength(a: readonly string[], b: readonly string[]): number {
	let row = new Uint32Array(b.length + 1);
	for (const word of a) {
		const next = new Uint32Array(b.length + 1);
		b.forEach((other, i) => {
			next[i + 1] = word === other ? (row[i] ?? 0) + 1 : Math.max(row[i + 1] ?? 0, next[i] ?? 0);
		});
		row = next;
	}
	return row[b.length] ?? 0;
}
