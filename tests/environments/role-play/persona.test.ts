/** @file Personas: answers agree with the record of the one who is asked, and refuse all else. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeCharacters } from '../../contracts/describe-characters.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const persona = openEnvironment('persona');

describeEnvironment('persona', persona);
describeCharacters('persona', persona, 'persona');

const item = { interview: 'Ada cats 3, Ben cats 5, Ben owls 6, Ada dogs 2; Ada: dogs owls cats' };
const plain = { order: 0 };
const verdictOf = async (completion: string) =>
	(await scoreOf(persona, item, plain, completion)).verdict.kind;

describe('a persona', () => {
	it('answers by its own record and refuses what only the other knows', () => {
		expect(persona.open(item, plain).first()).toBe('C3c5o6D2>DOC=');
		expect(persona.reference.solve(item)).toBe('2 - 3');
		expect(persona.answers.write(item, plain, '2 - 3')).toBe('D2O-C3$');
	});

	it('answers as the other one if that one is asked', () => {
		const other = { interview: item.interview.replace('Ada: dogs', 'Ben: dogs') };
		expect(persona.open(other, plain).first()).toBe('C3c5o6D2>doc=');
		expect(persona.reference.solve(other)).toBe('- 6 5');
	});

	it('is out of role with what the other would say, and wrong if it refuses what it knows', async () => {
		expect(await verdictOf('D2O-C3$')).toBe('correct');
		expect(await verdictOf('D2O-C5$')).toBe('wrong');
		expect(await verdictOf('D2O6C3$')).toBe('wrong');
		expect(await verdictOf('D2O-C-$')).toBe('wrong');
		expect(await verdictOf('D-O-C-$')).toBe('wrong');
		const faultOf = (answer: string) => persona.faults.find(item, answer);
		expect(faultOf('2 6 3')).toEqual({ way: 'out-of-role', at: 'at the second question' });
		expect(faultOf('- - 3')?.way).toBe('refuses');
		expect(faultOf('2 9 3')?.way).toBe('invents');
		expect(faultOf('2 - 4')?.way).toBe('another');
	});

	it('must answer every question, each under its own letter', async () => {
		for (const said of ['D2O-$', 'O-D2C3$', 'D2O-C3C-$', '2O-C3$', 'D2O-C$', 'd2o-c3$'])
			expect(await verdictOf(said)).toBe('malformed');
	});

	it('is the same problem in whatever order facts are told and questions asked', () => {
		const other = {
			interview: 'Ada dogs 2, Ben owls 6, Ben cats 5, Ada cats 3; Ada: cats dogs owls',
		};
		expect(persona.tasks.keyOf(other)).toBe(persona.tasks.keyOf(item));
	});

	it('always knows something and never everything', () => {
		for (let seed = 0; seed < 200; seed++) {
			const said = persona.reference.solve(persona.tasks.draw(2 + (seed % 9), random(seed)));
			expect(said.split(' ')).toContain('-');
			expect(said).toMatch(/[0-9]/);
		}
	});

	it.each([
		'Ada cats 3; Ada: cats',
		'Ada cats 3; Ada: cats cats',
		'Ada cats 3, Ada cats 5; Ada: cats dogs',
		'Ada cars 3; Ada: cars dogs',
		'Eve cats 3; Eve: cats dogs',
		'Ada cats 3; Ben: cats dogs',
		'Ada cats 12; Ada: cats dogs',
	])('is not asked %j', (interview) => {
		expect(persona.words.parse(interview)).toHaveProperty('error');
		expect(() => persona.reference.solve({ interview })).toThrow(TypeError);
	});
});
