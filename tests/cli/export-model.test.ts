/** @file `export --model`: a tiny GGUF model with its adapter, as PEFT and as GGUF, opened again and asked the same. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '#cli/run-command.ts';
import type { Adapter } from '#model/adapter.ts';
import { writePeftAdapter } from '#model/checkpoint/peft.ts';
import { readGgufHeader } from '#model/checkpoint/gguf/header.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { exportRunModel } from '#runs/export/export-model.ts';
import { writeAdapterFolder } from '#platform/node-files.ts';
import { basePolicy } from '#loop/policy/policy.ts';
import { saveState } from '#runs/stored/codec.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import type { RunRecord, Store } from '#storage/runs/store.ts';
import { blockAdapter } from '../fixtures/gguf/ours.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';
import { terminalDouble } from './terminal-double.ts';

/** Its weights are exact in F16, with the adapter merged, too. */
const model = fileURLToPath(new URL('../fixtures/gguf/ours/q8_0.gguf', import.meta.url));
let folder = '';
let adapter = '';
const at = (name: string) => join(folder, name);

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'export-model-'));
	adapter = at('adapter');
	await writeAdapterFolder(adapter, blockAdapter, 'ours');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: readonly string[]) {
	const terminal = terminalDouble();
	const code = await runCommand(argv, terminal);
	return { code, out: terminal.out, err: terminal.err };
}
const exported = (format: string, out: string, ...more: readonly string[]) =>
	run('export', '--model', model, '--format', format, '--out', out, ...more);

/** As a session keeps it; only the base model matters here. */
const runOf = (base: string): RunRecord => ({
	id: 'run-1',
	name: 'run-1',
	recipe: {
		method: 'easy-to-hard',
		environment: 'addition',
		model: base,
		seed: 1,
		rounds: 1,
		knobs: {},
	},
	status: 'finished',
	createdAt: 0,
	updatedAt: 0,
	spentMs: 0,
	version: 1,
	engine: '',
	trainer: '',
	state: null,
	scores: [],
	truths: [],
	curve: [],
});

/** A store whose run has learnt this. */
async function storeWith(learnt: Adapter | null): Promise<Store> {
	const store = openMemoryStore();
	const policy = { ...basePolicy('base'), adapter: learnt };
	const state = await saveState(
		{
			t: 1,
			phase: 'evaluate',
			objective: { ability: 'addition', direction: 'improve-performance', difficulty: 1 },
			experience: [],
			policy,
			incumbent: policy,
			accepted: null,
		},
		store.files,
	);
	await store.commit({ run: { ...runOf(model), state } });
	return store;
}

async function greedy(path: string, ...more: readonly string[]): Promise<unknown> {
	const flags = ['--prompt', 'abc', '--raw', '--max-tokens', '32', '--threads', '1', '--json'];
	const { out, err } = await run('chat', '--model', path, ...flags, ...more);
	expect(err).toEqual([]);
	const { tokens } = JSON.parse(out[0] ?? '{}') as { tokens: unknown };
	return tokens;
}

describe('a model with its adapter', () => {
	test.each(['gguf-f16', 'gguf-q8_0'])(
		'says merged as %s what it says with both',
		async (format) => {
			const out = at(`${format}.gguf`);
			const { code, out: lines, err } = await exported(format, out, '--adapter', adapter);
			expect([code, err]).toEqual([0, []]);
			const { size } = await stat(out);
			expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
				{ type: 'exported', file: out, bytes: size },
			]);
			expect(await greedy(out)).toEqual(await greedy(model, '--adapter', adapter));
		},
	);

	test('without an adapter is the model itself in another form', async () => {
		const out = at('base.gguf');
		expect((await exported('gguf-q8_0', out)).code).toBe(0);
		expect(await greedy(out)).toEqual(await greedy(model));
		// Blocks that are stored so already are copied.
		const [one, two] = await Promise.all([readFile(out), readFile(model)]);
		expect(one.equals(two)).toBe(true);
	});

	test('comes out as PEFT with the same bytes that went in', async () => {
		const out = at('again');
		expect((await exported('peft', out, '--adapter', adapter)).code).toBe(0);
		expect(await readdir(out)).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
		for (const [name, bytes] of writePeftAdapter(blockAdapter, { baseModel: 'ours' }))
			expect(new Uint8Array(await readFile(join(out, name))), name).toEqual(bytes);
		expect(await greedy(model, '--adapter', out)).toEqual(
			await greedy(model, '--adapter', adapter),
		);
	});

	test("comes out as llama.cpp's LoRA, named after the tensors it is for", async () => {
		const out = at('lora.gguf');
		expect((await exported('gguf-lora', out, '--adapter', adapter)).code).toBe(0);
		const { metadata, tensors } = await readGgufHeader(
			bytesSource('lora.gguf', new Uint8Array(await readFile(out))),
		);
		expect(metadata.get('general.type')).toBe('adapter');
		expect(metadata.get('adapter.lora.alpha')).toBe(4);
		expect([...tensors.keys()].sort()).toEqual([
			'blk.0.attn_q.weight.lora_a',
			'blk.0.attn_q.weight.lora_b',
			'blk.0.ffn_down.weight.lora_a',
			'blk.0.ffn_down.weight.lora_b',
		]);
	});
});

test('what a run has learnt comes out merged into its base model', async () => {
	const store = await storeWith(blockAdapter);
	for (const format of ['gguf-f16', 'gguf-lora'] as const) {
		const [ofRun, ofModel] = [at(`run-${format}`), at(`model-${format}`)];
		await exportRunModel(store, 'run-1', { format, out: ofRun });
		await exported(format, ofModel, '--adapter', adapter);
		expect((await readFile(ofRun)).equals(await readFile(ofModel)), format).toBe(true);
	}
});

test('an adapter is refused for a base model that it does not fit, and if there is none', async () => {
	const { adapter: other } = await loadTransformerFixture('llama-gqa');
	const out = at('none.gguf');
	const asked = { format: 'gguf-lora', out } as const;
	await expect(exportRunModel(await storeWith(other), 'run-1', asked)).rejects.toThrow(
		/The adapter of the run.*(shape|missing)/,
	);
	const nothing = await storeWith(null);
	await expect(exportRunModel(nothing, 'run-1', asked)).rejects.toThrow(/has not been trained yet/);
	await expect(exportRunModel(nothing, 'run-2', asked)).rejects.toThrow(/There is no run "run-2"/);
	expect(await readdir(folder)).not.toContain('none.gguf');
});

describe('what cannot be exported gets one sentence, and no file', () => {
	const refused = async (sentence: RegExp, ...argv: readonly string[]) => {
		const before = await readdir(folder);
		const { code, out, err } = await run('export', ...argv);
		expect(out).toEqual([]);
		expect(err).toHaveLength(1);
		expect(err[0]).toMatch(sentence);
		expect(code).toBeGreaterThan(0);
		expect(await readdir(folder)).toEqual(before);
	};
	const all = (format: string, ...more: readonly string[]) =>
		['--model', model, '--format', format, '--out', at('none'), ...more] as const;

	test('an adapter of another model', async () => {
		const other = await loadTransformerFixture('llama-gqa');
		await writeAdapterFolder(at('other'), other.adapter, 'other');
		for (const format of ['peft', 'gguf-lora', 'gguf-f16', 'gguf-q8_0'])
			await refused(/tensor .*(shape|missing)/, ...all(format, '--adapter', at('other')));
	});

	test('a hostile adapter', async () => {
		await writeAdapterFolder(at('hostile'), blockAdapter, 'ours');
		const file = join(at('hostile'), 'adapter_model.safetensors');
		const bytes = await readFile(file);
		bytes.writeBigUInt64LE(2n ** 60n);
		await writeFile(file, bytes);
		await refused(/adapter_model\.safetensors/, ...all('gguf-f16', '--adapter', at('hostile')));
	});

	test('a folder without an adapter, and an unreadable adapter', async () => {
		await refused(/holds an adapter; name one with --adapter/, ...all('gguf-lora'));
		await refused(/holds an adapter; name one with --adapter/, ...all('peft'));
		await refused(/cannot be read; give a folder/, ...all('peft', '--adapter', at('nowhere')));
	});

	test('flags that do not go together', async () => {
		await refused(
			/^--format must be one of peft, gguf-lora, gguf-f16, gguf-q8_0, gguf-q4_0; /,
			...all('pdf'),
		);
		await refused(/^--out is missing; name the folder/, '--model', model);
		await refused(/^Name a run or a model, not both; /, 'run-1', ...all('peft'));
		await refused(/^--adapter belongs to a model; /, 'run-1', '--adapter', adapter);
		await refused(/^Name a run /);
		await refused(/^--to and --models are for runs; /, ...all('peft', '--to', 'x'));
	});

	test('the model itself as what to write, and a place that cannot be written', async () => {
		await refused(
			/is the model itself; /,
			'--model',
			model,
			'--format',
			'gguf-f16',
			'--out',
			model,
		);
		await writeFile(at('file'), '');
		const into = join(at('file'), 'x.gguf');
		const argv = ['--model', model, '--format', 'gguf-f16', '--out', into];
		await refused(/cannot be written .*choose another --out/, ...argv);
	});
});
