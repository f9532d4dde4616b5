/** @file The table of the terminal: an undone round is marked, says why, and has no frontier. */
import { expect, test } from 'vitest';
import { draw, emptyBoard } from '#cli/board.ts';
import { emptyRun, score, start } from '../ui/events.ts';

const why = 'difficulty 2 (equal) fell from 199 of 200 to 150 of 200';
const undone = { ...score(1, [200, 150, 196, 199, 196], 1), rolledBack: why };

test('a round that was undone stands in its columns, without a frontier, and says why', () => {
	const lines = draw({ ...emptyBoard, run: { ...emptyRun, scores: [start, undone] } }, 80);
	const rows = lines.filter((line) => /^round +\d+ ·/.test(line));
	expect(rows).toEqual([
		'round   0 · frontier  3   99  98  97  59   4',
		'round   1 · undone        99  74  97  98  97',
	]);
	expect(lines).toContain(`Round 1 was undone: ${why}.`);
});

test('a round that was kept says nothing of undoing', () => {
	const kept = score(1, [200, 199, 196, 199, 196], 5);
	const lines = draw({ ...emptyBoard, run: { ...emptyRun, scores: [start, kept] } }, 80);
	expect(lines.join('\n')).not.toContain('undone');
});
