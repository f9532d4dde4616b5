/** @file Translation: word order, agreement and marks, against a translation made by hand. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeCharacters } from '../../contracts/describe-characters.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const translation = openEnvironment('translation');

const withNew = openEnvironment('translation', { words: 'new' });

describeEnvironment('translation', translation);
describeEnvironment('translation with new words', withNew);
describeCharacters('translation', translation, 'translation');

const plain = { offset: 0, decoys: '' };
const sentence = (text: string) => ({ sentence: text });

describe('a translation', () => {
	it('puts the verb last and adjectives before their noun, with the marks of the source', () => {
		const item = sentence('ga ge ve no ba');
		expect(translation.open(item, plain).first()).toBe('AgaBgeCveDnoEba=');
		expect(translation.reference.solve(item)).toBe('za ma ja fo za');
		expect(translation.answers.write(item, plain, 'za ma ja fo za')).toBe('CzaBmaAjaEfoDza$');
	});

	it.each([
		['one of the first class', 'da de go', 'na ha da'],
		['many of the first class', 'di de go', 'ne he de'],
		['one of the second class', 'ba de go', 'no fo do'],
		['many of the second class', 'bi de go', 'nu fu du'],
	])('makes adjective and verb agree with %s', (_what, tavi, moru) => {
		expect(translation.reference.solve(sentence(tavi))).toBe(moru);
	});

	it('lets an adjective of the object agree with the object, and the verb with the subject', () => {
		expect(translation.reference.solve(sentence('da go bi de'))).toBe('ha nu fu da');
	});

	it('is wrong with one ending that does not agree, by that name', async () => {
		const item = sentence('bi de go');
		const said = translation.answers.write(item, plain, 'nu fu de');
		expect((await scoreOf(translation, item, plain, said)).verdict).toEqual({
			kind: 'wrong',
			expected: 'nu fu du',
		});
		expect(translation.faults.find(item, 'nu fu de')).toEqual({
			way: 'wrong-ending',
			at: 'at the third word',
		});
	});

	it('is malformed with a mark that the sentence does not have', async () => {
		expect((await scoreOf(translation, sentence('da go'), plain, 'AhaCba$')).verdict.kind).toBe(
			'malformed',
		);
	});

	it.each(['go', 'go da', 'de da go', 'da', 'da go go', 'da go de', 'xa go', 'da  go de'])(
		'is refused if %j is no sentence of Tavi',
		(text) => {
			expect(translation.words.parse(text)).toHaveProperty('error');
		},
	);
});

describe('new words', () => {
	const records = withNew.knowledge?.records ?? [];
	const about = (id: string) => withNew.knowledge?.about(id) ?? [];

	it('are 24 records, each told once, and are in every sentence that is drawn', () => {
		expect(records).toHaveLength(24);
		expect(new Set(records.map(({ text }) => text)).size).toBe(24);
		expect(records[0]?.text).toBe('The noun c- of Tavi is k- in Moru.');
		const stream = random(3);
		for (let n = 2; n < 8; n++)
			for (let i = 0; i < 40; i++) {
				const item = withNew.tasks.draw(n, stream);
				expect(String(item['sentence'])).toMatch(/[cfhjqwxz]/);
				expect(withNew.tasks.kindOf?.(item)).toMatch(/^(?:noun|adjective|verb) [cfhjqwxz]$/);
			}
		expect(translation).not.toHaveProperty('knowledge');
	});

	it('are practised in short sentences with no other new word, which the record answers', () => {
		for (const { id, text } of records) {
			const [, tavi = '', moru = ''] = / (\w)- of Tavi is (\w)- /.exec(text) ?? [];
			const sentences = about(id);
			expect(sentences.length).toBeGreaterThan(20);
			for (const item of sentences) {
				const said = String(item['sentence']);
				expect(said.match(/[cfhjqwxz](?=[aeio])/g)).toEqual([tavi]);
				expect(withNew.tasks.kindOf?.(item)).toBe(id);
				expect(withNew.reference.solve(item)).toContain(moru);
			}
		}
	});

	it('are refused in a sentence of taught words, and taught words alone where new ones are asked for', () => {
		expect(translation.words.parse('ca te go')).toHaveProperty('error');
		expect(withNew.words.parse('ca te go')).toHaveProperty('item');
		expect(withNew.words.parse('ka te go')).toHaveProperty('error');
	});
});
