/** @file ROUGE-L (Lin 2004): how much of two texts is the same, in words and in order. */

/** As Google's rouge-score cuts texts: runs of a to z and digits in lower case, without stemming. */
const tokensOf = (text: string): readonly string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

/** F1 over the longest common subsequence of words, 0 to 1; texts without words share nothing. */
export function rougeL(a: string, b: string): number {
	const [x, y] = [tokensOf(a), tokensOf(b)];
	if (x.length === 0 || y.length === 0) return 0;
	const common = longestCommon(x, y);
	const [precision, recall] = [common / x.length, common / y.length];
	return common === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

/** Length of the longest common subsequence, row by row. */
function longestCommon(x: readonly string[], y: readonly string[]): number {
	let above = new Uint32Array(y.length + 1);
	for (const word of x) {
		const row = new Uint32Array(y.length + 1);
		y.forEach((other, j) => {
			row[j + 1] = word === other ? (above[j] ?? 0) + 1 : Math.max(row[j] ?? 0, above[j + 1] ?? 0);
		});
		above = row;
	}
	return above[y.length] ?? 0;
}
