/** @file A round of CodeT and of SelfEvolve on real programs: what most programs do is learnt, and what was mended. */
import { expect, test } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { scripted, type ScriptedEngine } from '#engines/scripted.ts';
import { end, pad } from '#environments/alphabet.ts';
import { run as runProgram } from '#environments/programs/language.ts';
import { explain } from '#environments/programs/search.ts';
import { openEnvironment } from '#environments/registry.ts';
import { evolve } from '#loop/evolve.ts';
import { startState } from '#loop/start.ts';
import type { Experience, LoopEvent } from '#loop/types.ts';
import { codet } from '#methods/agreement/codet.ts';
import type { Recipe } from '#methods/parts/method.ts';
import { selfEvolve } from '#methods/sampling/self-evolve.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { assemble } from '#runs/assemble.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { testWorld } from '../loop/world.ts';
import { pairsIn } from '../environments/programs/pairs-in.ts';

const induction = openEnvironment('list-programs', { mode: 'induction' });
const knobs = { selected: 20, poolSize: 20, examined: 4, steps: 2, batch: 8, lessons: 4 };

/** The shortest program that does what a prompt shows. */
const program = (prompt: string): string => `${explain(pairsIn(prompt))?.program ?? ''}$`;

async function refined(recipe: Recipe, engine: ScriptedEngine): Promise<readonly Experience[]> {
	const start = { model: 'list-programs', taught: [1, 2] } as const;
	const at = testWorld({ environment: induction, engine, start });
	const characters = alphabets['list-programs'].slice(2);
	const world = { ...at.world, tokenizer: characterTokenizer({ pad, end, characters }) };
	const { method } = assemble(recipe, knobs);
	const events: LoopEvent[] = [];
	for await (const event of evolve(method, startState(induction, start), world, 1))
		events.push(event);
	return events.find(({ type }) => type === 'refined')?.state.experience ?? [];
}

/** Texts learnt of what was kept. */
const learnt = (experience: readonly Experience[]) =>
	experience.flatMap(({ fate }) =>
		(fate.kind === 'kept' ? fate.examples : []).map((example) => {
			if (example.kind !== 'text') throw new Error('a text was due');
			return { prompt: shownPrompt(example.prompt), completion: example.completion };
		}),
	);

test('CodeT learns programs that reproduce what is shown, and none of those that stand alone', async () => {
	let asked = 0;
	const script = (prompt: string): string => (asked++ % 4 === 0 ? 'WW$' : program(prompt));
	const experience = await refined(codet, scripted({ script }));
	const said = experience.flatMap(({ rollouts }) => rollouts.map(({ answer }) => answer));
	expect(said.filter((answer) => answer === 'WW').length).toBeGreaterThan(20);
	const texts = learnt(experience);
	expect(texts.length).toBeGreaterThan(15);
	for (const { prompt, completion } of texts) {
		const { inputs, outputs } = pairsIn(prompt);
		expect(inputs.map((input) => runProgram(completion.slice(0, -1), input))).toEqual(outputs);
	}
});

test('SelfEvolve learns a mended program under the plain prompt', async () => {
	const script = (prompt: string): string => (/~./.test(prompt) ? program(prompt) : 'WW$');
	const experience = await refined(selfEvolve, scripted({ script }));
	const texts = learnt(experience);
	expect(texts.length).toBeGreaterThan(15);
	for (const { prompt, completion } of texts) {
		expect(prompt).toMatch(/^[^~]*~$/);
		expect(completion).toBe(program(prompt));
	}
});
