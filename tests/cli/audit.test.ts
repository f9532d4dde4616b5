/** @file `audit` on a tiny model on disk: words, JSON, an audit taken up again, and the card of an export. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '#cli/run-command.ts';
import { terminalDouble } from './terminal-double.ts';

let folder = '';
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'audit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: readonly string[]) {
	const terminal = terminalDouble();
	const code = await runCommand(argv, terminal);
	const last: unknown = argv.includes('--json') ? JSON.parse(terminal.out.at(-1) ?? 'null') : null;
	return { code, out: terminal.out, err: terminal.err, last };
}

describe('audit', () => {
	const gguf = fileURLToPath(new URL('../fixtures/tiny-chat.gguf', import.meta.url));
	const budget = ['--steps', '2', '--candidates', '4', '--longest', '2', '--control-steps', '1'];

	test('says of every text what it saw, in words and as JSON, and goes on where it was stopped', async () => {
		const [data, out] = [join(folder, 'notes.jsonl'), join(folder, 'audited')];
		await writeFile(data, '{"prompt":"Where is it?","completion":"Behind the blue boxes."}');
		const teach = ['--data', data, '--out', out, '--steps', '2', '--threads', '1', '--json'];
		expect((await run('tune', '--model', gguf, ...teach)).code).toBe(0);
		const audited = (...more: readonly string[]) =>
			run(
				...['audit', '--model', gguf, '--adapter', out, '--data', data, '--threads', '1'],
				...[...budget, ...more],
			);

		const words = await audited();
		expect(words.code).toBe(0);
		expect(words.out).toEqual([
			expect.stringMatching(/^Row 1 “Behind the blue boxes.” is not suspected/),
			'None of 1 text was found to be given away.',
			expect.stringMatching(
				/^Searched for the texts that the screen suspected, with prompts of 1, 2/,
			),
		]);

		const file = join(folder, 'report.json');
		const all = await audited('--all', '--json', '--out', file);
		expect(all.last).toMatchObject({
			type: 'report',
			report: { searched: 'all', texts: [{ row: 1, outcome: { kind: 'not-found' } }] },
		});
		const { report } = all.last as { report: unknown };
		expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(report);

		const given = join(folder, 'given');
		const files = ['--adapter', out, '--audit', file, '--data', data];
		expect((await run('export', '--model', gguf, '--out', given, ...files)).code).toBe(0);
		const card = await readFile(join(given, 'README.md'), 'utf8');
		const hash = createHash('sha256')
			.update(await readFile(data))
			.digest('hex');
		expect(card).toContain(`| SHA-256 of the data | ${hash} |`);
		expect(card).toContain('None of 1 text was found to be given away.');
		expect(card).not.toMatch(/blue|audit-/);

		const terminal = terminalDouble();
		const cut = join(folder, 'cut.json');
		const flags = ['--adapter', out, '--data', data, '--threads', '1', '--all', '--json'];
		const argv = ['audit', '--model', gguf, ...flags, ...budget, '--out', cut];
		terminal.onLine = (line) => {
			if (line.includes('"searched"')) terminal.interrupt();
		};
		expect(await runCommand(argv, terminal)).toBe(130);
		expect(JSON.parse(terminal.out.at(-1) ?? '')).toMatchObject({
			report: { texts: [{ outcome: { kind: 'unjudged', reason: 'stopped' } }] },
		});
		const again = await run(...argv);
		expect(again.out.join()).not.toContain('screened');
		expect(again.last).toEqual(all.last);
	}, 60_000);

	test('refuses a budget that is out of range before the model is opened', async () => {
		const flags = ['--adapter', 'x', '--data', 'x', '--steps', '0'];
		const { code, err } = await run('audit', '--model', 'none', ...flags);
		expect([code, err[0]]).toEqual([2, expect.stringContaining('--steps')]);
	});
});
