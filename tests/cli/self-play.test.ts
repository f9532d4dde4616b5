/** @file `evolve --model`: a round of self-play in English on a tiny model in a folder, with roles played by scripts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runCommand } from '#cli/run-command.ts';
import { openDirectoryStore } from '#storage/runs/directory.ts';
import { writeTinyFolder } from '../runs/tiny-model.ts';
import { terminalDouble } from './terminal-double.ts';

vi.setConfig({ testTimeout: 240_000 });

const characters = ['\n', ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))];

let folder = '';
let model = '';
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'self-play-'));
	model = join(folder, 'tiny');
	await writeTinyFolder(model, { characters, width: 16, contextLength: 4096, chats: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const task = 'Tell a sailor in plain words what a kite is for. Use at most 30 words.';
const quick = [
	...['--method', 'self-instruct', '--rounds', '1', '--new-tasks', '4', '--seed-tasks', '8'],
	...['--substance', 'off'],
	...['--shown', '2', '--examined', '2', '--answer-tokens', '32', '--samples', '1'],
	...['--steps', '3', '--batch', '2', '--rank', '2', '--threads', '1'],
];

test('writes, answers and judges a task, learns the answer through the chat template, and is examined', async () => {
	const terminal = terminalDouble();
	const out = join(folder, 'runs');
	const code = await runCommand(
		[
			'evolve',
			...quick,
			...['--model', model, '--out', out],
			...['--proposer', `script:${task}`, '--solver', 'script:It flies and shows the wind.'],
			...['--judge', 'script:Yes'],
		],
		terminal,
	);
	expect({ code, err: terminal.err }).toEqual({ code: 0, err: [] });
	const store = await openDirectoryStore(out);
	let id = '';
	try {
		const [run] = await store.runs();
		id = run?.id ?? '';
		expect(run?.recipe).toMatchObject({ model, roles: { judge: 'script:Yes' } });
		// What one model says over and over is one task.
		expect(run?.truths).toMatchObject([{ asked: 1, kept: 1, correct: 1, judged: 1 }]);
		expect(run?.curve).toHaveLength(3);
		const [first, , last] = run?.curve ?? [];
		expect(last?.loss).toBeLessThan(first?.loss ?? 0);
		expect(run?.scores).toHaveLength(2);
		const [row] = await store.experiences(run?.id ?? '');
		expect(row).toMatchObject({
			text: task,
			answer: 'It flies and shows the wind.',
			verdict: 'correct',
			expected: '',
			score: 1,
			fate: 'kept',
			trainedIn: [1],
		});
	} finally {
		await store.close();
	}
	// As many problems as English is asked without being told, whatever the default environment.
	const examined = terminalDouble();
	const ask = ['evaluate', id, '--to', '1', '--threads', '1', '--json', '--out', out];
	expect(await runCommand(ask, examined)).toBe(0);
	const { cells } = JSON.parse(examined.out[0] ?? '') as { cells: readonly { n: number }[] };
	expect(new Set(cells.map(({ n }) => n))).toEqual(new Set([20]));
});

test('says where to find a model, and what a role may be', async () => {
	const run = async (...argv: readonly string[]) => {
		const terminal = terminalDouble();
		const out = ['--out', join(folder, 'none')];
		return { code: await runCommand(['evolve', ...quick, ...out, ...argv], terminal), terminal };
	};
	const missing = await run('--model', join(folder, 'nothing.gguf'));
	expect(missing.code).not.toBe(0);
	expect(missing.terminal.err.join(' ')).toMatch(
		/There is no model ".*nothing\.gguf"; give the path of a \.gguf file/,
	);
	const odd = await run('--model', model, '--judge', 'somebody');
	expect(odd.code).toBe(2);
	expect(odd.terminal.err).toEqual([
		'judge must be one of policy, frozen, script:TEXT, endpoint:URL#MODEL, web-llm:MODEL; got "somebody".',
	]);
});
