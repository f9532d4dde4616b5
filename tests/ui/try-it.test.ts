/** @file Where a given answer differs from the true one. */
import { describe, expect, test } from 'vitest';
import { environments, openEnvironment } from '#environments/registry.ts';
import { begunIn } from '#runs/request.ts';
import { differenceWords, placesOf } from '../../src/ui/panels/try-it/compare.ts';
import { exampleText, tryExamples } from '../../src/ui/panels/try-it/examples.ts';
import { language } from '#ui/language/language.svelte.ts';

await language.load('more');

const marks = (answer: string, expected: string): string =>
	placesOf(answer, expected)
		.map(({ kind, character }) => (kind === 'right' ? character : kind === 'wrong' ? 'x' : '_'))
		.join('');

describe('an answer laid over the true one', () => {
	test('a right answer differs nowhere', () => {
		expect(marks('1221', '1221')).toBe('1221');
		expect(differenceWords('1221', '1221')).toBe('');
	});
	test('numbers meet at their last digit', () => {
		expect(marks('221', '1221')).toBe('_221');
		expect(marks('91221', '1221')).toBe('x1221');
		expect(differenceWords('221', '1221')).toBe('digit 1 missing, of 4');
		expect(differenceWords('1331', '1221')).toBe('digits 2 and 3 wrong, of 4');
	});
	test('words meet at their first letter', () => {
		expect(marks('olle', 'olleh')).toBe('olle_');
		expect(differenceWords('ollx', 'olleh')).toBe('place 4 wrong, place 5 missing, of 5');
	});
	test('many differences are counted, not listed', () => {
		expect(differenceWords('9999999', '1111111')).toBe('7 digits wrong, of 7');
	});
});

describe.each(Object.keys(environments))('examples of %s', (name) => {
	const environment = openEnvironment(name);
	test.each([null, 0, 9, 30])(
		'with the frontier at %s can be read, and are never trained on',
		(frontier) => {
			const examples = tryExamples(environment, begunIn(name).start.taught, frontier);
			expect(examples.length).toBeGreaterThan(0);
			for (const { difficulty } of examples)
				for (const seed of [1, 2, 3]) {
					const text = exampleText(environment, difficulty, seed) ?? '';
					const parsed = environment.words.parse(text);
					if ('error' in parsed) throw new Error(`${text}: ${parsed.error}`);
					expect(environment.tasks.difficultyOf(parsed.item)).toBe(difficulty);
					expect(environment.tasks.isHeldOut(parsed.item)).toBe(true);
				}
		},
	);
});
