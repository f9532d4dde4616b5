/** @file Edits: every word as it was told, each under its own mark. */
import { describe, expect, it } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { random } from '#base/random.ts';
import type { View } from '#environments/item.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeCharacters } from '../../contracts/describe-characters.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const edits = openEnvironment('edits');

describeEnvironment('edits', edits);
describeCharacters('edits', edits, 'edits');

const item = { request: 'dog^ cat( sun~' };
const view = { offset: 3, order: 0 };
const verdictOf = async (completion: string) =>
	(await scoreOf(edits, item, view, completion)).verdict.kind;

describe('a request', () => {
	it('is followed word by word', () => {
		expect(edits.open(item, view).first()).toBe('3dog^4cat(5sun~=');
		expect(edits.reference.solve(item)).toBe('DOG (cat) nus');
		expect(edits.answers.write(item, view, 'DOG (cat) nus')).toBe('3DOG4(cat)5nus$');
		expect(edits.reference.solve({ request: 'bel# bel!' })).toBe('be bl');
	});

	it('is shown in other orders, and read back in its own', () => {
		const views = edits.tasks.views(item, 9, random(1));
		const promptIn = (one: View): string => shownPrompt(edits.open(item, one).first());
		expect(new Set(views.map((one) => promptIn(one).slice(1, 4))).size).toBe(3);
		const followed: Readonly<Record<string, string>> = { dog: 'DOG', cat: '(cat)', sun: 'nus' };
		for (const one of views) {
			const completion = edits.answers.write(item, one, 'DOG (cat) nus');
			expect(edits.answers.read(item, one, completion)).toEqual({ answer: 'DOG (cat) nus' });
			const asked = Array.from(promptIn(one).matchAll(/[a-z]{3}/g), ([word]) => followed[word]);
			expect(Array.from(completion.matchAll(/[^0-9$]+/g), ([word]) => word)).toEqual(asked);
		}
	});

	it('counts only if all of it is followed', async () => {
		expect(await verdictOf('3DOG4(cat)5nus$')).toBe('correct');
		for (const said of ['3DOG4(cat)5sun$', '3DOG4cat5nus$', '3dog4(cat)5nus$', '3DOG4(cat)$'])
			expect(await verdictOf(said)).toBe('wrong');
		for (const said of ['3DOG5nus$', 'DOG(cat)nus$', '3DOG45nus$', '3DOG4(cat)5nus'])
			expect(await verdictOf(said)).toBe('malformed');
	});

	it('says what was done instead', () => {
		const faultOf = (answer: string) => edits.faults.find(item, answer);
		expect(faultOf('DOG (cat) nus')).toBeNull();
		expect(faultOf('dog (cat) nus')).toEqual({ way: 'ignores', at: 'at the first word' });
		expect(faultOf('DOG ct nus')).toEqual({ way: 'another-instruction', at: 'at the second word' });
		expect(faultOf('DOG (cat)')?.way).toBe('leaves-out');
		expect(faultOf('DOG (cat) nun')?.way).toBe('another-word');
		expect(faultOf('DOG (cat) nus nus')?.way).toBe('goes-on');
	});
});
