/** @file Examination with external memory: cases of its kind stand before a question if asked for, and before none otherwise. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { examine } from '#loop/4-evaluate/examine.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { basePolicy, childOf } from '#loop/policy/policy.ts';
import { instructions, taskOf } from '../english.ts';
import { testWorld } from '../world.ts';

const learnt = [
	'Describe a tent. Do not use any commas.',
	'Describe a farm. Do not use any commas.',
];
const memory: Memory = learnt.map((text, i) => ({
	...{ id: text, kind: 'experience', t: 1, from: [], about: 'commas' },
	...{ task: taskOf(text).text, text: `It stands alone ${i}.` },
}));

/** Says what it read in the last case, and leaves a comma in all else. */
const reader = (prompt: string): string =>
	/^assistant: (It stands alone \d\.)/m.exec(prompt)?.[1] ?? 'Well, so it is.';

async function examined(recalled: number) {
	const engine = scripted({ script: reader });
	const at = testWorld({ environment: instructions, engine });
	const policy = childOf(basePolicy('m'), { memory });
	const cells = await examine(1, 60, at.context({ policy }), 'x', { recalled });
	const commas = cells.flatMap(({ kinds = [] }) => kinds).find(({ kind }) => kind === 'commas');
	const prompts = engine.calls.flatMap((call) => (call.kind === 'generate' ? call.prompts : []));
	return { commas, led: prompts.filter((prompt) => prompt.includes('It stands alone')) };
}

test('a reader is right with memory and not without it; a task of another kind is asked as ever', async () => {
	const [on, off] = [await examined(2), await examined(0)];
	expect(on.commas?.n).toBeGreaterThan(5);
	expect(on.commas?.correct).toBe(on.commas?.n);
	expect(off.commas?.correct).toBe(0);
	expect(off.led).toEqual([]);
	expect(on.led).toHaveLength(on.commas?.n ?? 0);
	for (const prompt of on.led)
		for (const text of learnt) expect(prompt).toContain(text.slice(0, 15));
});
