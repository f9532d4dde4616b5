/** @file A task that a person types is judged as an examination judges it. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { openEnvironment } from '#environments/registry.ts';
import { shareEngine } from '#platform/shared-engine.ts';
import { tryOut } from '#runs/try-out.ts';

const instructions = openEnvironment('instructions');

async function tried(said: string, constraints: readonly string[]) {
	const text = instructions.words.show({ request: 'Describe a kite.', constraints });
	const engine = shareEngine(scripted({ script: () => said }));
	return (await tryOut(text, instructions, engine, [])).now;
}

test('an answer that was cut off is none, however well it keeps its constraints so far', async () => {
	const whole = 'A kite flies high over the windy beach.';
	expect(await tried(whole, ['most-words 30'])).toMatchObject({
		answer: whole,
		correct: true,
	});
	const long = 'k'.repeat(500);
	expect(await tried(long, ['most-words 30'])).toMatchObject({ answer: null, correct: false });
});

test('an unjudged answer is not wrong, cut off or not', async () => {
	expect((await tried('A kite flies.', [])).correct).toBeNull();
	expect((await tried('k'.repeat(500), [])).correct).toBeNull();
});
