/** @file Examinations in language, first beside last: shares, reasons, kinds and the price. */
import { expect, test } from 'vitest';
import { languageLines, languageOf } from '#runs/measure/language.ts';
import type { Score } from '#loop/types.ts';

const score = (t: number, correct: number, perplexity: number): Score => ({
	...{ t, policy: `p${t}`, frontier: 0, threshold: 0.9, perplexity },
	cells: [
		{
			...{ difficulty: 1, stratum: 'format', correct, n: 40 },
			malformed: { 'it was cut off before its end': 20 - correct / 2 },
			kinds: [
				{ kind: 'bullets', correct: correct - 4, n: 20 },
				{ kind: 'title', correct: 4, n: 20 },
			],
		},
		...(t === 0 ? [{ difficulty: 2, stratum: 'format', correct: 0, n: 40 }] : []),
	],
});

test('compares the difficulties that both examinations have', () => {
	const found = languageOf([score(0, 8, 36), score(1, 12, 36.5), score(2, 20, 36.9)]);
	expect(found).toMatchObject({
		before: { correct: 8, n: 40 },
		after: { correct: 20, n: 40 },
		malformed: [['it was cut off before its end', 16, 10]],
		perplexity: [36, 36.9],
	});
	expect(found?.kinds).toEqual([['bullets', { correct: 4, n: 20 }, { correct: 16, n: 20 }]]);
});

test('says so in a few lines, and nothing of a run that is not in language', () => {
	expect(languageLines([score(0, 8, 36), score(2, 20, 36.9)])).toEqual([
		'right: 20 % (8 of 40, 10–35 %) → 50 % (20 of 40, 35–65 %)',
		'no answer, it was cut off before its end: 16 → 10',
		'moved most: bullets 4 → 16 of 20',
		'price: perplexity of a plain text 36.0 → 36.9 (+2.5 %)',
	]);
	expect(languageLines([score(0, 8, 36)])).toEqual([
		'right: 10 % (8 of 80, 5–19 %)',
		'no answer, it was cut off before its end: 16',
		'perplexity of a plain text: 36.0',
	]);
	const recalled = { ...score(2, 20, 36.9), recalled: 2 };
	expect(languageLines([score(0, 8, 36), recalled])).toContain(
		'in view of each question since round 1: 2 solved cases of its memory, at most',
	);
	const { perplexity: _none, ...plain } = score(0, 8, 36);
	expect(languageLines([plain])).toEqual([]);
	expect(languageOf([])).toBeUndefined();
});
