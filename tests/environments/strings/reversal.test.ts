/** @file Reversal and copying: the formats character by character. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { verify } from '#environments/environment.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment } from '../../contracts/describe-environment.ts';

const reverse = openEnvironment('reversal');
const copy = openEnvironment('reversal', { direction: 'copy' });

describeEnvironment('reversal', reverse);
describeEnvironment('copying', copy);

const item = { word: 'hello' };
const view = { offset: 0 };

describe('words', () => {
	it('are reversed down the circle of marks and copied up', () => {
		expect(reverse.prompt(item, view)).toBe('AhBeClDlEo<');
		expect(reverse.write(item, view, 'olleh')).toBe('EoDlClBeAh$');
		expect(copy.prompt(item, { offset: 30 })).toBe('4h5eAlBlCo=');
		expect(copy.write(item, { offset: 30 }, 'hello')).toBe('4h5eAlBlCo$');
		expect(reverse.write(item, { offset: 30 }, 'olleh')).toBe('CoBlAl5e4h$');
		expect([reverse.solve(item), copy.solve(item)]).toEqual(['olleh', 'hello']);
	});

	it('are wrong when they stop early, go on past the first letter or miss one', () => {
		expect(verify(reverse, item, view, 'EoDlClBe$').kind).toBe('wrong');
		expect(verify(reverse, item, view, 'EoDlClBeAh5x$').kind).toBe('wrong');
		expect(verify(reverse, item, view, 'EoDlBeAh$').kind).toBe('malformed');
		expect(verify(copy, item, view, 'EoDlClBeAh$').kind).toBe('malformed');
	});

	it('hold the longest word without using a mark twice', () => {
		const longest = reverse.draw(30, random(1));
		const marks = reverse.prompt(longest, { offset: 9 }).replace(/[a-z<]/g, '');
		expect(new Set(marks).size).toBe(30);
	});

	it('can be typed in capitals; anything but one word of letters is refused', () => {
		expect(reverse.parse(' Hello ')).toEqual({ item });
		for (const text of ['two words', 'naïve', 'a1', 'z'.repeat(31)])
			expect(reverse.parse(text)).toHaveProperty('error');
	});
});
