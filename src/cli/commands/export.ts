/** @file `export` and `import`: runs, adapters and training rows as files. */
import { readFile, writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { LocalSession } from '#session/local-session.ts';
import { openNodePlatform } from '#session/open-node.ts';
import type { ExportFormat } from '#session/protocol.ts';
import { UsageError, type Terminal } from '../terminal.ts';

const formats: readonly ExportFormat[] = ['run', 'peft', 'jsonl'];

interface ExportFlags {
	readonly format: string;
	readonly to?: string;
	readonly out: string;
	readonly models?: string;
}

export async function exportRun(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = prepare(new Command('export'))
		.description('Writes a run to a file.')
		.argument('<run>', 'id of the run; `runs` lists them')
		.addOption(
			new Option(
				'--format <format>',
				'run: everything, to import elsewhere; peft: the adapter; jsonl: kept rows for TRL',
			).default('run'),
		)
		.option('--to <file>', 'file to write; default: named after the run, here')
		.option('--out <folder>', 'where runs are kept', 'runs')
		.option('--models <folder>', 'where the base models lie; default: public/models')
		.parse([...argv], { from: 'user' });
	const [runId = ''] = command.args;
	const flags = command.opts<ExportFlags>();
	const format = formats.find((name) => name === flags.format);
	if (!format)
		throw new UsageError(`--format must be one of ${formats.join(', ')}; got "${flags.format}".`);
	const session = new LocalSession(
		await openNodePlatform({ folder: flags.out, models: flags.models }),
	);
	try {
		const file = await session.export(runId, format);
		const path = flags.to ?? file.name;
		await writeFile(path, file.bytes);
		terminal.print(JSON.stringify({ type: 'exported', file: path, bytes: file.bytes.length }));
		return 0;
	} finally {
		await session.dispose();
	}
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
