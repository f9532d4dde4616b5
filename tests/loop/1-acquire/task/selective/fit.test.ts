/** @file Selection by fit: problems whose words hardly help to the answer come first, those that do not help at all come last. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { scripted } from '#engines/scripted.ts';
import { fit } from '#loop/1-acquire/task/selective/fit.ts';
import { addition, objectiveAt, readPrompt, solve, testWorld } from '../../../world.ts';

const knobs = {
	...defaultsOf(fit.knobs),
	...{ poolSize: 30, poolFrom: 0, poolTo: 0, weighed: 30, selected: 8 },
};
const lastDigit = (a: string): number => Number(a.at(-1));
/** Finds its own answer likelier than after another problem, the more the larger the last digit; not at all at 0. */
const weighing = () => {
	const engine = scripted({ script: (prompt) => solve(addition, prompt) });
	return Object.assign(engine, {
		score: (pairs: readonly { readonly prompt: unknown; readonly completion: string }[]) =>
			Promise.resolve(
				pairs.map(({ prompt, completion }) => {
					const isOwn = solve(addition, String(prompt)) === completion;
					const gain = lastDigit(readPrompt(String(prompt)).a);
					return Float32Array.of(isOwn ? gain - 20 : -20);
				}),
			),
	});
};
const choose = (over: Partial<typeof knobs> = {}) => {
	const { context } = testWorld({ engine: weighing() });
	return fit.create({ ...knobs, ...over })(context({ objective: objectiveAt(9) }));
};

test('chooses in the order of the gain, smallest first, and without the truth', async () => {
	expect(fit.needs).toEqual([]);
	const tasks = await choose();
	const gains = tasks.map(({ item }) => lastDigit(String(item['a'])));
	expect(gains).toEqual(gains.toSorted((x, y) => x - y));
	expect(gains[0]).toBe(1);
	expect(tasks.some(({ item }) => addition.tasks.isHeldOut(item))).toBe(false);
	expect(await choose()).toEqual(tasks);
});

test('where the problem does not help at all, it comes last', async () => {
	const gains = (await choose({ selected: 30 })).map(({ item }) => lastDigit(String(item['a'])));
	const firstNone = gains.indexOf(0);
	expect(firstNone).toBeGreaterThan(10);
	expect(new Set(gains.slice(firstNone))).toEqual(new Set([0]));
});
