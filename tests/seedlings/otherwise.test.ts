/** @file A seedling in its environment with other knob values: it begins there, at the easiest, and goes over what it was taught. */
import { expect, test } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { openEnvironment } from '#environments/registry.ts';
import { oldSkills } from '#loop/3-update/old-skills.ts';
import { joinModel } from '#runs/join.ts';
import { testWorld } from '../loop/world.ts';

test.each([
	['translation', { words: 'new' }, /=$/],
	['reversal', { direction: 'reverse', means: 'swapped' }, /[<=]$/],
] as const)(
	'%s with %j begins with its seedling, untaught, and replays the old lessons',
	async (name, knobs, prompt) => {
		const environment = openEnvironment(name, knobs);
		const { model, taught, lessons } = joinModel(environment, knobs);
		expect([model, taught, lessons?.range]).toEqual([name, undefined, undefined]);
		const { world, context } = testWorld();
		if (!lessons) throw new Error('no lessons');
		const old = await oldSkills('base', 3, context({ world: { ...world, lessons } }));
		expect(old.length).toBeGreaterThan(10);
		for (const example of old) {
			if (example.kind !== 'text') throw new Error('a lesson is a text');
			expect(shownPrompt(example.prompt)).toMatch(prompt);
			// Of taught words alone, or with each sign as it was taught.
			if (name === 'translation')
				expect(shownPrompt(example.prompt).split('_').at(-1)).not.toMatch(
					/[A-Z0-5][cfhjqwxz][aeio]/,
				);
		}
	},
);

test('as it was taught, it begins past what it was taught, as before', () => {
	const knobs = { words: 'taught' };
	expect(joinModel(openEnvironment('translation', knobs), knobs)).toMatchObject({
		...{ model: 'translation', taught: [2, 8] },
		lessons: { range: [2, 8] },
	});
});
