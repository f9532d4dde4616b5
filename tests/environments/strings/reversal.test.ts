/** @file Reversal and copying: the formats character by character. */
import { describe, expect, it } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';
import { describeIndexHints } from '../../contracts/describe-index-hints.ts';

const reverse = openEnvironment('reversal');
const copy = openEnvironment('reversal', { direction: 'copy' });

describeEnvironment('reversal', reverse);
describeIndexHints('reversal', reverse, 'reversal');
describeEnvironment('copying', copy);
describeIndexHints('copying', copy, 'reversal');

const item = { word: 'hello' };
const view = { offset: 0 };

describe('words', () => {
	it('are reversed down the circle of marks and copied up', () => {
		expect(reverse.open(item, view).first()).toBe('AhBeClDlEo<');
		expect(reverse.answers.write(item, view, 'olleh')).toBe('EoDlClBeAh$');
		expect(copy.open(item, { offset: 30 }).first()).toBe('4h5eAlBlCo=');
		expect(copy.answers.write(item, { offset: 30 }, 'hello')).toBe('4h5eAlBlCo$');
		expect(reverse.answers.write(item, { offset: 30 }, 'olleh')).toBe('CoBlAl5e4h$');
		expect([reverse.reference.solve(item), copy.reference.solve(item)]).toEqual(['olleh', 'hello']);
	});

	it('are asked for by the sign of the other direction once the signs have changed places', () => {
		const swapped = openEnvironment('reversal', { means: 'swapped' });
		expect(swapped.open(item, view).first()).toBe('AhBeClDlEo=');
		expect(swapped.reference.solve(item)).toBe('olleh');
		const both = openEnvironment('reversal', { direction: 'copy', means: 'swapped' });
		expect(both.open(item, view).first()).toBe('AhBeClDlEo<');
		expect(both.reference.solve(item)).toBe('hello');
	});

	it('are wrong when they stop early, go on past the first letter or miss one', async () => {
		expect((await scoreOf(reverse, item, view, 'EoDlClBe$')).verdict.kind).toBe('wrong');
		expect((await scoreOf(reverse, item, view, 'EoDlClBeAh5x$')).verdict.kind).toBe('wrong');
		expect((await scoreOf(reverse, item, view, 'EoDlBeAh$')).verdict.kind).toBe('malformed');
		expect((await scoreOf(copy, item, view, 'EoDlClBeAh$')).verdict.kind).toBe('malformed');
	});

	it('hold the longest word without using a mark twice', () => {
		const longest = reverse.tasks.draw(30, random(1));
		const marks = shownPrompt(reverse.open(longest, { offset: 9 }).first()).replace(/[a-z<]/g, '');
		expect(new Set(marks).size).toBe(30);
	});

	it('can be typed in capitals; anything but one word of letters is refused', () => {
		expect(reverse.words.parse(' Hello ')).toEqual({ item });
		for (const text of ['two words', 'naïve', 'a1', 'z'.repeat(31)])
			expect(reverse.words.parse(text)).toHaveProperty('error');
	});
});
