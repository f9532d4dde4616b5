/** @file Examination with external memory: cases stand before each question if asked for, and before none otherwise. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { openEnvironment } from '#environments/registry.ts';
import { examine } from '#loop/4-evaluate/examine.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { basePolicy, childOf } from '#loop/policy/policy.ts';
import { testWorld } from '../world.ts';

const dialects = openEnvironment('dialects');
const start = { model: 'dialects', taught: [2, 4] } as const;
/** Every letter of every land, two in a word. */
const memory: Memory = Array.from('ABCDEFGHIJKLMNOP').flatMap((land) =>
	['ab', 'cd', 'ef', 'gh'].map((word) => ({
		...{ id: land + word, kind: 'experience' as const, t: 1, from: [], about: land },
		task: dialects.words.show({ land, word }),
		text: dialects.answers.write({ land, word }, {}, dialects.reference.solve({ land, word })),
	})),
);

/** Reads each letter out of the cases before its task; 0 for what no case tells. */
const reader = (prompt: string): string => {
	const [asked = '', ...cases] = prompt.slice(0, -1).split('$').reverse();
	const rule = new Map(
		Array.from(cases.join('').matchAll(/([a-h])(\d)/g), ([, a = '', b = '']) => [a, b] as const),
	);
	return `${Array.from(asked.slice(1), (letter) => letter + (rule.get(letter) ?? '0')).join('')}$`;
};

async function examined(recalled: number) {
	const at = testWorld({ environment: dialects, engine: scripted({ script: reader }), start });
	const policy = childOf(basePolicy('dialects'), { memory });
	const [row] = await examine(3, 100, at.context({ policy }), 'x', { recalled });
	return { ...row, prompts: at.engine.calls.flatMap((call) => JSON.stringify(call)) };
}

test('a reader is right with memory and not without it', async () => {
	const [on, off] = [await examined(8), await examined(0)];
	expect(on.correct).toBe(100);
	expect(off.correct).toBeLessThan(5);
	expect(off.prompts.join()).not.toContain('$');
});

test('with room for two cases, they tell as much of the word as two can', async () => {
	const { correct = 0 } = await examined(2);
	expect(correct).toBeGreaterThan(30);
	expect(correct).toBeLessThan(100);
});
