/** @file What is asked wrongly gets one sentence that names what is allowed, and exit code 2. */
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { runCommand } from '#cli/run-command.ts';
import { cells, variants } from '#loop/taxonomy.ts';
import { terminalDouble } from './terminal-double.ts';

async function run(...argv: readonly string[]) {
	const terminal = terminalDouble();
	const code = await runCommand(argv, terminal);
	return { code, out: terminal.out, err: terminal.err };
}

describe('wrong arguments', () => {
	test.each([
		[
			['fly'],
			'Command must be one of evolve, list, evaluate, export, import, resume, replay, runs, storage, record, chat, dataset, tune, audit, examine, forget, handover, models; got "fly".',
		],
		[
			['evolve', '--method', 'magic'],
			`Method must be one of ${methods.map(({ name }) => name).join(', ')}; got "magic".`,
		],
		[
			['evolve', '--environment', 'chess'],
			`Environment must be one of ${Object.keys(environments).join(', ')}; got "chess".`,
		],
		[
			['evolve', '--method', 'star', '--environment', 'sorting'],
			'Method star needs a hint that gives the answer away, which environment sorting does not have.',
		],
		[['evolve', '--seed', '-4'], 'seed must be a whole number from 0 to 4294967295; got "-4".'],
		[['evolve', '--rounds', 'many'], '--rounds must be a number; got "many".'],
		[
			['evolve', '--rounds', '1e9'],
			'rounds must be a whole number from 1 to 1000; got "1000000000".',
		],
		[['evolve', '--replay-share', '4'], 'share must be a number from 0 to 0.95; got "4".'],
		[['evolve', '--keeps', 'all'], 'keeps must be one of answer, paths; got "all".'],
		[
			['evolve', '--kv-budget', '64'],
			'--kv-budget must be a whole number from 128 to 1048576; got "64".',
		],
		[
			['chat', '--model', 'x', '--prompt', 'y', '--kv-budget', '512', '--kv-kernel', '4'],
			'--kv-kernel must be an odd number from 1 to 63; got "4".',
		],
		[
			['chat', '--model', 'x', '--prompt', 'y', '--kv-budget', '512', '--kv-window', 'all'],
			'--kv-window must be auto or a whole number from 1 to 64; got "all".',
		],
		[['evolve', '--kv-type', 'f8'], '--kv-type must be one of f32, f16, q8; got "f8".'],
		[['evolve', '--kv-window', 'auto'], '--kv-window and --kv-kernel go with --kv-budget; add it.'],
		[['evolve', '--agreement', 'maybe'], 'agreement must be on or off; got "maybe".'],
		[['resume'], "missing required argument 'run'."],
		[
			['export', 'x', '--format', 'pdf'],
			'--format must be one of run, peft, jsonl, gguf-lora, gguf-f16, gguf-q8_0, gguf-q4_0; got "pdf".',
		],
		[['evaluate', '--items', '0'], '--items must be a whole number from 1 to 100000; got "0".'],
		[['evaluate', '--from', '99'], 'Difficulties of addition go from 1 to 30; got 99 to 99.'],
		[
			['evaluate', '--from', '1.5', '--to', '3'],
			'Difficulties of addition go from 1 to 30 in whole numbers; got 1.5 to 3.',
		],
		[['evaluate', '--seed', '-1'], '--seed must be a whole number from 0 to 4294967295; got "-1".'],
		[['evaluate', '--threads', '0'], '--threads must be a whole number from 1 to 256; got "0".'],
		[['evolve', '--threads', '1.5'], '--threads must be a whole number from 1 to 256; got "1.5".'],
		[
			['evaluate', 'a-run', '--environment', 'sorting', '--items', '5'],
			'A run is examined in its own environment, with its own knobs; leave out --environment.',
		],
		[
			['evaluate', 'a-run', '--format', 'plain'],
			'A run is examined in its own environment, with its own knobs; leave out --format.',
		],
		[
			['record', '--to', 'src'],
			'--to must name a file that can be written; got "src" (it is a folder).',
		],
		[
			['export', 'a-run', '--to', 'package.json/run.zip'],
			`--to must name a file that can be written; got "package.json/run.zip" (${resolve('package.json')} is a file).`,
		],
		[['list', '--colour'], 'list has the flags --json, --help; got "--colour".'],
	])('%o', async (argv, sentence) => {
		expect(await run(...argv)).toEqual({ code: 2, out: [], err: [sentence] });
	});

	test.each([
		[
			'--sampels',
			'evolve has no flag "--sampels"; did you mean --samples? --help names all of them.',
		],
		['--metod', 'evolve has no flag "--metod"; did you mean --method? --help names all of them.'],
		['--xyzzyxyzzy', 'evolve has no flag "--xyzzyxyzzy"; --help names all of them.'],
	])(
		'an unknown flag (%s) is answered with the nearest of the chosen method',
		async (flag, told) => {
			expect(await run('evolve', '--method', 'lmsi', flag, '9')).toEqual({
				code: 2,
				out: [],
				err: [told],
			});
		},
	);
});

test('record says how it is used without being told where to write', async () => {
	const { code, out } = await run('record', '--help');
	expect(code).toBe(0);
	expect(out.join('\n')).toContain('--to <file>');
	expect(await run('record')).toMatchObject({ code: 2, err: ['record needs --to <file>.'] });
});

test('help names every knob of the chosen method with its range and default', async () => {
	const { code, out } = await run('evolve', '--method', 'rest-em', '--help');
	expect(code).toBe(0);
	const help = out.join('\n').replaceAll(/\s+/g, ' ');
	expect(help).toContain('--share <number>');
	expect(help).toContain('(0 to 0.95; default');
	expect(help).toContain('--seed <number>');
});

describe('list', () => {
	test('names all 22 cells with their knobs, in the order of the survey, then their variants', async () => {
		const { code, out } = await run('list', '--json');
		const all: unknown = JSON.parse(out.join('\n'));
		expect(code).toBe(0);
		expect(all).toMatchObject({
			type: 'list',
			cells: [...cells, ...variants].map(({ address, knobs }) => ({
				address,
				knobs: Object.keys(knobs),
			})),
			methods: methods.map(({ name }) => ({ name })),
			environments: Object.keys(environments).map((name) => ({ name })),
		});
		expect(cells).toHaveLength(22);
	});

	test('is a table for people', async () => {
		const { out } = await run('list');
		expect(out.slice(0, 3)).toEqual([
			'Cells',
			'  4.1    1-acquire/task/knowledge-based                  Knowledge-based tasks',
			'  4.1    1-acquire/task/knowledge-free                   Knowledge-free tasks',
		]);
	});
});
