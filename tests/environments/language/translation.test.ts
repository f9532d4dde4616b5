/** @file Translation: word order, agreement and marks, against a translation made by hand. */
import { describe, expect, it } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { describeCharacters } from '../../contracts/describe-characters.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const translation = openEnvironment('translation');

describeEnvironment('translation', translation);
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
