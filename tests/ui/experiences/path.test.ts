/** @file The path of one experience as data: tokens, training, and what an examination changed. */
import { beforeAll, describe, expect, test } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { heldOutQuestions } from '#loop/4-evaluate/examine.ts';
import type { Score } from '#loop/types.ts';
import {
	answerChances,
	charactersOf,
	examOf,
	sampledPieces,
	trainedPieces,
} from '../../../src/ui/panels/experiences/inside/path.ts';
import { language } from '../../../src/ui/language/language.svelte.ts';

beforeAll(() => language.load('inside'));

const turn = (content: string, tokens: readonly number[]) =>
	({ role: 'text', content, tokens, sampled: true }) as const;

describe('tokens', () => {
	test('are the characters where each character is one token, with the end mark', () => {
		expect(charactersOf(turn('abca', [4, 5, 6, 4]))).toEqual(['a', 'b', 'c', 'a']);
		expect(charactersOf(turn('ab', [4, 5, 1]))).toEqual(['a', 'b', '']);
	});
	test('are unknown where a character is no token of its own', () => {
		expect(charactersOf(turn('abca', [4, 5]))).toBeUndefined();
		expect(charactersOf(turn('aba', [4, 5, 6]))).toBeUndefined();
		expect(charactersOf(turn('ab', [4, 4]))).toBeUndefined();
		expect(charactersOf({ role: 'text', content: 'ab', sampled: true })).toBeUndefined();
	});
	test('say the probability that they had, and are not drawn where it was not stored', () => {
		const sampled = { ...turn('ab', [4, 5]), logprobs: [Math.log(0.5), -9] };
		expect(sampledPieces(sampled, ['a', 'b']).map(({ words }) => words)).toEqual([
			'“a”: 50\u00a0%',
			'“b”: under 0.1\u00a0%',
		]);
		expect(sampledPieces(turn('ab', [4, 5]), ['a', 'b'])).toEqual([]);
	});
	test('that were trained are as deep as their weights', () => {
		const said = { prompt: '', tokens: ['a', ''], weights: [-1, 0.5] };
		const { pieces, even } = trainedPieces(said);
		expect(even).toBeNull();
		expect(pieces.map(({ depth, words }) => [depth, words])).toEqual([
			[1, '“a”: weight -1'],
			[0.5, 'the end: weight 0.5'],
		]);
		const two = { prompt: '', tokens: ['a', ''], weights: 1 };
		const loss = -Math.log(0.5) / 2;
		expect(answerChances({ t: 1, steps: [1], said: two, before: loss, after: 0 })).toEqual([
			'50\u00a0%',
			'100\u00a0%',
		]);
		expect(answerChances({ t: 1, steps: [1], said: two })).toBeNull();
	});
});

describe('an examination', () => {
	const environment = openEnvironment('reversal');
	const stratum = environment.tasks.strata[0] ?? '';
	const cell = (outcomes?: string) => ({
		...{ difficulty: 4, stratum, correct: 2, n: 4 },
		...(outcomes !== undefined && { outcomes }),
	});
	const score = (t: number, outcomes?: string, more: Partial<Score> = {}): Score => ({
		...{ t, policy: 'p', frontier: 4, threshold: 0.9, cells: [cell(outcomes)] },
		...more,
	});
	const at = { difficulty: 4, stratum };

	test('names the held-out items that were won and lost since the one before', () => {
		const exam = examOf([score(0, '+-+-'), score(1, '++--')], 1, environment, 7, at);
		const items = heldOutQuestions(environment, 7, { ...at, count: 4 });
		expect(exam).toEqual({
			...{ since: 0, rolledBack: false, won: 1, lost: 1, n: 4, nearN: 4 },
			near: [
				{ task: items[1]?.task.text, change: 'won' },
				{ task: items[2]?.task.text, change: 'lost' },
			],
		});
	});
	test('is compared with the last policy that was kept', () => {
		const scores = [score(0, '----'), score(1, '++++', { rolledBack: 'worse' }), score(2, '---+')];
		expect(examOf(scores, 2, environment, 7, at)).toMatchObject({ since: 0, won: 1, lost: 0 });
		expect(examOf(scores, 1, environment, 7, at)).toMatchObject({ rolledBack: true, won: 4 });
	});
	test('says nothing where answers were not stored one by one, or it is still to come', () => {
		expect(examOf([score(0), score(1, '++++')], 1, environment, 7, at)).toBe('not-stored');
		expect(examOf([score(0, '++++')], 1, environment, 7, at)).toBe('not-yet');
	});
});
