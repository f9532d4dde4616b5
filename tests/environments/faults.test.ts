/** @file Faults by example: what a wrong answer does wrong first, and where. */
import { describe, expect, test } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { taskOf } from '../loop/english.ts';

describe('addition', () => {
	const { faults } = openEnvironment('addition');
	test.each([
		// 357 + 864 = 1221, with carries into every column but the first.
		['357', '864', '1211', 'drops-carry', 'in the second column from the right'],
		['357', '864', '221', 'drops-carry', 'in the fourth column from the right'],
		['123', '456', '589', 'adds-carry', 'in the second column from the right'],
		['123', '456', '576', 'copies', 'in the first column from the right'],
		['123', '456', '571', 'wrong-digit', 'in the first column from the right'],
		['123', '456', '79', 'ends-early', 'in the third column from the right'],
		['123', '456', '1579', 'goes-on', 'in the fourth column from the right'],
	])('%s + %s = %s', (a, b, answer, way, at) => {
		expect(faults.find({ a, b }, answer)).toEqual({ way, at });
	});
	test('the right answer has none', () => {
		expect(faults.find({ a: '357', b: '864' }, '1221')).toBeNull();
	});
});

test('sorting and reversal: left out, too many, in the wrong order, another', () => {
	const { faults } = openEnvironment('sorting');
	const wayOf = (answer: string) => faults.find({ digits: '7535' }, answer);
	expect(wayOf('357')).toEqual({ way: 'leaves-out', at: 'at the third digit' });
	expect(wayOf('3575')).toEqual({ way: 'wrong-order', at: 'at the third digit' });
	expect(wayOf('3558')).toEqual({ way: 'another', at: 'at the fourth digit' });
	const reversal = openEnvironment('reversal').faults;
	expect(reversal.find({ word: 'kite' }, 'etikk')?.way).toBe('goes-on');
	expect(reversal.find({ word: 'kite' }, 'kite')?.way).toBe('wrong-order');
});

test('instructions: the first constraint that is not kept', () => {
	const { faults } = openEnvironment('instructions');
	const { item } = taskOf('Describe a kite. Use at most 20 words. Do not use any commas.');
	expect(faults.find(item, 'A kite flies.')).toBeNull();
	const way = faults.find(item, 'A kite, which flies.')?.way ?? '';
	expect(faults.ways[way]).toBe('does not keep "Do not use any commas"');
});
