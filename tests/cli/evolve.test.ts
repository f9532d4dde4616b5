/** @file Runs in the terminal, on the embedded seedling: their lines, their end, and how they go on. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCommand } from '#cli/run-command.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { LocalSession } from '#runs/local-session.ts';
import { adapterPath } from '#runs/stored/recorded-adapters.ts';
import { readRecording } from '#runs/stored/recording.ts';
import { aNumber, like } from '../matchers.ts';
import { terminalDouble } from './terminal-double.ts';

// Whole runs: on a busy machine a minute is not enough.
vi.setConfig({ testTimeout: 240_000 });

let folder = '';
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'evolvarium-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two short rounds that keep every well-formed answer, whatever the seedling can; few questions. */
const quick = [
	...['--rounds', '2', '--problems', '30', '--steps', '2', '--examined', '10'],
	...[
		'--agreement',
		'off',
		'--minKept',
		'5',
		'--replay-problems',
		'4',
		'--threads',
		'1',
		'--seed',
		'4',
	],
];

const out = (name: string): string[] => ['--out', join(folder, name)];

type Line = Readonly<Record<string, unknown>>;
function parse(text: string): Line {
	const value: unknown = JSON.parse(text);
	if (typeof value !== 'object' || value === null) throw new Error(`no object: ${text}`);
	return { ...value };
}

async function evolve(...argv: readonly string[]) {
	const terminal = terminalDouble();
	const code = await runCommand(['evolve', ...quick, ...argv], terminal);
	return { code, lines: terminal.out.map(parse), err: terminal.err };
}

/** A transcript without what changes from run to run and machine to machine. */
const golden = (lines: readonly Line[]) =>
	lines
		.filter(({ type }) => type !== 'progress')
		.map(({ type, step, status, t, phase }) =>
			[type, step, status, t, phase]
				.filter((word) => typeof word === 'string' || typeof word === 'number')
				.join(' '),
		);

describe('evolve', () => {
	test('prints its events as JSON lines and ends with the summary', async () => {
		const { code, lines, err } = await evolve(...out('a'));
		expect({ code, err }).toEqual({ code: 0, err: [] });
		const round = (t: number) => [
			`began ${t} acquire`,
			'committed acquired',
			`began ${t} refine`,
			'committed refined',
			`began ${t} update`,
			'committed updated',
			`began ${t} evaluate`,
			'committed evaluated',
		];
		expect(golden(lines)).toEqual([
			'opened',
			'run',
			'status running',
			'began 0 evaluate',
			'committed evaluated',
			...round(1),
			...round(2),
			'run',
			'status finished',
			'summary',
		]);
		const summary = lines.at(-1) ?? {};
		expect(Object.keys(summary)).toEqual([
			'type',
			'method',
			'environment',
			'seed',
			'rounds',
			'seconds',
			'frontierBefore',
			'frontierAfter',
			'outcome',
			'heldOut',
			'policy',
		]);
		expect(summary).toMatchObject({
			type: 'summary',
			method: 'easy-to-hard',
			environment: 'addition',
			seed: 4,
			rounds: 2,
		});
		expect(summary['heldOut']).toContainEqual({
			difficulty: 8,
			chance: expect.closeTo(1 / (2 * 10 ** 8 - 1), 12) as number,
			before: { correct: aNumber, n: 20 },
			after: { correct: aNumber, n: 20 },
		});
	});

	test('carries no weights and no private state in its lines', async () => {
		const { lines } = await evolve(...out('b'), '--rounds', '1');
		for (const line of lines) {
			expect(JSON.stringify(line)).not.toContain('file:');
			expect(JSON.stringify(line).length).toBeLessThan(200_000);
		}
	});

	test('gives the same run for the same seed', async () => {
		const policyOf = async (name: string) =>
			(await evolve(...out(name), '--rounds', '1')).lines.at(-1)?.['policy'];
		const first = await policyOf('c');
		expect(first).toMatch(/^[0-9a-f]{16}$/);
		expect(await policyOf('d')).toBe(first);
	});

	test('draws a table in a terminal', async () => {
		const terminal = terminalDouble(true);
		const code = await runCommand(['evolve', ...quick, '--rounds', '1', ...out('e')], terminal);
		expect(code).toBe(0);
		const last = terminal.drawn.at(-1) ?? [];
		expect(last[0]).toBe('easy-to-hard on addition, seed 4 · onnxruntime-node, 1 thread');
		expect(last.join('\n')).toMatch(/held-out % · difficulty +1 +2 +3/);
		expect(last.join('\n')).toMatch(/round +1 · frontier/);
		expect(last.join('\n')).toMatch(/each of [\dto ]+ problems; 95 % intervals up to \d+ points/);
		expect(last.join('\n')).toMatch(/round 1: \d+ of 30 kept · believed [\d.]+ % · true [\d.]+ %/);
		expect(terminal.out.at(-1)).toMatch(
			/^\nfinished: frontier \d+ → \d+ in [\d.]+ s; run \S+\noutcome: it (climbs|forgets|stands still|collapses)/,
		);
		const cost =
			/[\d.]+ k tokens read, [\d.]+ k written, [\d.]+ k trained · [\d.]+ [MG]FLOP · .+ s$/;
		expect(terminal.out.at(-1)?.split('\n').at(-1)).toMatch(cost);
		const list = terminalDouble();
		await runCommand(['runs', ...out('e')], list);
		expect(list.out[0]).toMatch(cost);
		const json = terminalDouble();
		await runCommand(['runs', '--json', ...out('e')], json);
		expect(parse(json.out[0] ?? '')['cost']).toMatchObject({ tokensIn: aNumber, flop: aNumber });
	});

	test('fails with code 1 and the remedy if there is no model', async () => {
		const { code, err } = await evolve(...out('f'), '--models', folder);
		expect(code).toBe(1);
		expect(err.join()).toMatch(
			/^There is no model "addition"; give the path of .*, or one of .*, where there are /,
		);
	});
});

describe('Ctrl-C', () => {
	test('stops after writing, says how to resume, and resuming ends as an unbroken run', async () => {
		const whole = await evolve(...out('g'));
		const terminal = terminalDouble();
		terminal.onLine = (line) => {
			if (line.includes('"kind":"trained"')) terminal.interrupt();
		};
		const code = await runCommand(['evolve', ...quick, ...out('h')], terminal);
		expect(code).toBe(130);
		const [, hint = ''] = terminal.err;
		const [, id = ''] = /^Go on with: npm run -s cli -- resume (\S+) --out \S+$/.exec(hint) ?? [];
		expect(parse(terminal.out.at(-1) ?? '')).toMatchObject({ type: 'summary', rounds: 0 });
		const second = terminalDouble();
		expect(await runCommand(['resume', id, '--threads', '1', ...out('h')], second)).toBe(0);
		const end = (line: Line | undefined) => ({ ...line, seconds: 0 });
		expect(end(parse(second.out.at(-1) ?? ''))).toEqual(end(whole.lines.at(-1)));
	});

	test('reaches the process: exit code 130', async () => {
		const child = spawn(
			process.execPath,
			['--import', 'tsx', 'src/cli/main.ts', 'evolve', ...quick, ...out('i')],
			{ stdio: ['ignore', 'pipe', 'pipe'] },
		);
		child.stderr.resume();
		let text = '';
		child.stdout.on('data', (chunk: Buffer) => {
			const before = text;
			text += chunk.toString();
			const begun = '"phase":"acquire"';
			if (text.includes(begun) && !before.includes(begun)) child.kill('SIGINT');
		});
		const code = await new Promise((resolve) => child.on('close', resolve));
		expect(code).toBe(130);
		expect(parse(text.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ type: 'summary' });
	});
});

describe('a finished run', () => {
	test('is listed, played again to the last bit, examined, exported and taken in elsewhere', async () => {
		await evolve(...out('j'), '--rounds', '1');
		const terminal = terminalDouble();
		await runCommand(['runs', '--json', ...out('j')], terminal);
		const id = String(parse(terminal.out[0] ?? '')['id']);

		const replayed = terminalDouble();
		expect(await runCommand(['replay', id, '--threads', '1', ...out('j')], replayed)).toBe(0);
		expect(parse(replayed.out.at(-1) ?? '')).toEqual({
			...{ type: 'compared', with: id, kind: 'equal', rounds: 1 },
			fingerprint: like(/^[0-9a-f]{8}$/),
		});

		const examined = terminalDouble();
		const asked = ['--from', '3', '--to', '4', '--items', '5', '--threads', '1', '--json'];
		expect(await runCommand(['evaluate', id, ...asked, ...out('j')], examined)).toBe(0);
		expect(parse(examined.out[0] ?? '')).toMatchObject({
			type: 'evaluation',
			seed: 4,
			cells: [
				{ difficulty: 3, stratum: 'equal', n: 5 },
				{ difficulty: 3, stratum: 'unequal', n: 5 },
				{ difficulty: 4, stratum: 'equal', n: 5 },
				{ difficulty: 4, stratum: 'unequal', n: 5 },
			],
		});

		const zip = join(folder, 'run.zip');
		const jsonl = join(folder, 'rows.jsonl');
		const silent = terminalDouble();
		expect(await runCommand(['export', id, '--to', zip, ...out('j')], silent)).toBe(0);
		expect(
			await runCommand(['export', id, '--format', 'jsonl', '--to', jsonl, ...out('j')], silent),
		).toBe(0);
		const rows = (await readFile(jsonl, 'utf8')).trimEnd().split('\n').map(parse);
		expect(rows.length).toBeGreaterThan(5);
		for (const row of rows) expect(Object.keys(row)).toEqual(['prompt', 'completion']);

		const taken = terminalDouble();
		expect(await runCommand(['import', zip, ...out('k')], taken)).toBe(0);
		const copy = String(parse(taken.out[0] ?? '')['run']);
		const onwards = terminalDouble();
		const more = ['--rounds', '2', '--threads', '1', '--learningRate', '1e-4'];
		const refused = terminalDouble();
		const wider = ['resume', '--rank', '4', copy, ...more, ...out('k')];
		expect(await runCommand(wider, refused)).toBe(2);
		expect(refused.err).toEqual([like(/^rank and alpha stay 64 and 64: this run goes on from /)]);
		expect(await runCommand(['resume', copy, ...more, ...out('k')], onwards)).toBe(0);
		expect(parse(onwards.out.at(-1) ?? '')).toMatchObject({ type: 'summary', rounds: 2 });
		expect(onwards.out.map(parse).find(({ type }) => type === 'run')).toMatchObject({
			run: { recipe: { knobs: { learningRate: 1e-4, problems: 30 } } },
		});
	});
});

test('record writes a recording that the page can read, small enough to come with it', async () => {
	const path = join(folder, 'recording.json');
	const code = await runCommand(['record', ...quick, '--to', path, ...out('l')], terminalDouble());
	expect(code).toBe(0);
	const bytes = await readFile(path);
	expect(bytes.length).toBeLessThan(300_000);
	const value: unknown = JSON.parse(bytes.toString());
	const { recipe, events, adapters = [] } = readRecording(value);
	expect(recipe).toMatchObject({ method: 'easy-to-hard', environment: 'addition', seed: 4 });
	expect(events.filter(({ event }) => event.type === 'committed')).toHaveLength(9);
	// Tokens are for training: with them the default run would not fit.
	expect(bytes.toString()).not.toMatch(/file:|"tokens":\[/);

	// The policies of round 1 and the end lie beside it; in F16 they answer as the run's own does.
	expect(adapters.map(({ t }) => t)).toEqual([1, 2]);
	const given = adapters.map(async ({ t, parameters }) => ({
		parameters,
		bytes: new Uint8Array(await readFile(adapterPath(path, t))),
	}));
	const policies = { recipe, adapters: await Promise.all(given) };
	const platform = await openNodePlatform({ folder: join(folder, 'l'), threads: 1 });
	const [run] = await platform.store.runs();
	const session = new LocalSession(platform);
	const sums = Array.from({ length: 50 }, (_, i) => `${7 + 10 ** (i % 12)} + ${9 + 31 * i}`);
	for (const sum of sums) {
		const own = await session.tryOut(run?.id ?? '', sum, 'addition');
		const shipped = await session.tryOut(policies, sum, 'addition');
		expect(shipped.now).toEqual(own.now);
		expect(shipped.before).toEqual(own.before);
		expect(shipped.between).toHaveLength(1);
	}
	const [first = expect.fail('no adapter')] = policies.adapters;
	const broken = { ...policies, adapters: [{ ...first, bytes: first.bytes.subarray(0, 99) }] };
	await expect(session.tryOut(broken, '1 + 2', 'addition')).rejects.toThrow('recorded adapter');
	await session.dispose();
});
