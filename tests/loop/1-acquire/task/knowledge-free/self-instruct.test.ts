/** @file Self-Instruct: the model's tasks come in, those like others, held-out or unreadable ones do not. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { defaultsOf } from '#base/knobs.ts';
import { selfInstruct } from '#loop/1-acquire/task/knowledge-free/self-instruct.ts';
import { rougeL } from '#loop/rouge.ts';
import { topics } from '#environments/instructions/words.ts';
import { random } from '#base/random.ts';
import { english, instructions } from '../../../english.ts';

const knobs = { ...defaultsOf(selfInstruct.knobs), newTasks: 6, seedTasks: 16 };
/** Another subject and form at every call. */
const writer = (frames: readonly string[]) => {
	let calls = 0;
	return scripted({
		script: () => {
			const topic = topics[calls % topics.length] ?? '';
			return (frames[calls++ % frames.length] ?? '').replace('%', topic);
		},
	});
};

test('takes new tasks with the constraints that can be read in them', async () => {
	const engine = writer([
		'Invent a name for % that sailors would love. Use at most 30 words.',
		'List five odd things somebody might do near %.',
	]);
	const { at } = english(engine);
	const tasks = await selfInstruct.create({ ...knobs, newTasks: 2 })(at);
	expect(tasks.map(({ stratum, difficulty }) => [stratum, difficulty])).toEqual(
		expect.arrayContaining([
			['count', 1],
			['free', 1],
		]),
	);
	expect(tasks[0]?.id).toBe('made-1-0000');
	const [first] = engine.calls;
	expect(first?.kind === 'generate' && first.prompts).toHaveLength(2);
	expect(
		first?.kind === 'generate' && (first.prompts[0]?.match(/assistant: /g) ?? []),
	).toHaveLength(8);
});

test('asks four times at most, and no two of its tasks are alike', async () => {
	const { at, engine } = english(
		writer(['Invent a name for % that sailors would love. Use at most 30 words.']),
	);
	const tasks = await selfInstruct.create(knobs)(at);
	expect(tasks.length).toBeLessThan(6);
	expect(engine.calls).toHaveLength(4);
	for (const a of tasks)
		for (const b of tasks) if (a !== b) expect(rougeL(a.text, b.text)).toBeLessThan(0.7);
});

test('drops held-out tasks, copies of what it was shown, and what is no task', async () => {
	const heldOut = instructions.words.show(
		instructions.tasks.draw(2, random(3), undefined, 'held-out'),
	);
	const { at } = english(
		scripted({
			script: (prompt, { index }) =>
				[heldOut, /assistant: (.*)/.exec(prompt)?.[1] ?? '', 'I cannot do that', ''][index % 4] ??
				'',
		}),
	);
	expect(await selfInstruct.create(knobs)(at)).toEqual([]);
});

test('whoever plays the proposer writes, and the same seed gives the same tasks', async () => {
	const proposer = () => writer(['Explain to a sailor how % is made, step by step.']);
	const policy = scripted({ script: [] });
	const first = await selfInstruct.create(knobs)(
		english(policy, { roles: { proposer: proposer() } }).at,
	);
	const second = await selfInstruct.create(knobs)(
		english(policy, { roles: { proposer: proposer() } }).at,
	);
	expect(first.length).toBeGreaterThan(0);
	expect(second).toEqual(first);
	expect(policy.calls).toEqual([]);
});

test('stops when the run is stopped', async () => {
	const stop = new AbortController();
	stop.abort(new Error('stopped'));
	const { at } = english(writer(['A task about %.']), { signal: stop.signal });
	await expect(selfInstruct.create(knobs)(at)).rejects.toThrow('stopped');
});
