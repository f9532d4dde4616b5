/** @file A verdict in words for the gallery. */
import { verdictWords, type Judged } from '#runs/gallery/exhibit.ts';

const marks = { correct: '✓', wrong: '✗', malformed: '✗', unjudged: '?' } as const;

/** `✗ wrong: it drops a carry in the second column; right would be 864` */
export function verdictSentence(judged: Judged): string {
	const { verdict } = judged;
	const expected = verdict.kind === 'wrong' ? `; right would be ${verdict.expected}` : '';
	return `${marks[verdict.kind]} ${verdictWords(judged)}${expected}`;
}
