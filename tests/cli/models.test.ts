/** @file `models` against a hub on this machine: what it prints, its exit codes, and a model that then answers by its name. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '#cli/run-command.ts';
import { resolveModel } from '#library/resolve-model.ts';
import { startHub, type HubServer } from '../library/hub-server.ts';
import { tinyFolder } from '../runs/tiny-model.ts';
import { terminalDouble, type TerminalDouble } from './terminal-double.ts';

const name = 'someone/tiny';
const folder = tinyFolder();

let root = '';
let hub: HubServer;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'models-'));
	hub = await startHub({ [name]: folder });
});
afterEach(async () => {
	await hub.close();
	await rm(root, { recursive: true, force: true });
});

const at = () => ['--models', join(root, 'models'), '--hub', hub.url];
async function run(argv: readonly string[], terminal: TerminalDouble = terminalDouble()) {
	const code = await runCommand(['models', ...argv, ...at()], terminal);
	return { code, out: terminal.out, err: terminal.err };
}
const json = (lines: readonly string[]): unknown => JSON.parse(lines.at(-1) ?? 'null');

test('a model is looked at, fetched, listed, renamed and deleted', async () => {
	const looked = await run(['info', name, '--json']);
	expect(looked.code).toBe(0);
	expect(json(looked.out)).toMatchObject({
		type: 'hub-model',
		repository: name,
		licence: 'apache-2.0',
		fit: { speak: [{ verdict: 'fits' }, { verdict: 'fits' }] },
	});
	const added = await run(['add', name, '--json']);
	expect(added).toMatchObject({ code: 0, err: [] });
	expect(json(added.out)).toMatchObject({ type: 'added', id: 'someone--tiny', state: 'complete' });
	expect(added.out.some((line) => line.includes('"model-progress"'))).toBe(true);
	expect(json((await run(['list', '--json'])).out)).toMatchObject({ type: 'model', name });
	expect((await run(['info', name])).out.join('\n')).toMatch(/tokens\/s[\s\S]*Reckoned from/);
	expect((await run(['rename', name, 'Mine'])).out).toEqual(['someone--tiny is called Mine now.']);
	expect((await run(['list'])).out.join()).toMatch(/^someone--tiny {2}Mine {2}82\.5 kB|Mine/);
	const path = await resolveModel('mine', join(root, 'models'));
	expect(await readdir(path)).toContain('model.safetensors');
	const answer = terminalDouble();
	const ask = [
		'chat',
		'--model',
		path,
		'--prompt',
		'hello',
		'--raw',
		'--max-tokens',
		'3',
		'--json',
	];
	expect(await runCommand(ask, answer)).toBe(0);
	expect(json(answer.out)).toMatchObject({ type: 'answer' });
	expect((await run(['remove', 'Mine'])).code).toBe(0);
	expect((await run(['list'])).out.join()).toMatch(/No model is here yet; fetch one/);
});

test('a folder of the disk is copied in under its name', async () => {
	const path = join(root, 'my-model');
	await mkdir(path);
	for (const [file, bytes] of Object.entries(folder)) await writeFile(join(path, file), bytes);
	await writeFile(join(path, 'notes.txt'), 'not part of it');
	const { code, out } = await run(['add', path, '--json']);
	expect(code).toBe(0);
	expect(json(out)).toMatchObject({ id: 'my-model', name: 'my-model', state: 'complete' });
	expect(await readdir(join(root, 'models', 'my-model'))).not.toContain('notes.txt');
});

test('Ctrl-C keeps what is there; adding again goes on', async () => {
	hub.mood = { slowMs: 20 };
	const terminal = terminalDouble();
	terminal.onLine = (line) => {
		if (line.includes('"file":"model.safetensors"')) terminal.interrupt();
	};
	const stopped = await run(['add', name, '--json'], terminal);
	expect(stopped.code).toBe(130);
	expect(json(stopped.out)).toMatchObject({ type: 'stopped', state: 'partial' });
	await expect(resolveModel(name, join(root, 'models'))).rejects.toThrow(/go on with it/);
	hub.mood = {};
	expect(json((await run(['add', name, '--json'])).out)).toMatchObject({ state: 'complete' });
});

describe('asked wrongly or refused, it says so in one sentence', () => {
	test.each([
		[['fly'], 2, /models can list, info, add, rename, remove; got "fly"\./],
		[['info'], 2, /models info needs a model/],
		[['remove', 'nobody'], 1, /There is no model at nobody/],
		[['add', 'someone/nothing'], 1, /has no someone\/nothing; check the spelling/],
		[['add', 'no such thing'], 1, /is no name of a model/],
		[['rename', 'x'], 2, /needs the new name/],
	] as const)('%j', async (argv, code, sentence) => {
		const ended = await run(argv);
		expect(ended.code).toBe(code);
		expect(ended.err).toHaveLength(1);
		expect(ended.err[0]).toMatch(sentence);
	});

	test('an address that is none', async () => {
		const terminal = terminalDouble();
		expect(await runCommand(['models', 'list', '--hub', 'nowhere'], terminal)).toBe(2);
		expect(terminal.err[0]).toMatch(/--hub must be an address/);
	});
});
