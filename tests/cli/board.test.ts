/** @file The table of the terminal: an undone round is marked, says why, and has no frontier. */
import { expect, test } from 'vitest';
import { draw, emptyBoard, fold } from '#cli/board.ts';
import { emptyRun, score, start, training } from '../ui/events.ts';

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

test('what goes wrong now stands below in words, and that of before no longer', () => {
	const findings = ['At 5 digits 40 of 200 sums are wrong.', 'It drops a carry in 30 of 40.'];
	const told = { ...score(1, [200], 1), findings };
	const drawn = (...scores: readonly (typeof start)[]) =>
		draw({ ...emptyBoard, run: { ...emptyRun, scores } }, 80);
	expect(drawn(start, told)).toEqual(expect.arrayContaining(findings));
	expect(drawn(told, score(2, [200], 1)).join('\n')).not.toContain('carry');
});

test('other environments stand below, at the start and now, each of how many', () => {
	const place = (correct: number) => ({
		elsewhere: [
			{ environment: 'sorting', cells: [{ difficulty: 1, stratum: 'all', correct, n: 200 }] },
		],
	});
	const first = { ...start, ...place(104) };
	const line = (run: typeof emptyRun) =>
		draw({ ...emptyBoard, run }, 80).find((one) => one.startsWith('elsewhere'));
	expect(line({ ...emptyRun, scores: [first] })).toBe(
		'elsewhere: sorting 52 % (104 of 200, 45–59 %)',
	);
	const later = { ...score(1, [200], 1), ...place(102) };
	expect(line({ ...emptyRun, scores: [first, later] })).toBe(
		'elsewhere: sorting 52 % (104 of 200, 45–59 %) → 51 % (102 of 200, 44–58 %)',
	);
	expect(line({ ...emptyRun, scores: [start] })).toBeUndefined();
});

test('what guessing would score stands below the rows, and what is guessed', () => {
	const recipe = { ...emptyRun.recipe, environment: 'order' };
	const cells = [2, 3, 7].map((difficulty) => ({
		difficulty,
		stratum: 'all',
		correct: 90,
		n: 100,
	}));
	const run = { ...emptyRun, recipe, scores: [{ ...start, cells }] };
	const lines = draw({ ...emptyBoard, run }, 80);
	const at = lines.findIndex((line) => line.startsWith('by chance'));
	expect(lines[at]).toBe('by chance                 50  17  <1');
	expect(lines[at - 1]).toMatch(/^round   0 · frontier {2}3 {3}90 {2}90 {2}90$/);
	expect(lines[at + 1]).toBe('chance is the names in any order');
	const unknown = { ...emptyRun, recipe: { ...recipe, environment: 'gone' }, scores: run.scores };
	expect(draw({ ...emptyBoard, run: unknown }, 80).join()).not.toContain('chance');
});

test('what the objective measures stands beside the loss', () => {
	const [step] = training;
	if (step?.type !== 'progress') throw new Error('Training reports its progress.');
	const measured = {
		...step,
		progress: { ...step.progress, metrics: { kl: 0.01234, clipped: 0 } },
	};
	const line = (event: typeof step) =>
		draw(fold({ ...emptyBoard, run: emptyRun }, event), 120).find((one) => one.includes('loss'));
	expect(line(measured)).toContain('loss 1.000, kl 0.012, clipped 0');
	expect(line(step)).toMatch(/loss 1\.000( ·|$)/);
});
