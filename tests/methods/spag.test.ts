/** @file A round of self-play in Nim: what won is learnt, no held-out position is, and nobody told which move was right. */
import { expect, test } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { scripted } from '#engines/scripted.ts';
import { end, pad } from '#environments/alphabet.ts';
import { openEnvironment } from '#environments/registry.ts';
import { evolve } from '#loop/evolve.ts';
import { startState } from '#loop/start.ts';
import type { LoopEvent } from '#loop/types.ts';
import { hearsTruth } from '#methods/parts/method.ts';
import { spag } from '#methods/spag.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { assemble } from '#runs/assemble.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { testWorld } from '../loop/world.ts';

const nim = openEnvironment('nim', { working: 'none' });
const start = { model: 'nim', taught: [2, 3] } as const;

const heapsOf = (prompt: string): readonly number[] =>
	Array.from(prompt.replace(/\/.*/, ''), Number);

/** Plays exactly where there are two heaps; with more, every second move is any. */
const model = () =>
	scripted({
		script: (prompt) => nim.reference.solve({ heaps: heapsOf(prompt) }),
		errors: {
			seed: 1,
			rate: (prompt) => (heapsOf(prompt).length > 2 ? 0.5 : 0),
			spoil: (move) => `${move.charAt(0)}${move.charAt(1) === '1' ? 2 : 1}`,
		},
	});

test('keeps the moves that won more often than others, most of them right, and none of a held-out position', async () => {
	const at = testWorld({ environment: nim, engine: model(), start });
	const tokenizer = characterTokenizer({ pad, end, characters: alphabets.nim.slice(2) });
	const knobs = { problems: 40, lessons: 8, examined: 5, steps: 2, batch: 8 };
	const { method } = assemble(spag, knobs);
	const events: LoopEvent[] = [];
	const world = { ...at.world, tokenizer };
	for await (const event of evolve(method, startState(nim, start), world, 1)) events.push(event);
	expect(events.map(({ type }) => type)).toEqual([
		...['evaluated', 'acquired', 'refined', 'updated', 'evaluated'],
	]);
	const refined = events.find(({ type }) => type === 'refined')?.state.experience ?? [];
	const kept = refined.filter(({ fate }) => fate.kind === 'kept');
	expect(kept.length).toBeGreaterThan(10);
	expect(kept.length).toBeLessThan(refined.length);
	let right = 0;
	for (const { task, feedback, fate } of kept) {
		expect(nim.tasks.isHeldOut(task.item)).toBe(false);
		const [example] = fate.kind === 'kept' ? fate.examples : [];
		if (example?.kind !== 'text') throw new Error('A move is learnt as it was said.');
		expect(heapsOf(shownPrompt(example.prompt))).toEqual(task.item['heaps']);
		const answer = feedback.kind === 'scored' ? (feedback.answer ?? '') : '';
		if (nim.reference.isRight?.(task.item, answer)) right++;
	}
	expect(right / kept.length).toBeGreaterThan(0.7);
	expect(hearsTruth(spag)).toBe(false);
});
