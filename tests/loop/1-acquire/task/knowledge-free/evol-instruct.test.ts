/** @file Evol-Instruct: rewritten tasks come in when they are harder or new, and failed evolutions do not. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { random } from '#base/random.ts';
import { scripted } from '#engines/scripted.ts';
import { topics } from '#environments/instructions/words.ts';
import { evolInstruct } from '#loop/1-acquire/task/knowledge-free/evol-instruct.ts';
import { english, instructions } from '../../../english.ts';

const knobs = { ...defaultsOf(evolInstruct.knobs), evolved: 8 };
/** The task that a prompt shows. */
const shown = (prompt: string): string => /Here is a task: ([^\n]*)/.exec(prompt)?.[1] ?? '';

test('in depth a task comes in when it has a constraint more, and not when it is as before', async () => {
	const harder = scripted({ script: (prompt) => `${shown(prompt)} Use at most 70 words.` });
	const made = await evolInstruct.create({ ...knobs, depth: 1 })(english(harder).at);
	expect(made.length).toBeGreaterThan(0);
	expect(made.every(({ difficulty, text }) => difficulty === 2 && text.includes('70 words'))).toBe(
		true,
	);
	const copies = scripted({ script: (prompt) => shown(prompt) });
	expect(await evolInstruct.create({ ...knobs, depth: 1 })(english(copies).at)).toEqual([]);
});

test('in breadth a task comes in when nothing like it is known, once', async () => {
	let calls = 0;
	const other = () =>
		scripted({
			script: () =>
				`Tell a sailor how ${topics[calls++ % 4] ?? ''} came to be. Use at most 30 words.`,
		});
	const cell = evolInstruct.create({ ...knobs, depth: 0 });
	const made = await cell(english(other()).at);
	expect(made.length).toBeGreaterThan(0);
	expect(made.length).toBeLessThan(8);
	expect(new Set(made.map(({ text }) => text)).size).toBe(made.length);
	calls = 0;
	expect(await cell(english(other()).at)).toEqual(made);
});

test('held-out tasks and what is no task are dropped; whoever plays the proposer rewrites', async () => {
	const heldOut = instructions.words.show(
		instructions.tasks.draw(2, random(3), undefined, 'held-out'),
	);
	const engine = scripted({ script: (_, { index }) => (index % 2 ? heldOut : 'I cannot do that') });
	expect(await evolInstruct.create(knobs)(english(engine).at)).toEqual([]);
	const proposer = scripted({ script: () => '' });
	const { at, engine: policy } = english(scripted({ script: () => '' }), { roles: { proposer } });
	await evolInstruct.create(knobs)(at);
	expect([proposer.calls.length, policy.calls.length]).toEqual([4, 0]);
});
