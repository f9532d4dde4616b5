/** @file Instruction back-translation: plain texts become the answers of tasks that the model writes for them, sealed ones not. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { random } from '#base/random.ts';
import { scripted } from '#engines/scripted.ts';
import { given } from '#loop/1-acquire/solution/positive/grounded/given.ts';
import { backTranslation } from '#loop/1-acquire/task/knowledge-free/back-translation.ts';
import { completionOf, promptOf } from '#loop/rollout/rollout.ts';
import { english, instructions, taskOf } from '../../../english.ts';

const knobs = { ...defaultsOf(backTranslation.knobs), mined: 6 };
/** Writes texts of its own after a first word, and says of each the task that `say` makes of it. */
const writer = (say: (text: string) => string) =>
	scripted({
		script: (prompt, { index }) => {
			const text = /Here is a text:\n\n([^]*?)\n\nWrite/.exec(prompt)?.[1];
			return text === undefined ? ` wind number ${index} blows. And then it` : say(text);
		},
	});

test('each text becomes the source of one task that can be read, up to its last whole sentence', async () => {
	const engine = writer(
		(text) => `Describe ${text.match(/\d+/)?.[0] ?? ''} winds. Use at most 30 words.`,
	);
	const { at } = english(engine);
	const made = await backTranslation.create(knobs)(at);
	expect(made).toHaveLength(6);
	for (const { source, text, difficulty } of made) {
		expect(source).toMatch(/^\w+ wind number \d blows\.$/);
		expect(text).toContain(`${source?.match(/\d/)?.[0] ?? '?'} winds`);
		expect(difficulty).toBe(1);
	}
	const solutions = await given.create({})(made, at);
	for (const [i, { task, rollouts }] of solutions.entries()) {
		expect(rollouts).toHaveLength(1);
		const [rollout] = rollouts;
		if (!rollout) throw new Error('no rollout');
		expect(completionOf(rollout)).toBe(made[i]?.source);
		expect(rollout.answer).toBe(made[i]?.source);
		expect(promptOf(rollout)).toEqual([{ role: 'user', content: task.text }]);
	}
});

test('no task, one that is sealed or one that came already brings nothing', async () => {
	const sealed = instructions.words.show(
		instructions.tasks.draw(2, random(3), undefined, 'held-out'),
	);
	for (const said of ['It is a nice text', sealed]) {
		expect(await backTranslation.create(knobs)(english(writer(() => said)).at)).toEqual([]);
	}
	const same = english(writer(() => 'Describe a kite. Use at most 30 words.'));
	expect(await backTranslation.create(knobs)(same.at)).toHaveLength(1);
	expect(taskOf('Describe a kite. Use at most 30 words.')).not.toHaveProperty('source');
});
