/** @file Damaged entries in the terminal: every command works on the others, and the damaged ones can be handled. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '#cli/run-command.ts';
import { terminalDouble } from './terminal-double.ts';

const before = fileURLToPath(new URL('../fixtures/compatibility/store', import.meta.url));
const id = '5s5k161c29410i6p';

let root: string;
let out: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'evolvarium-damaged-'));
	out = join(root, 'store');
	await cp(before, out, { recursive: true });
	await cp(join(out, 'runs', id), join(out, 'runs', 'cut'), { recursive: true });
	await writeFile(join(out, 'runs', 'cut', 'run.json'), '{"format":1,"rowBy');
	await writeFile(join(out, 'runs', '.DS_Store'), 'of the file manager');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function run(...argv: string[]) {
	const terminal = terminalDouble();
	const code = await runCommand([...argv, '--out', out], terminal);
	return { code, printed: terminal.out.join('\n'), told: terminal.err.join('\n') };
}
const weights = () => readdir(join(out, 'files'));

test('runs lists the sound run and the damaged one, with its remedy, and changes nothing', async () => {
	const kept = await weights();
	const { code, printed } = await run('runs');
	expect(code).toBe(0);
	expect(printed).toContain(`${id}  finished`);
	expect(printed).toMatch(/^cut {2}damaged .*run\.json is no JSON.*import the run from an export/m);
	const lines = (await run('runs', '--json')).printed.split('\n');
	expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
		{ type: 'run', id },
		{ type: 'damaged', id: 'cut' },
	]);
	expect(await weights()).toEqual(kept);
});

test('the sound run is exported whole, the damaged one as it is', async () => {
	const whole = join(root, 'whole.zip');
	expect((await run('export', id, '--to', whole)).code).toBe(0);
	const asIs = join(root, 'as-is.zip');
	const { code, told } = await run('export', 'cut', '--to', asIs);
	expect(code).toBe(0);
	expect(told).toContain('cannot be imported');
	const files = unzipSync(new Uint8Array(await readFile(asIs)));
	expect(new TextDecoder().decode(files['run.json'])).toBe('{"format":1,"rowBy');
	expect((await run('import', whole)).code).toBe(0);
	const refused = await run('import', asIs);
	expect(refused.code).toBe(1);
	expect(refused.told).toMatch(/not a sound export/);
});

test('a new run begins beside a damaged one, whose weights stay', async () => {
	const kept = await weights();
	const small = [
		...['--rounds', '1', '--problems', '4', '--samples', '2', '--threads', '1', '--examined', '10'],
		...['--views', '1', '--steps', '2', '--batch', '4', '--rank', '1', '--min-kept', '1'],
	];
	const { code, told } = await run('evolve', '--method', 'easy-to-hard', ...small, '--json');
	expect([code, told]).toEqual([0, '']);
	expect(await weights()).toEqual(expect.arrayContaining(kept));
});

test('the damaged run is deleted, and its weights wait in a trash that can be emptied', async () => {
	await writeFile(join(out, 'files', 'weights~orphan.safetensors'), 'of the damaged run');
	expect((await run('storage')).printed).toBe('1 runs, 1 damaged; trash: 0 files, 0.0 MB');
	expect((await run('storage', '--delete', 'nobody')).code).toBe(2);
	const { printed } = await run('storage', '--delete', 'cut', '--json');
	expect(JSON.parse(printed)).toMatchObject({ runs: 1, damaged: 0, trash: { files: 0 } });
	expect(JSON.parse((await run('storage', '--empty-trash', '--json')).printed)).toMatchObject({
		trash: { files: 0, bytes: 0 },
	});
	expect((await weights()).length).toBe(2);
});
