/** @file Examples for pre-training: true, never held out, shortest first, and resumable. */
import { describe, expect, it } from 'vitest';
import { alphabets } from '#seedlings/alphabets.ts';
import type { SeedlingName } from '#seedlings/alphabets.ts';
import { pretrainingExample, pretrainingStream, type Curriculum } from '#seedlings/pretraining.ts';
import { openEnvironment } from '#environments/registry.ts';
import { seedlings } from '#seedlings/seedlings.ts';

const names = Object.keys(seedlings) as SeedlingName[];
const hints = seedlings.addition;

/** Reads a sum back from its prompt, independently of the environment's own code. */
function sumOf(prompt: string): { a: string; b: string } {
	const [a = '', b = ''] = prompt
		.replace(/^.*_/, '') // decoys
		.replace(/[^0-9+~]/g, '')
		.replace(/~.*/, '')
		.split('+')
		.map((digits) => Array.from(digits).reverse().join(''));
	return { a, b };
}

describe('pre-training', () => {
	it.each(names)('gives %s the same examples for the same seed, in its alphabet', (name) => {
		const take = (seed: number): unknown => pretrainingStream(seedlings[name], seed).take(200);
		expect(take(1)).toEqual(take(1));
		expect(take(1)).not.toEqual(take(2));
		const known = new Set<string>(alphabets[name]);
		for (const { prompt, completion, spoken } of pretrainingStream(seedlings[name], 3).take(500)) {
			expect(Array.from(prompt + completion).filter((character) => !known.has(character))).toEqual(
				[],
			);
			expect(spoken.map(({ content }) => content).join('')).toBe(completion);
			for (const { by, content } of spoken)
				expect(content.indexOf('$')).toBe(by === 'model' ? content.length - 1 : -1);
			expect(spoken.at(-1)).toMatchObject({ by: 'model', learnt: true });
		}
	});

	it.each(['addition', 'addition-plain', 'addition-scratchpad'] as const)(
		'gives %s true sums, and never a held-out one in 10,000',
		(name) => {
			const seedling = seedlings[name];
			const [lesson] = seedling.lessons();
			for (let i = 0; i < 10_000; i++) {
				const { prompt, completion } = pretrainingExample(seedling, 8, 5, i);
				const sum = sumOf(prompt);
				if (lesson?.tasks.isHeldOut(sum)) expect.fail(`held out: ${prompt}`);
				const said = completion.replace(/^.*>/, '').replace(/[^0-9]/g, '');
				const answer = BigInt(Array.from(said).reverse().join(''));
				expect(answer).toBe(BigInt(sum.a) + BigInt(sum.b));
			}
		},
	);

	it('shows longer problems now and then, where glimpses are given, and changes no other stream', () => {
		const { glimpses } = seedlings.calculator;
		const [from, to] = glimpses.range;
		const many = Array.from({ length: 4800 }, (_, i) =>
			pretrainingExample(seedlings.calculator, 3, 1, i),
		).map(({ difficulty }) => difficulty);
		const longer = many.filter((difficulty) => difficulty > 3);
		expect(longer.length).toBeGreaterThan(150);
		expect(longer.length).toBeLessThan(250);
		expect([Math.min(...longer), Math.max(...longer)]).toEqual([from, to]);
	});

	it('never shows a held-out word or list in 10,000', () => {
		const reversal = openEnvironment('reversal');
		const sorting = openEnvironment('sorting');
		for (let i = 0; i < 10_000; i++) {
			const asked = (curriculum: Curriculum): string =>
				pretrainingExample(curriculum, 8, 5, i).prompt.replace(/^.*_/, '');
			const word = asked(seedlings.reversal).replace(/[^a-z]/g, '');
			if (reversal.tasks.isHeldOut({ word })) expect.fail(`held out: ${word}`);
			const digits = asked(seedlings.sorting).replace(/\D/g, '');
			if (sorting.tasks.isHeldOut({ digits })) expect.fail(`held out: ${digits}`);
		}
	});

	it('begins with lengths 1 to 3 and adds one whenever told, up to the end of the base range', () => {
		const stream = pretrainingStream(hints, 1);
		const lengths = (): number[] =>
			[...new Set(stream.take(400).map(({ difficulty }) => difficulty))].sort((a, b) => a - b);
		expect(lengths()).toEqual([1, 2, 3]);
		expect(stream.lengthen()).toBe(true);
		expect(lengths()).toEqual([1, 2, 3, 4]);
		expect(stream.last).toBe(hints.range[1]);
		for (let i = 5; i <= stream.last; i++) expect(stream.lengthen()).toBe(true);
		expect(stream.lengthen()).toBe(false);
		expect(lengths()).toEqual(Array.from({ length: stream.last }, (_, i) => i + 1));
		expect(stream.position.longest).toBe(stream.last);
	});

	it('goes on exactly where an earlier stream stood', () => {
		const whole = pretrainingStream(hints, 1);
		whole.take(100);
		whole.lengthen();
		const resumed = pretrainingStream(hints, 1, { ...whole.position });
		expect(resumed.take(50)).toEqual(whole.take(50));
		expect(resumed.position).toEqual(whole.position);
	});

	it('practises swapped operands and both strata', () => {
		const examples = pretrainingStream(hints, 2, { index: 0, longest: 8 }).take(2_000);
		const shorterFirst = examples.filter(({ prompt }) => {
			const { a, b } = sumOf(prompt);
			return a.length < b.length;
		});
		expect(shorterFirst.length).toBeGreaterThan(300);
		expect(shorterFirst.length).toBeLessThan(600);
	});

	it('practises rationales with the answer given away, about 1 in 4', () => {
		const examples = pretrainingStream(seedlings['addition-scratchpad'], 2).take(2_000);
		const hinted = examples.filter(({ prompt }) => prompt.includes('~'));
		expect(hinted.length).toBeGreaterThan(400);
		expect(hinted.length).toBeLessThan(600);
		for (const { prompt, completion } of hinted)
			expect(completion.split('>')[1]).toBe(`${prompt.split(/[~=]/)[1] ?? ''}$`);
	});

	it('teaches calls, and what is said after mistakes, but neither mistakes nor what the environment says', () => {
		const turns = (name: SeedlingName) =>
			pretrainingStream(seedlings[name], 2)
				.take(600)
				.flatMap(({ spoken }) => spoken);
		const calls = turns('calculator').filter(({ content }) => content.includes('['));
		expect(calls.length).toBeGreaterThan(600);
		expect(calls.every(({ learnt }) => learnt)).toBe(true);
		const told = turns('list-programs').filter(({ by }) => by === 'environment');
		expect(told.length).toBeGreaterThan(150);
		expect(told.every(({ content, learnt }) => content.startsWith('!') && !learnt)).toBe(true);
		const mistakes = turns('list-programs').filter(({ by, learnt }) => by === 'model' && !learnt);
		expect(mistakes).toHaveLength(told.length);
	});

	it('teaches one seedling both directions', () => {
		const prompts = pretrainingStream(seedlings.reversal, 2).take(400);
		const back = prompts.filter(({ prompt }) => prompt.endsWith('<')).length;
		expect(back).toBeGreaterThan(150);
		expect(back).toBeLessThan(250);
	});

	it('needs something to teach', () => {
		expect(() => pretrainingStream({ range: [1, 8], lessons: () => [] }, 1)).toThrow(RangeError);
	});
});
