/** @file Typed tasks and answers: judged as written or as the bare answer, with the reason; errors name the form. */
import { describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import type { Environment } from '#environments/environment.ts';
import { openEnvironment, environments } from '#environments/registry.ts';
import { verdictWords } from '#runs/gallery/exhibit.ts';
import { judgeTyped, readTyped } from '#runs/gallery/typed.ts';

async function judged(name: string, task: string, answer: string) {
	const environment = openEnvironment(name as keyof typeof environments);
	const typed = readTyped(environment, task);
	if ('error' in typed) throw new Error(typed.error);
	return judgeTyped(environment, typed, answer);
}

test('a bare answer counts, and so does the one that a model would write', async () => {
	expect((await judged('addition', '357 + 864', '1221')).verdict.kind).toBe('correct');
	const written = (await judged('addition', '357 + 864', '1221')).completion;
	expect((await judged('addition', '357 + 864', written)).verdict.kind).toBe('correct');
	expect((await judged('list-programs', 'reverse, add 1: 3514 → ?', '5264')).verdict.kind).toBe(
		'correct',
	);
});

test('a wrong answer says where it first goes wrong, and one of no form why', async () => {
	const wrong = await judged('addition', '357 + 864', '1111');
	expect(wrong.verdict).toEqual({ kind: 'wrong', expected: '1221' });
	expect(verdictWords(wrong)).toMatch(/^wrong: it .+/);
	expect((await judged('addition', '357 + 864', 'many')).verdict.kind).toBe('malformed');
	const cut = await judged(
		'instructions',
		'Describe a kite. Use at most 3 words.',
		'A kite flies high.',
	);
	expect(cut.verdict.kind).not.toBe('correct');
});

describe.each(Object.keys(environments))('%s', (name) => {
	const environment: Environment = openEnvironment(name as keyof typeof environments);
	test('its own problems can be typed and its own answers verified', async () => {
		const { tasks, words, reference } = environment;
		const item = tasks.draw(tasks.difficulty.min, random(5));
		const typed = readTyped(environment, words.show(item));
		if ('error' in typed) throw new Error(typed.error);
		expect(tasks.keyOf(typed.item)).toBe(tasks.keyOf(item));
		if (!reference) return;
		const { verdict } = await judgeTyped(environment, typed, reference.solve(item));
		// One that takes several turns is not over after one answer.
		if (environment.open(item, typed.view).first() === typed.prompt && !reference.conversation)
			expect(verdict.kind).toBe('correct');
	});

	test('what is no problem is refused with the form expected', () => {
		expect(readTyped(environment, '')).toHaveProperty('error');
	});
});
