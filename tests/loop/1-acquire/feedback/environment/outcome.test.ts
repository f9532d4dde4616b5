/** @file The outcome of games as feedback: whole games, means of a move, and gains over other moves. */
import { expect, test } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { environmentFor } from '#environments/environment.ts';
import { outcomeOfGame } from '#loop/1-acquire/feedback/environment/outcome.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';
import { testWorld } from '../../../world.ts';

const nim = openEnvironment('nim', { working: 'none' });
const item = { heaps: [5, 3] };
const task = { id: 'a', item, difficulty: 2, stratum: 'all', text: '5 3' };

const rollout = (answer: string | null, value: number | null): Rollout => ({
	...{ id: 'r', group: 'a', seat: 'first', view: { order: 0 }, turns: [], answer },
	stopReason: 'stop',
	rewards: { outcome: value === null ? { unjudged: 'cut off' } : { value, weight: 1 } },
});

async function scored(
	credit: 'game' | 'move' | 'gain',
	results: readonly (readonly [string | null, number | null])[],
) {
	const at = testWorld({ environment: nim, start: { model: 'nim', taught: [2, 3] } });
	// All that the cell asks for, and no key: it must do with that.
	const environment = environmentFor(nim, outcomeOfGame.needs);
	const context = { ...at.context(), world: { ...at.world, environment } };
	const rollouts = results.map(([answer, value]) => rollout(answer, value));
	const [experience] = await outcomeOfGame.create({ credit })([{ task, rollouts }], context);
	return experience;
}

const results = [
	['32', 1],
	['32', 0],
	['51', 0],
	['51', 0],
] as const;

test.each([
	['game', [1, 0, 0, 0]],
	['move', [0.5, 0.5, 0, 0]],
	['gain', [0.75, 0.75, 0.25, 0.25]],
] as const)('%s gives each move its score, and that as its reward', async (credit, each) => {
	const experience = await scored(credit, results);
	expect(experience?.feedback).toEqual({
		...{ kind: 'scored', source: 'environment', answer: '32' },
		...{ score: each[0], each },
	});
	expect(experience?.rollouts.map(({ rewards }) => rewards['outcome'])).toEqual(
		each.map((value) => ({ value, weight: 1 })),
	);
});

test('a lost position, and one with a single move, gain nothing', async () => {
	const lost = [
		['32', 0],
		['51', 0],
	] as const;
	expect((await scored('gain', lost))?.feedback).toMatchObject({ each: [0.5, 0.5] });
	expect((await scored('gain', [['32', 1]]))?.feedback).toMatchObject({ each: [0.5] });
});

test('a game that nobody judged is unjudged, never lost', async () => {
	const experience = await scored('move', [
		['32', null],
		['32', 1],
	]);
	expect(experience?.feedback).toMatchObject({ each: [null, 1] });
	expect((await scored('gain', [['32', null]]))?.feedback).toMatchObject({ kind: 'unjudged' });
});

test('is given no verifier and no reference', () => {
	const seen = environmentFor(nim, outcomeOfGame.needs);
	expect(Object.keys(seen)).not.toContain('score');
	expect(Object.keys(seen)).not.toContain('reference');
});
