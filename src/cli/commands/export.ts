/** @file `export` and `import`: runs, adapters, models and training rows as files. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { exportModel, exportRunModel } from '#runs/export/export-model.ts';
import { modelFormats } from '#runs/export/model-pieces.ts';
import { LocalSession } from '#runs/local-session.ts';
import { readAdapterFolder } from '#platform/node-files.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import type { ExportFormat } from '#runs/session.ts';
import { resolveModel } from '#library/resolve-model.ts';
import { cardOf } from '../card.ts';
import { interruptible } from '../interruptible.ts';
import { assertWritable, writeOut } from '../outputs.ts';
import { exitCodes, UsageError, type Terminal } from '../terminal.ts';

const runFormats = ['run', 'peft', 'jsonl'] as const satisfies readonly ExportFormat[];
const ggufFormats = modelFormats.filter((format) => format !== 'peft');
const isGguf = (format: string): format is (typeof ggufFormats)[number] =>
	ggufFormats.some((name) => name === format);

interface ExportFlags {
	readonly model?: string;
	readonly adapter?: string;
	readonly audit?: string;
	readonly data?: string;
	readonly format?: string;
	readonly to?: string;
	readonly out?: string;
	readonly models?: string;
}

/** `export <run>` writes a run, `export --model PATH` a model on disk. */
export async function exportAny(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = prepare(new Command('export'))
		.description(
			'Writes a run to a file; or, with --model, a model on disk with its adapter as others load it.',
		)
		.argument('[run]', 'id of the run; `runs` lists them')
		.option(
			'--format <format>',
			'of a run: run (default): everything, to import elsewhere; peft: the adapter; jsonl: kept rows for TRL. Of a model: peft (default): a folder for transformers. Of both: gguf-lora, gguf-f16 (merged), gguf-q8_0 (merged), gguf-q4_0 (merged): a file for llama.cpp',
		)
		.option('--model <path>', 'export this model: a .gguf file, a folder, or a fetched name')
		.option('--adapter <folder>', 'with --model: the LoRA to export or merge, as PEFT writes it')
		.option('--audit <file>', 'with --adapter: a report of `audit`; its counts go on a card beside')
		.option('--data <file>', 'with --adapter: what it was taught; its hash goes on a card beside')
		.option('--to <file>', 'of a run: file to write; default: named after the run, here')
		.option('--out <path>', 'with --model: what to write; else where runs are kept (default: runs)')
		.option('--models <folder>', 'of a run: where the base models lie; default: public/models')
		.parse([...argv], { from: 'user' });
	const [runId] = command.args;
	const flags = command.opts<ExportFlags>();
	if (flags.model === undefined) {
		if (flags.adapter !== undefined)
			throw new UsageError('--adapter belongs to a model; name the model with --model.');
		if (runId === undefined)
			throw new UsageError('Name a run (`runs` lists them), or a model on disk with --model.');
		return exportRun(runId, flags, terminal);
	}
	if (runId !== undefined)
		throw new UsageError(`Name a run or a model, not both; got "${runId}" and "${flags.model}".`);
	if (flags.to !== undefined || flags.models !== undefined)
		throw new UsageError('--to and --models are for runs; a model is written to --out.');
	return exportFromDisk(await resolveModel(flags.model), flags, terminal);
}

async function exportFromDisk(
	model: string,
	{ adapter, audit, data, format: wanted = 'peft', out }: ExportFlags,
	terminal: Terminal,
): Promise<number> {
	const format = chosen(modelFormats, wanted);
	if (out === undefined)
		throw new UsageError(
			`--out is missing; name the ${format === 'peft' ? 'folder' : 'file'} to write.`,
		);
	const card =
		audit === undefined && data === undefined
			? undefined
			: await cardOf(model, { adapter, audit, data });
	return interruptible(terminal, async (signal) => {
		const { bytes } = await exportModel(model, {
			format,
			out,
			...(adapter === undefined
				? {}
				: { readAdapter: (spec) => readAdapterFolder(adapter, spec, signal) }),
			signal,
		});
		terminal.print(JSON.stringify({ type: 'exported', file: out, bytes }));
		if (card !== undefined)
			await writeOut('out', format === 'peft' ? join(out, 'README.md') : `${out}.md`, card);
		return exitCodes.done;
	});
}

async function exportRun(
	runId: string,
	{ format: wanted = 'run', out = 'runs', models, to }: ExportFlags,
	terminal: Terminal,
): Promise<number> {
	const format = chosen([...runFormats, ...ggufFormats], wanted);
	if (to !== undefined) await assertWritable('to', to, 'file');
	const platform = await openNodePlatform({ folder: out, models, readOnly: true });
	const session = new LocalSession(platform);
	try {
		if (isGguf(format)) {
			const path = to ?? `${runId}.gguf`;
			const { bytes } = await exportRunModel(platform.store, runId, { format, out: path, models });
			terminal.print(JSON.stringify({ type: 'exported', file: path, bytes }));
			return exitCodes.done;
		}
		const file = await session.export(runId, format);
		const path = to ?? file.name;
		await writeOut('to', path, file.bytes);
		if (file.note !== undefined) terminal.tell(file.note);
		terminal.print(JSON.stringify({ type: 'exported', file: path, bytes: file.bytes.length }));
		return exitCodes.done;
	} finally {
		await session.dispose();
	}
}

function chosen<T extends string>(formats: readonly T[], wanted: string): T {
	const format = formats.find((name) => name === wanted);
	if (format !== undefined) return format;
	throw new UsageError(`--format must be one of ${formats.join(', ')}; got "${wanted}".`);
}

export async function importRun(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = prepare(new Command('import'))
		.description('Takes in a run that was exported elsewhere.')
		.argument('<file>', 'a file written by `export --format run`')
		.option('--out <folder>', 'where runs are kept', 'runs')
		.parse([...argv], { from: 'user' });
	const [path = ''] = command.args;
	const bytes = await readFile(path).catch(() => {
		throw new UsageError(`There is no file "${path}" to import; name one written by export.`);
	});
	const { out } = command.opts<{ readonly out: string }>();
	const session = new LocalSession(await openNodePlatform({ folder: out }));
	try {
		terminal.print(JSON.stringify({ type: 'imported', run: await session.import(bytes) }));
		return 0;
	} finally {
		await session.dispose();
	}
}
