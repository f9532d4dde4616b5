/** @file Multiplication: steps that are inferred from the answer, what of them is read, and which fault comes first. */
import { describe, expect, it } from 'vitest';
import { derive, random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const multiplication = openEnvironment('multiplication');
const { tasks, answers, reference, faults } = multiplication;
describeEnvironment('multiplication', multiplication);

const item = { number: '247', digit: '6' };
const view = { wording: 0 };

describe('a product in steps', () => {
	it('is asked and answered as the header shows it', () => {
		expect(JSON.stringify(multiplication.open(item, view).first())).toContain('Multiply 247 by 6.');
		expect(answers.write(item, view, '1482')).toBe(
			'7 * 6 + 0 = 42\n4 * 6 + 4 = 28\n2 * 6 + 2 = 14\n1482',
		);
	});

	it('has right lines where the answer is right', () => {
		for (let i = 0; i < 300; i++) {
			const drawn = tasks.draw(1 + (i % 12), random(derive(1, i)));
			const lines = answers.write(drawn, view, reference.solve(drawn)).split('\n').slice(0, -1);
			expect(lines).toHaveLength(1 + (i % 12));
			let carry = 0;
			for (const line of lines) {
				const [digit = 0, factor = 0, into, result = 0] = (line.match(/\d+/g) ?? []).map(Number);
				expect(into).toBe(carry);
				expect(digit * factor + carry).toBe(result);
				carry = Math.floor(result / 10);
			}
		}
	});

	it('has lines of a false answer that do not betray the right one', () => {
		expect(answers.write(item, view, '9999')).toBe(
			'7 * 6 + 0 = 59\n4 * 6 + 5 = 79\n2 * 6 + 7 = 9\n9999',
		);
	});

	it.each([
		['7 * 6 + 0 = 42\n4 * 6 + 4 = 28\n2 * 6 + 2 = 14\n1482', 'correct'],
		['247 times 6 is 1,482.', 'correct'],
		['7 * 6 + 0 = 0\n1482', 'correct'],
		['1482\n7 * 6 + 0 = 42', 'wrong'],
		['1483', 'wrong'],
		['I do not know.', 'malformed'],
		['1482'.padStart(2000), 'malformed'],
	] as const)('%j is %s: its last number counts', async (said, kind) => {
		expect((await scoreOf(multiplication, item, view, said)).verdict.kind).toBe(kind);
	});

	it('rewards neither chance, nor one answer for all', async () => {
		const stream = random(9);
		let [chance, constant] = [0, 0];
		for (let i = 0; i < 400; i++) {
			const n = 2 + (i % 5);
			const drawn = tasks.draw(n, random(derive(2, i)));
			const right = async (said: number): Promise<number> =>
				Number(
					(await scoreOf(multiplication, drawn, view, String(said))).verdict.kind === 'correct',
				);
			chance += await right(stream.integer(10 ** (n - 1), 10 ** n));
			constant += await right(1482);
		}
		expect(Math.max(chance, constant) / 400).toBeLessThan(0.02);
	});

	it('says where an answer first goes wrong', () => {
		expect(faults.find(item, '1442')).toEqual({
			...{ way: 'drops-carry', at: 'in the second place from the right' },
		});
		expect(faults.find(item, '1472')?.way).toBe('wrong-digit');
		expect(faults.find(item, '482')?.way).toBe('ends-early');
		expect(faults.find(item, '11482')?.way).toBe('goes-on');
	});

	it('is typed with a cross, an x or a star, and one digit behind it', () => {
		for (const text of ['247 × 6', '247x6', '247*6'])
			expect(multiplication.words.parse(text)).toEqual({ item });
		for (const text of ['247 × 60', '0 × 6', '247 × 0'])
			expect(multiplication.words.parse(text)).toHaveProperty('error');
	});
});
