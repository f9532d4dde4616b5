/** @file The synthetic diary of the benchmark: seeded, its questions in other words than its notes, its answers judged strictly. */
import { expect, it } from 'vitest';
import { functionWords, wordsOf } from '#teach/lessons/passages.ts';
import { diaryOf, judge } from '../../scripts/own-text/diary.ts';

it('has three facts a note, the same for a seed, others for another', () => {
	const diary = diaryOf(1, 30);
	expect(diary.notes).toHaveLength(30);
	expect(diary.facts).toHaveLength(90);
	expect(diaryOf(1, 30)).toEqual(diary);
	expect(diaryOf(2, 30).notes).not.toEqual(diary.notes);
	for (const { note, answer } of diary.facts) expect(diary.notes[note]).toContain(answer);
});

it.each([1, 2, 3])('asks in words that its notes do not have, names apart (seed %i)', (seed) => {
	const { notes, facts } = diaryOf(seed, 30);
	for (const { note, question, answer } of facts) {
		const said = new Set(wordsOf(notes[note] ?? ''));
		const shared = wordsOf(question)
			.slice(1)
			.filter((one) => said.has(one) && !functionWords.has(one) && !/^\p{Lu}/u.test(one));
		expect(shared, question).toEqual([]);
		expect(question).not.toContain(answer);
	}
});

it('takes the fact for right, and not that of another note, nor a list of both', () => {
	const fact = { note: 0, question: '', answer: 'lentil soup', others: ['plum cake'] };
	expect(judge(fact, 'It was lentil soup.')).toBe('right');
	expect(judge(fact, 'plum cake')).toBe('mixed up');
	expect(judge(fact, 'lentil soup or plum cake')).toBe('mixed up');
	expect(judge({ ...fact, answer: '4', others: ['44'] }, '44')).toBe('mixed up');
	expect(judge(fact, 'soup')).toBe('wrong');
});
