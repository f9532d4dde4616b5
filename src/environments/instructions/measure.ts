/** @file What a program can count in an English text, as IFEval (Zhou et al. 2023, arXiv 2311.07911) counts it. */

/** A full stop behind one of these ends no sentence. */
const abbreviation = /^["'(]*(?:mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e|no|fig)\.$/i;
const sentenceEnd = /[.!?]["'”’)\]]*$/;

/** Runs of letters, digits, apostrophes and hyphens. */
export const wordsOf = (text: string): readonly string[] =>
	text.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];

/**
 * Sentences with a word in them: up to a full stop, question or exclamation mark before a space, or to the end of a
 * line. Done by hand, since what a platform's segmenter says depends on its version and on capitals.
 */
export function sentencesOf(text: string): readonly string[] {
	const found: string[] = [];
	for (const line of text.split('\n')) {
		let open: string[] = [];
		for (const word of line.split(/\s/)) {
			if (word === '') continue;
			open.push(word);
			if (!sentenceEnd.test(word) || abbreviation.test(word)) continue;
			found.push(open.join(' '));
			open = [];
		}
		found.push(open.join(' '));
	}
	return found.filter((sentence) => wordsOf(sentence).length > 0);
}

/** Blocks of text between blank lines. */
export const paragraphsOf = (text: string): readonly string[] =>
	text.split(/\n\s*\n/).filter((block) => block.trim() !== '');

/** Lines that begin with a dash or an asterisk. */
export const bulletsOf = (text: string): readonly string[] =>
	text.split('\n').filter((line) => /^\s*[-*]\s+\S/.test(line));

/** How often a word stands in a text, whatever its case; parts of longer words do not count. */
export function timesOf(word: string, text: string): number {
	const wanted = word.toLowerCase();
	return wordsOf(text).filter((found) => found.toLowerCase() === wanted).length;
}

/** The JSON value that a text is, alone or in a fence of three backticks; undefined where it is none. */
export function jsonOf(text: string): unknown {
	const fenced = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/.exec(text.trim());
	try {
		return JSON.parse(fenced?.[1] ?? text) as unknown;
	} catch {
		return undefined;
	}
}
