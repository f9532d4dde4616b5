/** @file One round of self-debugging on real programs: first answers go wrong, mended ones are learnt as first ones. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { end, pad } from '#environments/alphabet.ts';
import { openEnvironment } from '#environments/registry.ts';
import { run as runProgram } from '#environments/programs/language.ts';
import { explain, wayBack } from '#environments/programs/search.ts';
import { evolve } from '#loop/evolve.ts';
import { startState } from '#loop/start.ts';
import type { LoopEvent } from '#loop/types.ts';
import { selfDebugging } from '#methods/self-debugging.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { assemble } from '#runs/assemble.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { testWorld } from '../loop/world.ts';
import { pairsIn } from '../environments/programs/pairs-in.ts';

const programs = openEnvironment('list-programs');
const knobs = {
	selected: 40,
	poolSize: 40,
	samples: 1,
	examined: 4,
	steps: 2,
	batch: 8,
	lessons: 4,
};

/** Two operations make no list of it that a problem has. */
const tooLong = '979797';

/** Reads the problem off its prompt and answers it rightly once it has heard what its first answer gave. */
function answer(prompt: string): string {
	const [asked = '', ...heard] = prompt.split(/(?<=[=<~])/);
	const isMended = heard.length > 0;
	if (asked.endsWith('~')) return isMended ? `${explain(pairsIn(asked))?.program ?? ''}$` : 'WW$';
	const [before = '', list = ''] = asked.slice(0, -1).split(',');
	const letters = before.match(/[A-Z]/g) ?? [];
	const marks = before.match(/[a-p]/g) ?? [];
	const program = letters.join('');
	if (asked.endsWith('='))
		return `${marks.map((mark, i) => mark + (runProgram(program.slice(0, i + 1), list) ?? '')).join('')}$`;
	const way = wayBack(program, list) ?? [];
	return `${marks
		.toReversed()
		.map((mark, i) => mark + (isMended || i < way.length - 1 ? (way[i] ?? '') : tooLong))
		.join('')}$`;
}

async function round(turns: number) {
	const at = testWorld({ environment: programs, engine: scripted({ script: answer }) });
	const characters = alphabets['list-programs'].slice(2);
	const world = { ...at.world, tokenizer: characterTokenizer({ pad, end, characters }) };
	const { method } = assemble(selfDebugging, { ...knobs, turns });
	const events: LoopEvent[] = [];
	const start = startState(programs, { model: 'list-programs', taught: [1, 2] });
	for await (const event of evolve(method, start, world, 1)) events.push(event);
	const experience = events.find(({ type }) => type === 'refined')?.state.experience ?? [];
	const examined = events[0]?.type === 'evaluated' ? events[0].evaluation.report.score.cells : [];
	return { experience, examined };
}

test('a problem that is mended is kept, and learnt under its plain prompt', async () => {
	const { experience, examined } = await round(3);
	expect(experience).toHaveLength(40);
	const kept = experience.filter(({ fate }) => fate.kind === 'kept');
	expect(kept.length).toBeGreaterThan(36);
	for (const { task, rollouts, fate } of kept) {
		const said = rollouts[0]?.turns.filter(({ sampled }) => sampled).length;
		expect(said).toBe(task.stratum === 'deduction' ? 1 : 2);
		const [example] = fate.kind === 'kept' ? fate.examples : [];
		const [view] = rollouts.map((one) => one.view);
		if (example?.kind !== 'text' || !view) throw new Error('a text was due');
		expect(example.prompt).toBe(programs.open(task.item, view).first());
	}
	// An examination has the turns of the environment, whatever the method practises with.
	for (const { correct, n } of examined) expect(correct).toBe(n);
});

test('with one turn, only what was right at once is kept', async () => {
	const { experience } = await round(1);
	const strata = experience.flatMap(({ task, fate }) =>
		fate.kind === 'kept' ? [task.stratum] : [],
	);
	expect(new Set(strata)).toEqual(new Set(['deduction']));
});
