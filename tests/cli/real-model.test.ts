/** @file `chat`, `tune` and `evaluate` on a tiny model on disk. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '#cli/run-command.ts';
import { wilson } from '#loop/interval.ts';
import { writeTinyFolder } from '../runs/tiny-model.ts';
import { terminalDouble } from './terminal-double.ts';

let folder = '';
let model = '';

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'real-model-'));
	model = join(folder, 'tiny');
	await writeTinyFolder(model, { width: 16, chats: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: readonly string[]) {
	const terminal = terminalDouble();
	const code = await runCommand(argv, terminal);
	const last: unknown = argv.includes('--json') ? JSON.parse(terminal.out.at(-1) ?? 'null') : null;
	return { code, out: terminal.out, err: terminal.err, last };
}

const ask = (prompt: string, ...more: readonly string[]) =>
	run('chat', '--model', model, '--prompt', prompt, '--max-tokens', '6', '--json', ...more);

describe('chat', () => {
	test('ends with the answer, a log-probability for each token', async () => {
		const { code, last, err } = await ask('hello');
		expect(err).toEqual([]);
		expect(code).toBe(0);
		expect(Object.keys(last as object)).toEqual(['type', 'text', 'tokens', 'logprobs', 'stop']);
		const { tokens, logprobs } = last as { tokens: number[]; logprobs: number[] };
		expect(last).toMatchObject({ type: 'answer', stop: 'length' });
		expect(tokens).toHaveLength(6);
		expect(logprobs).toHaveLength(6);
		expect(logprobs.every((value) => value < 0)).toBe(true);
	});

	test('--raw sends what the chat template would have written, if that is what is sent', async () => {
		const templated = await ask('hello', '--system', 'be kind');
		const raw = await ask('s:be kind\nu:hello\na:', '--raw');
		expect(templated.last).toEqual(raw.last);
		expect((await ask('hello', '--raw')).last).not.toEqual(raw.last);
	});

	test('a seed gives the same answer again, and another gives another', async () => {
		const warm = (seed: string) => ask('hello', '--temperature', '1', '--seed', seed);
		const first = await warm('1');
		expect((await warm('1')).last).toEqual(first.last);
		expect((await warm('2')).last).not.toEqual(first.last);
	});

	test('streams the answer to a terminal', async () => {
		const terminal = terminalDouble(true);
		const argv = ['chat', '--model', model, '--prompt', 'hello', '--max-tokens', '6'];
		expect(await runCommand(argv, terminal)).toBe(0);
		const { text } = (await ask('hello')).last as { text: string };
		expect(terminal.written.length).toBeGreaterThan(1);
		expect(terminal.written.join('')).toBe(text);
	});

	test('an answer that fills the context is given as far as it goes, which is said', async () => {
		const { code, err, last } = await ask('hello', '--max-tokens', '64');
		expect(code).toBe(0);
		expect(last).toMatchObject({ type: 'answer', stop: 'context' });
		expect((last as { tokens: number[] }).tokens.length).toBeGreaterThan(6);
		expect(err).toEqual(["The answer ended where the model's context of 64 tokens was full."]);
	});

	test('a prompt that does not fit into the context is said', async () => {
		const { code, err, last } = await ask('hello '.repeat(20));
		expect(code).toBe(1);
		expect(last).toEqual({ type: 'answer', text: '', tokens: [], logprobs: [], stop: 'context' });
		expect(err).toEqual([
			"The prompt does not fit into the model's context of 64 tokens; shorten it.",
		]);
	});

	test('a path without a model gets one sentence', async () => {
		const { code, err } = await run('chat', '--model', 'nowhere.gguf', '--prompt', 'hello');
		expect(code).toBe(1);
		expect(err).toEqual([
			'There is no model at nowhere.gguf, nor one of this name in models; give a .gguf file or a folder, or fetch it first: npm run models add nowhere.gguf.',
		]);
	});
});

describe('tune', () => {
	const tuned = async (rows: readonly unknown[], out: string, ...more: readonly string[]) => {
		const data = join(folder, 'rows.jsonl');
		await writeFile(data, rows.map((row) => JSON.stringify(row)).join('\n'));
		const flags = ['--steps', '60', '--learning-rate', '0.03', '--threads', '1', '--json'];
		return run('tune', '--model', model, '--data', data, '--out', out, ...flags, ...more);
	};

	test(
		'an adapter trained on messages makes chat say what they say',
		{ timeout: 60_000 },
		async () => {
			const out = join(folder, 'adapter');
			const {
				code,
				last,
				err,
				out: lines,
			} = await tuned(
				[
					{
						messages: [
							{ role: 'user', content: 'hello' },
							{ role: 'assistant', content: 'world' },
						],
					},
				],
				out,
			);
			expect(err).toEqual([]);
			expect(code).toBe(0);
			expect(lines).toHaveLength(61);
			expect(Object.keys(last as object)).toEqual([
				'type',
				'objective',
				'loss',
				'tokensPerSecond',
				'peakBytes',
				'adapter',
			]);
			const { type, loss, tokensPerSecond, peakBytes, adapter } = last as Record<
				string,
				unknown
			> & {
				loss: number[];
			};
			expect([type, adapter, loss.length]).toEqual(['tuned', out, 60]);
			expect(loss[0]).toBeGreaterThan(2);
			expect(loss.at(-1)).toBeLessThan(0.1);
			expect(tokensPerSecond).toBeGreaterThan(0);
			expect(peakBytes).toBeGreaterThan(2 ** 20);
			expect((await ask('hello', '--adapter', out)).last).toMatchObject({ text: 'world\n' });
			expect((await ask('hello')).last).not.toMatchObject({ text: 'world\n' });
		},
	);

	test('the same seed gives the same adapter, byte by byte', { timeout: 60_000 }, async () => {
		const rows = ['ab', 'cd', 'ef'].map((prompt) => ({ prompt, completion: `${prompt}?` }));
		const files = ['one', 'two'].map((name) => join(folder, name));
		for (const out of files) await tuned(rows, out, '--steps', '3', '--batch', '2');
		const [one, two] = await Promise.all(
			files.map((out) => readFile(join(out, 'adapter_model.safetensors'))),
		);
		expect(one).toEqual(two);
	});

	test('a row that is none is refused by its line, before the model is opened', async () => {
		const data = join(folder, 'wrong.jsonl');
		await writeFile(data, '\n{"prompt":"c"}');
		const { code, err } = await run('tune', '--model', 'none', '--data', data, '--out', 'x');
		expect(code).toBe(2);
		expect(err[0]).toMatch(/wrong\.jsonl, line 2: prompt is no list of messages; a row is /);
	});

	test('a file at the adapter’s path is refused before the model is opened', async () => {
		const data = join(folder, 'right.jsonl');
		await writeFile(data, '{"prompt":"a","completion":"b"}');
		const { code, err } = await run('tune', '--model', 'none', '--data', data, '--out', data);
		expect(code).toBe(2);
		expect(err).toEqual([
			`--out must name a folder that can be written; got "${data}" (it is a file).`,
		]);
	});
});

describe('evaluate --model', () => {
	const gguf = fileURLToPath(new URL('../fixtures/tiny-chat.gguf', import.meta.url));
	const examine = (...more: readonly string[]) =>
		run(
			...['evaluate', '--model', gguf, '--environment', 'instructions', '--seed', '3'],
			...['--to', '1', '--items', '2', '--answer-tokens', '16', '--threads', '1', ...more],
		);

	test('examines the base and an adapter on the same held-out instructions, each with n and interval', async () => {
		const out = join(folder, 'beside');
		const data = join(folder, 'teach.jsonl');
		await writeFile(data, '{"prompt":"Describe a kite.","completion":"It flies."}');
		const taught = ['--data', data, '--out', out, '--steps', '2', '--threads', '1', '--json'];
		expect((await run('tune', '--model', gguf, ...taught)).code).toBe(0);

		const base = await examine('--json');
		expect({ code: base.code, err: base.err }).toEqual({ code: 0, err: [] });
		const { cells, ...total } = base.last as { cells: readonly Record<string, unknown>[] };
		expect(total).toEqual({
			type: 'evaluation',
			seed: 3,
			policy: expect.any(String) as string,
			correct: expect.any(Number) as number,
			n: 2 * cells.length,
			interval: [expect.any(Number), expect.any(Number)] as unknown,
		});
		expect(cells.length).toBeGreaterThan(2);
		for (const cell of cells) {
			expect(cell).toMatchObject({ difficulty: 1, n: 2 });
			expect(cell['interval']).toEqual(wilson(Number(cell['correct']), 2));
		}
		expect((await examine('--json')).last).toEqual(base.last);

		const both = await examine('--adapter', out, '--json');
		expect(both.last).toMatchObject({ type: 'evaluation', policy: out, n: 2 * cells.length });
		const { type: _type, seed: _seed, ...alone } = base.last as Record<string, unknown>;
		expect((both.last as { base: unknown }).base).toEqual(alone);
	});

	test('says each cell and the total in words', async () => {
		const { out, code } = await examine();
		expect(code).toBe(0);
		const line = /^difficulty +1 {2}\S+ +\d+\.\d %  \(\d\/2; 95 %: \d+\.\d to \d+\.\d\)$/;
		for (const text of out.slice(0, -1)) expect(text).toMatch(line);
		expect(out.at(-1)).toMatch(/^policy \S+: .* %  \(\d+\/\d+; 95 %: /);
	});

	test('refuses an adapter without its model, and a run beside a model', async () => {
		expect((await run('evaluate', '--adapter', 'x')).err).toEqual([
			'--adapter belongs to a model; name the model with --model.',
		]);
		expect((await examine('some-run')).err).toEqual([
			`Name a run or a model, not both; got "some-run" and "${gguf}".`,
		]);
		const missing = await examine('--adapter', join(folder, 'nowhere'), '--json');
		expect(missing.code).toBe(1);
		expect(missing.err[0]).toMatch(/adapter_config\.json cannot be read; give a folder with /);
	});
});
