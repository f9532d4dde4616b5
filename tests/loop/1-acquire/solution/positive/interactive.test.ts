/** @file Interactive solutions: real attempts at real programs, what is heard in between, and what is learnt of them. */
import { expect, test } from 'vitest';
import { defaultsOf, type KnobValues } from '#base/knobs.ts';
import { scripted } from '#engines/scripted.ts';
import { environmentFor } from '#environments/environment.ts';
import { openEnvironment } from '#environments/registry.ts';
import { environment as verifier } from '#loop/1-acquire/feedback/environment.ts';
import { interactive } from '#loop/1-acquire/solution/positive/interactive.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { advantagedOf } from '#loop/3-update/grouping.ts';
import type { Example } from '#loop/example.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';
import type { Experience, Task } from '#loop/types.ts';
import { testWorld } from '../../../world.ts';

const programs = openEnvironment('list-programs', { attempts: 4 });
const item = { mode: 'abduction', program: 'RA', output: '5264' };
const task: Task = { id: 'a', item, difficulty: 2, stratum: 'abduction', text: 'a' };
const knobs = { ...defaultsOf(interactive.knobs), samples: 1 };

/** Adds 1 to the last digit of its answer for every remark that it has heard, from three below the right one. */
function reviser() {
	return scripted({
		script: (prompt) => {
			const [, first = '', second = ''] = /^(.)R(.)A/.exec(prompt) ?? [];
			const heard = prompt.split('!').length - 1;
			return `${second}4153${first}351${Math.min(4, 2 + heard)}$`;
		},
		score: (_prompt, said) => Array.from(said, () => -0.5),
	});
}

function worldOf(engine = reviser()) {
	const judged = testWorld({ engine, environment: programs }).context();
	const seen = environmentFor(programs, interactive.needs);
	return { judged, at: { ...judged, world: { ...judged.world, environment: seen } } };
}

async function solve(set: Partial<KnobValues<typeof interactive.knobs>>): Promise<Rollout> {
	const [solution] = await interactive.create({ ...knobs, ...set })([task], worldOf().at);
	const [rollout] = solution?.rollouts ?? [];
	if (!rollout) throw new Error('There is no rollout.');
	return rollout;
}

/** What a verifier and a filter make of it. */
async function refined(rollouts: readonly Rollout[]): Promise<Experience> {
	const { judged } = worldOf();
	const [experience] = await verifier.create({})([{ task, rollouts }], judged);
	const filter = metricBased.create({ ...defaultsOf(metricBased.knobs), cap: 1 });
	const [kept] = await filter(experience ? [experience] : [], judged);
	if (!kept) throw new Error('There is no experience.');
	return kept;
}

const rowsOf = ({ fate }: Experience): readonly (readonly [unknown, unknown])[] =>
	(fate.kind === 'kept' ? fate.examples : []).map((one: Example) =>
		one.kind === 'text' ? [one.prompt, one.completion] : [one, null],
	);

test('an answer is run, what came out is read, and the next answer follows in the same rollout', async () => {
	const { turns, stopReason, answer } = await solve({});
	const said = turns.map(({ content, sampled }) => (sampled ? `> ${content}` : content));
	const [x = '', y = ''] = [said[0]?.charAt(0), said[0]?.charAt(2)];
	expect(said).toEqual([
		`${x}R${y}A,5264<`,
		`> ${y}4153${x}3512$`,
		'!3264<',
		`> ${y}4153${x}3513$`,
		'!4264<',
		`> ${y}4153${x}3514$`,
	]);
	expect([stopReason, answer]).toEqual(['stop', '3514']);
});

test('the tokens of all turns are one sequence, each once', async () => {
	const { turns } = await solve({});
	expect(turns.some(({ restarts }) => restarts)).toBe(false);
	const tokens = turns.flatMap((turn) => turn.tokens ?? []);
	expect(String.fromCodePoint(...tokens)).toBe(turns.map(({ content }) => content).join(''));
});

test('it ends when the turns are used up, with what was said last', async () => {
	const { turns, stopReason, answer } = await solve({ turns: 2 });
	expect(turns.filter(({ sampled }) => sampled)).toHaveLength(2);
	expect([stopReason, answer]).toEqual(['max-turns', '3513']);
	expect((await solve({ turns: 1 })).turns).toHaveLength(2);
});

test('every sample has a conversation of its own', async () => {
	const [solution] = await interactive.create({ ...knobs, samples: 3 })([task], worldOf().at);
	expect(solution?.rollouts.map(({ answer }) => answer)).toEqual(['3514', '3514', '3514']);
	expect(new Set(solution?.rollouts.map(({ id }) => id)).size).toBe(3);
});

test('last: the last turn is learnt, after all that was said before it', async () => {
	const rollout = await solve({ learns: 'last' });
	const said = rollout.turns.map(({ content }) => content);
	expect(rowsOf(await refined([rollout]))).toEqual([[said.slice(0, 5).join(''), said[5]]]);
});

test('each: every turn of the model is learnt, and nothing of the environment', async () => {
	const rollout = await solve({ learns: 'each' });
	const said = rollout.turns.map(({ content }) => content);
	const kept = await refined([rollout, rollout]);
	expect(rowsOf(kept)).toEqual([
		[said[0], said[1]],
		[said.slice(0, 3).join(''), said[3]],
		[said.slice(0, 5).join(''), said[5]],
	]);
	const [, , last] = kept.fate.kind === 'kept' ? kept.fate.examples : [];
	expect(last).toHaveProperty('tokens.completion.length', said[5]?.length);
	expect(last).toHaveProperty('tokens.prompt.length', said.slice(0, 5).join('').length);
});

test('direct: the last turn is learnt as the answer to the task itself', async () => {
	const rollout = await solve({ learns: 'direct' });
	const said = rollout.turns.map(({ content }) => content);
	const kept = await refined([rollout]);
	expect(rowsOf(kept)).toEqual([[said[0], said[5]]]);
	// The log-probabilities belong to another prompt.
	expect(kept.fate.kind === 'kept' && kept.fate.examples[0]).not.toHaveProperty('tokens.prompt');
	expect(rowsOf(await refined([await solve({ learns: 'direct', turns: 1 })]))).toEqual([]);
});

test('a conversation that ends wrong teaches nothing', async () => {
	expect((await refined([await solve({ turns: 2, learns: 'each' })])).fate).toMatchObject({
		kind: 'set-aside',
	});
});

test('each turn has the advantage of its rollout in a policy gradient', async () => {
	const [right, wrong] = [
		await solve({ learns: 'each' }),
		await solve({ learns: 'each', turns: 1 }),
	];
	const rewarded = (rollout: Rollout, value: number): Rollout => ({
		...rollout,
		rewards: { verifier: { value, weight: 1 } },
	});
	const experience = {
		...(await refined([right])),
		rollouts: [rewarded(right, 1), rewarded(wrong, 0)],
	};
	const options = { normalise: 'none' } as const;
	const signs = advantagedOf([experience], programs, options).map((one) =>
		Math.sign(one.kind === 'text' ? Number(one.advantage) : NaN),
	);
	expect(signs).toEqual([1, 1, 1, -1]);
});

test('it is not given the key: no score and no reference', () => {
	const { environment } = worldOf().at.world;
	expect(interactive.needs).toEqual([]);
	for (const truth of ['score', 'reference']) expect(environment).not.toHaveProperty(truth);
});

test('equal seeds have equal conversations', async () => {
	expect(await solve({})).toEqual(await solve({}));
});
