/** @file `audit` and `forget` on a tiny model on disk: words, JSON, an audit taken up again, the card of an export, and two adapters compared. */
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

const gguf = fileURLToPath(new URL('../fixtures/tiny-chat.gguf', import.meta.url));

describe('audit', () => {
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
		const told = words.err.findIndex((line) => line.startsWith('Measured here: to look at 1 text'));
		const begun = words.err.findIndex((line) => line.startsWith('screened 1/1'));
		expect([told >= 0, begun > told]).toEqual([true, true]);
		expect(words.out).toEqual([
			expect.stringMatching(/^Row 1 “Behind the blue boxes.” is not suspected/),
			'None of 1 text was found to be given away.',
			expect.stringMatching(
				/^Searched for the texts that looked suspicious, with what was asked, parts of it, and prompts of up to 2 tokens, 2 steps/,
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
		expect(again.out.join()).not.toMatch(/screened|"cost"/);
		expect(again.last).toEqual(all.last);
	}, 60_000);

	test('refuses a budget that is out of range before the model is opened', async () => {
		const flags = ['--adapter', 'x', '--data', 'x', '--steps', '0'];
		const { code, err } = await run('audit', '--model', 'none', ...flags);
		expect([code, err[0]]).toEqual([2, expect.stringContaining('--steps')]);
	});
});

describe('forget', () => {
	const row = (prompt: string, completion: string) => JSON.stringify({ prompt, completion });
	const weightsOf = (out: string) => readFile(join(out, 'adapter_model.safetensors'));

	test('trains anew without rows and those like them, compares, and twice is as once', async () => {
		const [notes, more] = [join(folder, 'diary.jsonl'), join(folder, 'more.jsonl')];
		const key = row('Where is it?', 'Behind the blue boxes.');
		await writeFile(notes, [key, row('Who?', 'Anna came.'), row('When?', 'At noon.')].join('\n'));
		await writeFile(more, [key, row('Why?', 'For the lamp.')].join('\n'));
		const of = (name: string) => join(folder, name);
		const data = ['--data', notes, more, '--threads', '1', '--json'];
		const taught = ['--steps', '4', '--batch', '2', '--seed', '3', '--top-share', '0.5', ...data];
		expect((await run('tune', '--model', gguf, '--out', of('a'), ...taught)).code).toBe(0);

		const forget = (from: string, out: string, ...what: readonly string[]) =>
			run('forget', '--model', gguf, '--adapter', of(from), '--out', of(out), ...data, ...what);
		const one = await forget('a', 'b', '--rows', 'diary.jsonl:1', '--compare');
		expect(one.err).toEqual([]);
		const told = one.out.map((line) => JSON.parse(line) as { type: string });
		// The same row in the other file goes, too: one row by its hash, two by their place.
		expect(told.at(-2)).toMatchObject({ type: 'forgotten', rows: 3, steps: 4 });
		expect(one.last).toMatchObject({
			type: 'compared',
			texts: [{ before: 'not-suspected', after: 'not-suspected', retried: null }],
		});

		const twice = await forget('b', 'c', '--rows', 'diary.jsonl:2');
		const once = await forget('a', 'd', '--rows', 'diary.jsonl:1', 'diary.jsonl:2');
		expect([twice.code, once.code]).toEqual([0, 0]);
		expect(await weightsOf(of('c'))).toEqual(await weightsOf(of('d')));
		expect(await weightsOf(of('b'))).not.toEqual(await weightsOf(of('a')));
		const lineage = JSON.parse(await readFile(join(of('c'), 'lineage.json'), 'utf8')) as unknown;
		expect(lineage).toMatchObject({
			settings: { topShare: 0.5 },
			ancestors: [{ adapter: 'a' }, { adapter: 'b' }],
		});
		expect(JSON.stringify(lineage)).not.toMatch(/blue|diary|Anna/);
	}, 60_000);

	test.each([
		[[], 'Name what is to be forgotten'],
		[['--rows', 'diary.jsonl:9'], 'the data has none at "diary.jsonl:9"'],
		[['--files', 'x'], 'diary.jsonl, '],
		[['--files', 'diary.jsonl', 'more.jsonl'], 'No row would be left'],
	])('refuses %j', async (what, words) => {
		const data = ['--data', join(folder, 'diary.jsonl'), join(folder, 'more.jsonl')];
		const flags = ['--adapter', join(folder, 'a'), '--out', join(folder, 'z'), ...data];
		const { code, err } = await run('forget', '--model', gguf, ...flags, ...what);
		expect([code, err[0]]).toEqual([2, expect.stringContaining(words)]);
	});

	test('refuses an adapter of which nobody knows what it was taught', async () => {
		const flags = ['--adapter', folder, '--data', 'x', '--rows', 'x:1', '--out', 'y'];
		const { code, err } = await run('forget', '--model', gguf, ...flags);
		expect([code, err[0]]).toEqual([2, expect.stringContaining('written by `tune` or `forget`')]);
	});
});
