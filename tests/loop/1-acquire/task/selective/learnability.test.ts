/** @file Learnability: of the pool, the problems that are right now and then come first; seals and seeds hold. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { learnability } from '#loop/1-acquire/task/selective/learnability.ts';
import { scripted } from '#engines/scripted.ts';
import {
	addition,
	difficultyOfPrompt,
	objectiveAt,
	solve,
	solveWrongly,
	testWorld,
} from '../../../world.ts';
import { altered } from '../../../../environments/altered.ts';

const knobs = {
	...defaultsOf(learnability.knobs),
	...{ poolSize: 40, poolFrom: -2, poolTo: 2, candidates: 200, tries: 6, selected: 30 },
};

/** Knows up to 8 digits, is of two minds about 9, and knows no longer ones. */
const climber = () =>
	scripted({
		script: (prompt) =>
			difficultyOfPrompt(prompt) > 9 ? solveWrongly(addition, prompt) : solve(addition, prompt),
		errors: {
			seed: 4,
			rate: (prompt) => (difficultyOfPrompt(prompt) === 9 ? 0.5 : 0),
			spoil: (answer) =>
				answer.replace(/(\d)\$$/, (_, digit: string) => `${(Number(digit) % 9) + 1}$`),
		},
	});
const choose = (over: Partial<typeof knobs> = {}) => {
	const at = testWorld({ engine: climber() });
	return learnability.create({ ...knobs, ...over })(at.context({ objective: objectiveAt(9) }));
};

test('takes what is solved now and then before what always or never is', async () => {
	const tasks = await choose();
	expect(tasks).toHaveLength(30);
	expect(new Set(tasks.map(({ difficulty }) => difficulty))).toEqual(new Set([9]));
	expect(tasks.every(({ item }) => !addition.tasks.isHeldOut(item))).toBe(true);
	expect(await choose()).toEqual(tasks);
});

test('fills up with the others where there are not enough of them', async () => {
	const tasks = await choose({ selected: 100 });
	expect(tasks).toHaveLength(100);
	expect(new Set(tasks.map(({ id }) => id)).size).toBe(100);
	const firstOther = tasks.findIndex(({ difficulty }) => difficulty !== 9);
	expect(firstOther).toBeGreaterThan(30);
	expect(tasks.slice(firstOther + 10).some(({ difficulty }) => difficulty > 9)).toBe(true);
});

test('what nobody can judge is not taken for what is never solved: it is no candidate of either kind', async () => {
	const faulty = altered(addition, {
		reference: {
			solve: () => {
				throw new Error('cannot');
			},
		},
	});
	const at = testWorld({ environment: faulty, engine: climber() });
	const tasks = await learnability.create(knobs)(at.context({ objective: objectiveAt(9) }));
	expect(tasks).toHaveLength(30);
	expect(new Set(tasks.map(({ difficulty }) => difficulty)).size).toBeGreaterThan(2);
});
