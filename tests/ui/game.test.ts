/** @file A game as pictures: stones keep their colour from move to move, and what is taken is marked. */
import { expect, test } from 'vitest';
import { framesOf } from '#ui/world/game.ts';
import { language } from '#ui/language/language.svelte.ts';

await language.load('more');

test('a board keeps the colours of who began, and marks the square of each move', () => {
	const [first, second] = framesOf([
		{ seat: 'second', item: { board: 'xx-oo--xxo-o-x-o' }, answer: '6' },
		{ seat: 'first', item: { board: 'oo-xxo-oox-x-o-x' }, answer: null },
	]);
	expect(first?.words).toBe('second, this move: square 6');
	expect(first?.board?.[0]).toEqual({ stone: 'x', isMove: false });
	expect(first?.board?.[5]).toEqual({ stone: 'x', isMove: true });
	expect(second?.words).toBe('first: no legal move');
	expect(second?.board?.map(({ stone }) => stone || '-').join('')).toBe('xx-oox-xxo-o-x-o');
});

test('heaps show what is taken of one of them', () => {
	const [frame] = framesOf([{ seat: 'first', item: { heaps: [5, 3, 3] }, answer: '32' }]);
	expect(frame).toEqual({
		words: 'first, this move: takes 2 of 3',
		heaps: [
			{ size: 5, taken: 0 },
			{ size: 3, taken: 2 },
			{ size: 3, taken: 0 },
		],
	});
});

test('a hand of poker shows the own card of the deck, and what was said', () => {
	const item = { deck: 4, card: 3, said: 'bet', bets: [], calls: [] };
	expect(framesOf([{ seat: 'second', item, answer: 'pass' }])).toEqual([
		{ words: 'second, this move: pass', card: [3, 4] },
	]);
});

test('a scene shows its objects, with the one that is meant or was chosen', () => {
	const objects = ['small red plain ball', 'small blue plain ball', 'large red plain cup'];
	const frames = framesOf([
		{ seat: 'speaker', item: { objects, target: 1 }, answer: 'red ball' },
		{ seat: 'listener', item: { objects, said: 'red ball' }, answer: '3' },
	]);
	expect(frames.map(({ words }) => words)).toEqual(['speaker, this move: red ball', 'listener: 3']);
	const meant = frames.map(({ things = [] }) => things.findIndex(({ isMeant }) => isMeant));
	expect(meant).toEqual([0, 2]);
});

test('a position of another form is words alone', () => {
	expect(framesOf([{ seat: 'speaker', item: { target: 2 }, answer: 'ab' }])).toEqual([
		{ words: 'speaker, this move: ab' },
	]);
});
