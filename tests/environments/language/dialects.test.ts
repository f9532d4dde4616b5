/** @file Dialects: rules that stay, solved words before a task, and lands where nothing else can help. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const dialects = openEnvironment('dialects');
const strange = openEnvironment('dialects', { lands: 'strange' });
describeEnvironment('dialects', dialects);
describeEnvironment('strange dialects', strange);

const item = { land: 'K', word: 'bad' };
const view = { plain: true };

describe('a land', () => {
	it('has one digit for each letter, another for another letter, and other digits elsewhere', () => {
		const whole = (land: string) => dialects.reference.solve({ land, word: 'abcdefgh' });
		for (const land of 'ABCDEFGHIJKLMNOP') {
			expect(Array.from(whole(land)).sort().join('')).toBe('01234567');
			expect(dialects.reference.solve({ land, word: 'hb' })).toBe(
				whole(land).charAt(7) + whole(land).charAt(1),
			);
		}
		expect(new Set(Array.from('ABCDEFGHIJKLMNOP', whole)).size).toBe(16);
	});

	it('tells nothing of its rule in a task', () => {
		expect(dialects.open(item, view).first()).toBe('Kbad=');
	});

	it('is answered letter by letter', async () => {
		const [b, a, d] = dialects.reference.solve(item);
		const verdict = async (text: string) =>
			(await scoreOf(dialects, item, view, text)).verdict.kind;
		expect(await verdict(`b${b}a${a}d${d}$`)).toBe('correct');
		expect(await verdict(`b${a}a${b}d${d}$`)).toBe('wrong');
		for (const text of [`b${b}a${a}$`, `b${b}a${a}d$`, `b${b}d${d}a${a}$`, `${b}${a}${d}$`, '$'])
			expect(await verdict(text)).toBe('malformed');
	});

	it('is guessed by nobody: neither chance, nor one rule for all, nor length is rewarded', async () => {
		const stream = random(3);
		const right = [0, 0, 0];
		for (let i = 0; i < 300; i++) {
			const drawn = dialects.tasks.draw(3, random(i));
			const chance = Array.from({ length: 3 }, () => stream.pick(Array.from('01234567'))).join('');
			const always = Array.from(String(drawn['word']), (c) => 'abcdefgh'.indexOf(c)).join('');
			const tries = [chance, always].map((digits) => dialects.answers.write(drawn, view, digits));
			tries.push(dialects.answers.write(drawn, view, dialects.reference.solve(drawn)).repeat(2));
			for (const [t, text] of tries.entries())
				if ((await scoreOf(dialects, drawn, view, text)).verdict.kind === 'correct')
					right[t] = (right[t] ?? 0) + 1;
		}
		expect(Math.max(...right)).toBeLessThan(15);
	});
});

describe('cases', () => {
	it('stand before a task in the characters of the seedling', () => {
		const solved = [
			{ task: 'K: b h', text: 'b3h5$' },
			{ task: 'K: d a', text: 'd0a1$' },
		];
		expect(dialects.cases.write(solved)).toBe('Kbh=b3h5$Kda=d0a1$');
		const known = new Set<string>(alphabets.dialects);
		for (let i = 0; i < 200; i++) {
			const drawn = strange.tasks.draw(2 + (i % 7), random(i));
			const [at = {}] = strange.tasks.views(drawn, 1, random(i));
			const prompt = String(strange.open(drawn, at).first());
			expect(Array.from(prompt).filter((character) => !known.has(character))).toEqual([]);
			expect(prompt.length).toBeLessThanOrEqual(strange.maxTokens(2 + (i % 7)).prompt);
		}
	});

	it('are true of a strange land, and tell every letter three times in four or more', () => {
		let telling = 0;
		for (let i = 0; i < 400; i++) {
			const drawn = strange.tasks.draw(4, random(i));
			const [at = {}] = strange.tasks.views(drawn, 1, random(i));
			const told = String(strange.open(drawn, at).first());
			const rule = new Map(
				Array.from(told.matchAll(/([a-h])(\d)/g), ([, a = '', b = '']) => [a, b]),
			);
			const letters = Array.from(String(drawn['word']));
			const right = strange.reference.solve(drawn);
			for (const [n, letter] of letters.entries())
				if (rule.has(letter)) expect(rule.get(letter)).toBe(right[n]);
			telling += Number(letters.every((letter) => rule.has(letter)));
		}
		expect(telling).toBeGreaterThan(300);
		expect(telling).toBeLessThan(390);
	});
});
