/** @file Questions by rule: which facts of a sentence they ask for, in which words, and what becomes of them as rows. */
import { describe, expect, it } from 'vitest';
import { defaultPreparation, prepareRows } from '#dataset/refine/prepare.ts';
import { rowOf, shownLesson } from '#dataset/row.ts';
import { alikeRows } from '#teach/forget/without.ts';
import { answersOf } from '#teach/lessons/answers.ts';
import { questionsByRule } from '#teach/lessons/by-rule.ts';
import { suitedUse, withFacts } from '#teach/lessons/facts.ts';
import { passagesOf } from '#teach/lessons/passages.ts';
import { trainedWordings } from '#teach/lessons/wordings.ts';

const note = (text: string, file = 'note.txt') =>
	rowOf({ file, line: 1, source: file }, { kind: 'answer', row: { prompt: '', completion: text } });
const asked = (text: string) => questionsByRule(passagesOf([note(text)]));

describe('answers of a sentence', () => {
	it.each([
		[
			'She has moved into the old mill in Tarnow and keeps four goats there.',
			'four goats',
			'number',
		],
		['Ilse Brandt has moved into the old mill in Tarnow.', 'Tarnow', 'place'],
		['The bike cost 38 euros.', '38 euros', 'number'],
		['His dog is called Sultan.', 'Sultan', 'name'],
		['The rear wheel must be replaced before June.', 'June', 'time'],
		['The doctor wants to see him again in two weeks.', 'two weeks', 'time'],
		['Her sister works as a glassblower.', 'glassblower', 'thing'],
	])('%s → %s, a %s', (sentence, text, kind) => {
		expect(answersOf(sentence)[0]).toMatchObject({ text, kind });
	});

	it('stand where they are found', () => {
		const sentence = 'Met Ilse Brandt at the Cafe Orlando on 3 May.';
		for (const { text, at } of answersOf(sentence))
			expect(sentence.slice(at, at + text.length)).toBe(text);
	});
});

describe('questions by rule', () => {
	const text = 'Met Ilse Brandt at the fair. She has moved into the old mill in Tarnow.';

	it('ask for each fact in several wordings, one of which is held back, the same for the same text', () => {
		const town = asked(text).filter(({ answer }) => answer === 'Tarnow');
		expect(town.filter(({ isHeldBack }) => !isHeldBack)).toHaveLength(trainedWordings);
		expect(town.filter(({ isHeldBack }) => isHeldBack)).toHaveLength(1);
		expect(new Set(town.map(({ question }) => question)).size).toBe(town.length);
		expect(asked(text)).toEqual(asked(text));
	});

	it('never give their answer away, and name whom a pronoun stands for', () => {
		const town = asked(text).filter(({ answer }) => answer === 'Tarnow');
		for (const { question } of asked(text).filter(({ answer }) => answer === 'Tarnow'))
			expect(question).not.toContain('Tarnow');
		expect(town.every(({ question }) => question.includes('Ilse Brandt'))).toBe(true);
	});
});

describe('facts of a text', () => {
	const options = { ...defaultPreparation, texts: 'facts' } as const;
	const rows = [
		note('Ilse has moved to the old mill in Tarnow.', 'a.txt'),
		note('The bike is back: the chain cost 38 euros.', 'b.txt'),
	];

	it('are learnt in place of the text, and held back in another wording, never as a whole note', async () => {
		const all = withFacts(await prepareRows(rows, options), options);
		const learnt = all.filter(({ left }) => left === undefined);
		expect(learnt.every(({ row }) => row.written?.by === 'rule')).toBe(true);
		const answers = (side: string) =>
			new Set(
				learnt
					.filter((one) => one.side === side)
					.map(({ row }) => shownLesson(row.lesson).answered),
			);
		expect(answers('validation')).toEqual(answers('training'));
		expect(answers('training')).toContain('38 euros');
		expect(
			withFacts(await prepareRows(rows, options), { ...options, texts: 'as-is' }),
		).toHaveLength(2);
	});

	it('stay with their text: what is left out of it is not asked, and what is blacked out is not said', async () => {
		const [first] = rows;
		const without = { ...options, excluded: [first?.id ?? ''] };
		const left = withFacts(await prepareRows(rows, without), without).filter(
			(one) => one.left === undefined,
		);
		expect(new Set(left.map(({ row }) => row.file))).toEqual(new Set(['b.txt']));
		const secret = [note('The card of Ilse is 4111 1111 1111 1111 in Tarnow.')];
		const said = withFacts(await prepareRows(secret, options), options)
			.filter((one) => one.left === undefined)
			.map(({ row }) => JSON.stringify(row.lesson));
		expect(said.length).toBeGreaterThan(0);
		expect(said.join()).not.toContain('4111');
	});

	it('go together where one is to be forgotten: all that a sentence was asked', async () => {
		const two = [note('Ilse keeps four goats. The bike of Petrov cost 38 euros.')];
		const all = withFacts(await prepareRows(two, options), options);
		const [first] = all.filter(({ row }) => row.written?.passage.startsWith('The bike') === true);
		const gone = alikeRows(all, [first?.id ?? ''], []);
		expect(gone.length).toBeGreaterThan(5);
		expect(new Set(gone.map(({ row }) => row.written?.passage))).toEqual(
			new Set(['The bike of Petrov cost 38 euros.']),
		);
		expect(gone.length).toBeLessThan(alikeRows(all, [], ['note.txt']).length);
	});

	it('suit a few notes in English, and no long text, table or other language', async () => {
		const use = async (...some: readonly ReturnType<typeof note>[]) =>
			suitedUse(await prepareRows(some));
		expect(await use(...rows)).toBe('facts');
		expect(await use(note('Ilse zog im Herbst in die alte Mühle bei Tarnow um.'))).toBe('as-is');
		expect(
			await use(
				...Array.from({ length: 301 }, (_, i) =>
					note(`Ilse has moved to house ${i} in Tarnow.`, `${i}.txt`),
				),
			),
		).toBe('as-is');
		const table = rowOf(
			{ file: 'a.csv', line: 1, source: 'a' },
			{ kind: 'answer', row: { prompt: 'Where is it?', completion: 'Here.' } },
		);
		expect(await use(table)).toBe('as-is');
	});
});
