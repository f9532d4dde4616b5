/** @file Addition: the three formats character by character, the strata, and what counts as one problem. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive, random } from '#base/random.ts';
import { auditSum } from '#environments/arithmetic/addition.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';
import { describeIndexHints } from '../../contracts/describe-index-hints.ts';

const hints = openEnvironment('addition');
const plain = openEnvironment('addition', { format: 'plain' });
const scratchpad = openEnvironment('addition', { format: 'scratchpad' });

describeEnvironment('addition, index hints', hints);
describeEnvironment('addition, plain', plain);
describeEnvironment('addition, scratchpad', scratchpad);
describeIndexHints('addition, index hints', hints, 'addition');
describeIndexHints('addition, plain', plain, 'addition-plain');
describeIndexHints('addition, scratchpad', scratchpad, 'addition-scratchpad');

const item = { a: '357', b: '864' };
const view = { offset: 0, swapped: false };
const numbers = fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }).map(String);

describe('sums', () => {
	it('are the sums of arithmetic', () => {
		fc.assert(
			fc.property(numbers, numbers, (a, b) => {
				expect(hints.reference.solve({ a, b })).toBe((BigInt(a) + BigInt(b)).toString());
			}),
			{ seed: 1 },
		);
	});

	it('are the same problem with the operands exchanged', () => {
		fc.assert(
			fc.property(numbers, numbers, (a, b) => {
				expect(hints.tasks.keyOf({ a, b })).toBe(hints.tasks.keyOf({ a: b, b: a }));
				expect(hints.tasks.isHeldOut({ a, b })).toBe(hints.tasks.isHeldOut({ a: b, b: a }));
			}),
			{ seed: 1 },
		);
		expect(hints.tasks.keyOf({ a: '12', b: '3' })).not.toBe(hints.tasks.keyOf({ a: '1', b: '23' }));
	});

	it('have operands without a leading 0, the shorter one of any length and on either side', () => {
		const stream = random(1);
		const seen = new Set<string>();
		for (let i = 0; i < 2_000; i++) {
			const { a, b } = hints.tasks.draw(5, stream, 'unequal');
			expect(`${String(a)} ${String(b)}`).toMatch(/^(0|[1-9]\d*) (0|[1-9]\d*)$/);
			seen.add(`${String(a).length}+${String(b).length}`);
		}
		expect([...seen].sort()).toEqual(['1+5', '2+5', '3+5', '4+5', '5+1', '5+2', '5+3', '5+4']);
	});

	it('are half of them of equal length where nothing is asked', () => {
		const stream = random(2);
		const drawn = Array.from({ length: 4_000 }, () =>
			hints.tasks.stratumOf(hints.tasks.draw(4, stream)),
		);
		const equal = drawn.filter((stratum) => stratum === 'equal').length;
		expect(equal / drawn.length).toBeGreaterThan(0.47);
		expect(equal / drawn.length).toBeLessThan(0.53);
		expect(hints.tasks.stratumOf(hints.tasks.draw(1, stream))).toBe('equal');
		expect(() => hints.tasks.draw(1, stream, 'unequal')).toThrow(/choose another/);
	});

	it('count their problems: unordered pairs', () => {
		const pairs = (from: number, to: number): number => {
			let equal = 0;
			for (let a = from; a < to; a++) for (let b = from; b <= a; b++) equal++;
			return equal;
		};
		expect([1, 2].map((n) => hints.tasks.space(n, 'equal'))).toEqual([
			pairs(0, 10),
			pairs(10, 100),
		]);
		expect([1, 2, 3].map((n) => hints.tasks.space(n, 'unequal'))).toEqual([0, 900, 90_000]);
	});

	it('can be typed with spaces, zeros in front and an equals sign', () => {
		for (const text of ['357+864', ' 0357 +864 =', '357\t+ 00864'])
			expect(hints.words.parse(text)).toEqual({ item });
		expect(hints.words.parse('000 + 0')).toEqual({ item: { a: '0', b: '0' } });
		expect(hints.words.parse(`${'9'.repeat(31)} + 1`)).toHaveProperty('error');
		expect(scratchpad.words.parse(`${'9'.repeat(21)} + 1`)).toHaveProperty('error');
	});
});

describe('index hints', () => {
	it('mark each digit with its place, the last digit first', () => {
		expect(hints.open(item, view).first()).toBe('a7b5c3+a4b6c8=');
		expect(hints.answers.write(item, view, '1221')).toBe('a1b2c2d1$');
		expect(hints.open(item, { offset: 31, swapped: true }).first()).toBe('F4a6b8+F7a5b3=');
		expect(hints.open({ a: '5', b: '1234' }, view).first()).toBe('a5+a4b3c2d1=');
	});

	it('start at different letters, 2 in 5 of them swapped', () => {
		const views = hints.tasks.views(item, 5, random(1));
		expect(views.map(({ swapped }) => swapped)).toEqual([false, true, false, true, false]);
		expect(new Set(views.map(({ offset }) => offset)).size).toBe(5);
		expect(new Set(hints.tasks.views(item, 32, random(1)).map(({ offset }) => offset)).size).toBe(
			32,
		);
		const starts = Array.from(
			{ length: 3_200 },
			(_, i) => hints.tasks.views(item, 1, random(derive(1, i)))[0],
		);
		expect(new Set(starts.map((each) => each?.['offset'])).size).toBe(32);
	});

	it('may begin with decoys, of letters that the sum does not use', () => {
		expect(hints.open(item, { offset: 0, swapped: false, decoys: 'k7p2' }).first()).toBe(
			'k7p2_a7b5c3+a4b6c8=',
		);
		for (let i = 0; i < 300; i++) {
			const [plain, other] = hints.tasks.views(item, 2, random(derive(2, i)));
			expect(plain?.['decoys']).toBe('');
			const decoys = String(other?.['decoys']);
			expect(decoys).toMatch(/^(?:[A-Za-z][0-9]){1,6}$/);
			// Three digits and a place for the carry.
			const used = hints.answers.write(item, other ?? {}, '1221').replace(/[0-9$]/g, '');
			const marks = decoys.replace(/[0-9]/g, '');
			expect(Array.from(marks).filter((mark) => used.includes(mark))).toEqual([]);
			expect(new Set(marks).size).toBe(marks.length);
		}
		expect(() => hints.open(item, { offset: 0, swapped: false, decoys: '<b>' }).first()).toThrow(
			'decoys',
		);
	});

	it('hold the longest sum without using a letter twice', () => {
		const longest = { a: '9'.repeat(30), b: '9'.repeat(30) };
		const completion = hints.answers.write(
			longest,
			{ offset: 17, swapped: false },
			hints.reference.solve(longest),
		);
		const marks = completion.replace(/[0-9$]/g, '');
		expect(new Set(marks).size).toBe(31);
	});

	it.each([
		['a1b2c2d1', 'no end mark'],
		['a1b2c2d1$$', 'text after the end mark'],
		['a1b2c2d$', 'a mark without its symbol'],
		['a1b2d2c1$', 'place 3 is not marked c'],
		['a1b2c2d1e0$', 'the number begins with 0'],
		['a1bxc2d1$', 'place 2 has no symbol'],
		['b1c2d2e1$', 'place 1 is not marked a'],
		['1a2b2c1d$', 'place 1 is not marked a'],
	])('say why %s has no answer', (text, malformed) => {
		expect(hints.answers.read(item, view, text)).toEqual({ malformed });
	});

	it('call a number of another length wrong, not malformed', async () => {
		expect((await scoreOf(hints, item, view, 'a1b2c2$')).verdict.kind).toBe('wrong');
		expect((await scoreOf(hints, item, view, 'a1b2c2d1e1$')).verdict.kind).toBe('wrong');
	});
});

describe('plain digits', () => {
	it('are written last digit first, with 0 to one place more than the longer number', () => {
		expect(plain.open(item, view).first()).toBe('753+468=');
		expect(plain.answers.write(item, view, '1221')).toBe('1221$');
		expect(plain.answers.write({ a: '100', b: '5' }, view, '105')).toBe('5010$');
		expect(plain.answers.read({ a: '0', b: '0' }, view, '00$')).toEqual({ answer: '0' });
		expect(plain.answers.read(item, view, '122$')).toEqual({ malformed: 'not 4 digits' });
	});

	it('have two views, or one where they would be the same', () => {
		expect(plain.tasks.views(item, 5, random(1))).toEqual([{ swapped: false }, { swapped: true }]);
		expect(plain.tasks.views({ a: '7', b: '7' }, 5, random(1))).toHaveLength(1);
	});
});

describe('the scratchpad', () => {
	it('writes mark, both digits, carry in, digit and carry out for each place, then the answer', () => {
		expect(scratchpad.open(item, view).first()).toBe('a7b5c3+a4b6c8=');
		expect(scratchpad.answers.write(item, view, '1221')).toBe('a74011b56121c38121>a1b2c2d1$');
		expect(scratchpad.answers.write({ a: '95', b: '5' }, view, '100')).toBe('a55001b90101>a0b0c1$');
	});

	it('writes steps that are right for every true answer', () => {
		fc.assert(
			fc.property(numbers, numbers, fc.boolean(), (a, b, swapped) => {
				const seen = { offset: 5, swapped };
				const completion = scratchpad.answers.write(
					{ a, b },
					seen,
					scratchpad.reference.solve({ a, b }),
				);
				expect(auditSum({ a, b }, seen, completion)).toEqual({ kind: 'right' });
				const [x, y] = swapped ? [b, a] : [a, b];
				let carry = 0;
				const steps = completion.split('>')[0]?.match(/.{6}/g) ?? [];
				expect(steps).toHaveLength(Math.max(a.length, b.length));
				steps.forEach((step, i) => {
					const [p, q, into, digit, out] = Array.from(step.slice(1), Number);
					expect([p, q]).toEqual([Number(x.at(-1 - i) ?? 0), Number(y.at(-1 - i) ?? 0)]);
					expect(into).toBe(carry);
					carry = Number(out);
					expect(Number(digit) + 10 * carry).toBe(Number(p) + Number(q) + Number(into));
				});
			}),
			{ seed: 1 },
		);
	});

	it('judges the answer alone: the steps may be wrong, or missing', async () => {
		expect((await scoreOf(scratchpad, item, view, 'a99999>a1b2c2d1$')).verdict.kind).toBe(
			'correct',
		);
		expect((await scoreOf(scratchpad, item, view, '>a1b2c2d1$')).verdict.kind).toBe('correct');
		expect((await scoreOf(scratchpad, item, view, 'a74011b56121c38121>a1b2c2$')).verdict.kind).toBe(
			'wrong',
		);
		expect((await scoreOf(scratchpad, item, view, 'a1b2c2d1$')).verdict.kind).toBe('malformed');
		expect((await scoreOf(scratchpad, item, view, 'a74011>>a1b2c2d1$')).verdict.kind).toBe(
			'malformed',
		);
	});

	it('tells right steps from wrong and missing ones', () => {
		const audit = (text: string): unknown => auditSum(item, view, `${text}>a1b2c2d1$`);
		expect(audit('a74011b56121c38121')).toEqual({ kind: 'right' });
		expect(audit('a74011b56131c38121')).toEqual({ kind: 'wrong', step: 2 });
		expect(audit('a74011b56121')).toEqual({ kind: 'wrong', step: 3 });
		expect(audit('')).toEqual({ kind: 'absent' });
		expect(auditSum(item, view, 'a1b2c2d1$')).toEqual({ kind: 'absent' });
	});

	it('gives steps for a false answer that claim nothing but that answer', () => {
		const completion = scratchpad.answers.write(item, view, '1111');
		expect(scratchpad.answers.read(item, view, completion)).toEqual({ answer: '1111' });
		expect(auditSum(item, view, completion)).toMatchObject({ kind: 'wrong' });
	});

	it('gives the answer away before the steps, for rationalization', () => {
		expect(scratchpad.hint?.prompt(item, view, '1221')).toBe('a7b5c3+a4b6c8~a1b2c2d1=');
		expect(hints.hint).toBeUndefined();
		expect(plain.hint).toBeUndefined();
	});
});
