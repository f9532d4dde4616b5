/** @file Countdown: every calculation that comes to the target is right, and what goes wrong in one that does not. */
import { describe, expect, it } from 'vitest';
import { derive, random } from '#base/random.ts';
import { search } from '#environments/arithmetic/expressions.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const countdown = openEnvironment('countdown');
const { tasks, reference, faults } = countdown;
describeEnvironment('countdown', countdown);

const item = { numbers: [3, 5, 7], target: 22 };
const view = { order: 0 };
const kindOf = async (answer: string): Promise<string> =>
	(await scoreOf(countdown, item, view, answer)).verdict.kind;

describe('Countdown', () => {
	it('is asked in words', () => {
		expect(JSON.stringify(countdown.open(item, view).first())).toContain(
			'Reach 22 with the numbers 3, 5 and 7.',
		);
	});

	it.each([
		['5 * 3 = 15\n15 + 7 = 22', 'correct'],
		['First 3x5=15, and then 7 + 15 = 22.', 'correct'],
		['5 * 3 = 15\n15 + 7 = 23', 'wrong'],
		['5 * 3 = 16\n16 + 7 = 22', 'wrong'],
		['5 * 4 = 20\n20 + 7 = 27', 'wrong'],
		['15 + 7 = 22', 'wrong'],
		['5 * 3 = 15', 'wrong'],
		['5 * 3 = 15\n15 + 7 = 22\n15 + 7 = 22', 'wrong'],
		['5 * 3 + 7', 'malformed'],
		['22', 'malformed'],
		['5 * 3 = 15\n15 + 7 = 22'.padEnd(2000, '!'), 'malformed'],
	] as const)('%j is %s', async (answer, kind) => {
		expect(await kindOf(answer)).toBe(kind);
	});

	it('rewards neither chance, nor one answer for all, nor every step that there is', async () => {
		const stream = random(9);
		const all = Array.from({ length: 30 }, (_, i) => `${i + 1} + 1 = ${i + 2}`).join('\n');
		const always = reference.solve(tasks.draw(2, random(8)));
		let [chance, constant, long] = [0, 0, 0];
		for (let i = 0; i < 300; i++) {
			const drawn = tasks.draw(2 + (i % 3), random(derive(2, i)));
			const right = async (said: string): Promise<number> =>
				Number((await scoreOf(countdown, drawn, view, said)).verdict.kind === 'correct');
			const [a, b, c] = [1, 2, 3].map(() => stream.integer(1, 20));
			chance += await right(`${String(a)} + ${String(b)} = ${String(c)}`);
			constant += await right(always);
			long += await right(all);
		}
		expect([chance, constant, long].every((n) => n / 300 < 0.02)).toBe(true);
	});

	it('uses a number once only, and as often as it is given', async () => {
		const twice = { numbers: [4, 4], target: 16 };
		expect((await scoreOf(countdown, twice, view, '4 * 4 = 16')).verdict.kind).toBe('correct');
		const once = { numbers: [4, 12], target: 16 };
		expect((await scoreOf(countdown, once, view, '4 * 4 = 16')).verdict.kind).toBe('wrong');
	});

	it('is solved by its reference up to six numbers, worked out apart from its own steps', () => {
		for (let i = 0; i < 100; i++) {
			const drawn = tasks.draw(2 + (i % 5), random(derive(1, i)));
			const left = [...(drawn['numbers'] as number[])];
			for (const step of reference.solve(drawn).split('\n')) {
				const [said = '', result] = step.replaceAll(' ', '').split('=');
				const [a, sign, b] = said.split(/([-+*/])/);
				for (const one of [a, b]) {
					const at = left.indexOf(Number(one));
					expect(at).toBeGreaterThanOrEqual(0);
					left.splice(at, 1);
				}
				const [x, y] = [Number(a), Number(b)];
				const value = sign === '+' ? x + y : sign === '-' ? x - y : sign === '*' ? x * y : x / y;
				expect(value).toBe(Number(result));
				left.push(value);
			}
			expect(left).toEqual([drawn['target']]);
		}
	});

	it('says where a calculation goes wrong', () => {
		expect(faults.find(item, '5 * 3 = 16\n16 + 7 = 23')).toEqual({
			way: 'miscounts',
			at: 'at the first step',
		});
		expect(faults.find(item, '5 * 3 = 15\n15 + 8 = 23')).toEqual({
			way: 'not-there',
			at: 'at the second step',
		});
		expect(faults.find(item, '5 * 3 = 15')).toEqual({ way: 'leaves-over' });
		expect(faults.find(item, '5 * 3 = 15\n15 - 7 = 8')).toEqual({ way: 'elsewhere' });
	});

	it('refuses a target that cannot be reached: it is unjudged, and cannot be typed', async () => {
		const hopeless = { numbers: [1, 1], target: 900 };
		expect((await scoreOf(countdown, hopeless, view, '1 + 1 = 2')).verdict.kind).toBe('unjudged');
		expect(countdown.words.parse('1 1 > 900')).toHaveProperty('error');
		expect(search([1, 1], 900)).toBeNull();
	});
});
