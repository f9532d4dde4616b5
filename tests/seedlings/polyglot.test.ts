/** @file The seedling with several skills: what it was taught where, and its first lessons in other environments than the practised one. */
import { shownPrompt } from '#base/prompt.ts';
import { expect, test } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { oldSkills } from '#loop/3-update/old-skills.ts';
import { openPlaces } from '#runs/places.ts';
import { assembleRun } from '#runs/request.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { lessonsOf } from '#seedlings/lessons.ts';
import { seedlings, taughtTo } from '#seedlings/seedlings.ts';
import { testWorld } from '../loop/world.ts';

const reversal = openEnvironment('reversal');
const { also, range } = seedlings.polyglot;
const asked = { method: 'easy-to-hard', seed: 1, rounds: 1, knobs: {}, model: 'polyglot' };

test('begins one past what it was taught in each of five environments, and is examined in what it was taught', () => {
	const begins = ['reversal', ...also.map(({ environment }) => environment)];
	expect(begins).toHaveLength(5);
	for (const environment of begins) {
		const { start } = assembleRun({ ...asked, environment });
		const own = also.find((one) => one.environment === environment)?.range ?? range;
		expect(start.taught).toEqual(own);
		expect(start.lessons?.range).toEqual(own);
		const places = openPlaces([environment], 'polyglot');
		expect(places[0]?.range).toEqual(own);
	}
	expect(openPlaces(['sorting'], 'addition')[0]?.range).toEqual([1, 4]);
});

test('knows nothing of another setting', () => {
	expect(taughtTo('polyglot', 'addition', { format: 'plain' })).toBeUndefined();
	expect(taughtTo('polyglot', 'persona', {})).toBeUndefined();
	expect(taughtTo('moon', 'sorting', {})).toBeUndefined();
	expect(taughtTo('sorting', 'sorting', {})).toEqual({ range: [1, 8], also: [] });
});

test('its first lessons elsewhere are true, of every environment and level, never held out, and anew for each seed', () => {
	const { lessons } = lessonsOf(reversal, range, also);
	const drawn = lessons?.elsewhere?.(5, 1) ?? [];
	expect(drawn).toHaveLength(also.reduce((sum, { range: [a, b] }) => sum + 5 * (b - a + 1), 0));
	expect(lessons?.elsewhere?.(5, 1)).toEqual(drawn);
	expect(lessons?.elsewhere?.(5, 2)).not.toEqual(drawn);
	const known = new Set<string>(alphabets.polyglot);
	const sorting = openEnvironment('sorting');
	for (const { prompt, completion } of drawn) {
		expect(Array.from(prompt + completion).filter((one) => !known.has(one))).toEqual([]);
		const [, asked = ''] = /^(?:.*_)?((?:[a-zA-F]\d)+)=$/.exec(prompt) ?? [];
		if (asked === '') continue;
		const digits = asked.replace(/\D/g, '');
		expect(sorting.tasks.isHeldOut({ digits })).toBe(false);
		expect(completion.replace(/\D/g, '')).toBe(Array.from(digits).sort().join(''));
	}
});

test('replay brings them beside those of the practised environment', async () => {
	const at = testWorld({ environment: reversal });
	const world = { ...at.world, ...lessonsOf(reversal, range, also) };
	const old = await oldSkills('base', 3, at.context({ world }));
	expect(old.filter(({ kind }) => kind === 'answer')).toHaveLength(3 * range[1]);
	const texts = old.flatMap((one) => (one.kind === 'text' ? [shownPrompt(one.prompt)] : []));
	expect(texts.length).toBeGreaterThan(30);
	for (const sign of ['+', '<', '>']) expect(texts.some((text) => text.includes(sign))).toBe(true);
});
