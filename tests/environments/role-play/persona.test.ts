/** @file Personas: answers agree with the record of the one who is asked, and refuse all else. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeCharacters } from '../../contracts/describe-characters.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const persona = openEnvironment('persona');

describeEnvironment('persona', persona);
describeCharacters('persona', persona, 'persona');

const item = { interview: 'Ada cat mo, Ben cat lu, Ben owl ki, Ada dog ra; Ada: dog owl cat' };
const plain = { order: 0 };
const verdictOf = async (completion: string) =>
	(await scoreOf(persona, item, plain, completion)).verdict.kind;

describe('a persona', () => {
	it('answers by its own record and refuses what only the other knows', () => {
		expect(persona.open(item, plain).first()).toBe('1Cmo2Clu2Oki1Dra>1DOC=');
		expect(persona.reference.solve(item)).toBe('ra - mo');
		expect(persona.answers.write(item, plain, 'ra - mo')).toBe('1Dra1O-1Cmo$');
	});

	it('is out of role with what the other would say, and wrong if it refuses what it knows', async () => {
		expect(await verdictOf('1Dra1O-1Cmo$')).toBe('correct');
		expect(await verdictOf('1Dra1O-1Clu$')).toBe('wrong');
		expect(await verdictOf('1Dra1Oki1Cmo$')).toBe('wrong');
		expect(await verdictOf('1Dra1O-1C-$')).toBe('wrong');
		expect(await verdictOf('1D-1O-1C-$')).toBe('wrong');
		const wayOf = (answer: string) => persona.faults.find(item, answer);
		expect(wayOf('ra ki mo')).toEqual({ way: 'out-of-role', at: 'at the second question' });
		expect(wayOf('- - mo')?.way).toBe('refuses');
		expect(wayOf('ra xe mo')?.way).toBe('invents');
		expect(wayOf('ra - ra')?.way).toBe('another');
	});

	it('must answer every question, each under its own letter', async () => {
		for (const said of [
			'1Dra1O-$',
			'1O-1Dra1Cmo$',
			'1Dra1O-1Cmo1C-$',
			'2Dra1O-1Cmo$',
			'DraO-Cmo$',
			'1Dra1O-1Cm$',
		])
			expect(await verdictOf(said)).toBe('malformed');
	});

	it('is the same problem in whatever order facts are told and questions asked', () => {
		const other = { interview: 'Ada dog ra, Ben owl ki, Ben cat lu, Ada cat mo; Ada: cat dog owl' };
		expect(persona.tasks.keyOf(other)).toBe(persona.tasks.keyOf(item));
	});

	it('always knows something and never everything', () => {
		for (let seed = 0; seed < 200; seed++) {
			const said = persona.reference.solve(persona.tasks.draw(2 + (seed % 9), random(seed)));
			expect(said.split(' ')).toContain('-');
			expect(said).toMatch(/[a-z]/);
		}
	});

	it.each([
		'Ada cat mo; Ada: cat',
		'Ada cat mo; Ada: cat cat',
		'Ada cat mo, Ada cat lu; Ada: cat dog',
		'Ada car mo; Ada: car dog',
		'Eve cat mo; Eve: cat dog',
		'Ada cat mo; Ben: cat dog',
	])('is not asked %j', (interview) => {
		expect(persona.words.parse(interview)).toHaveProperty('error');
		expect(() => persona.reference.solve({ interview })).toThrow(TypeError);
	});
});
