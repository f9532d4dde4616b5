/** @file `forget`: an adapter trained anew without some of its rows, and what is left of them. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { dataHashOf, trainedIds, type Lineage } from '#chat/lineage.ts';
import { trainRows } from '#chat/train-rows.ts';
import { defaultPreparation, prepareRows } from '#dataset/refine/prepare.ts';
import type { Adapter } from '#model/adapter.ts';
import type { LargeModel } from '#platform/large-model.ts';
import { readAdapterFolder, writeAdapterFolder } from '#platform/node-files.ts';
import { alikeRows, batchesWithout, samplesWithout } from '#teach/forget/without.ts';
import { writeLesson } from '#chat/lesson.ts';
import { fileOptions, readChoice, type FileFlags } from '../../data-flags.ts';
import { readNumber } from '../../flags.ts';
import { compareForgotten } from '../../forget/compare.ts';
import { readThreads, withModel } from '../../interruptible.ts';
import { readFolderLineage, rowsById, writeFolderLineage } from '../../forget/lineage.ts';
import { assertWritable, writing } from '../../outputs.ts';
import { exitCodes, UsageError, type Terminal } from '../../terminal.ts';
import { readRows, type TuneRows } from '../../tune-rows.ts';

interface Flags extends FileFlags {
	readonly model: string;
	readonly adapter: string;
	readonly data: readonly string[];
	readonly rows?: readonly string[];
	readonly files?: readonly string[];
	readonly validation: string;
	readonly out: string;
	readonly compare?: boolean;
	readonly threads?: string;
	readonly json?: boolean;
}

export async function forget(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const flags = fileOptions(prepare(new Command('forget')))
		.description(
			'Trains a LoRA anew, from the same seed and by the same recipe, without some rows.',
		)
		.requiredOption('--model <path>', 'a .gguf file, a folder of safetensors, or a fetched name')
		.requiredOption('--adapter <folder>', 'a LoRA written by `tune`; it stays as it is')
		.requiredOption('--data <paths...>', 'the files that it was tuned on')
		.option('--rows <places...>', 'rows to forget, as file:line; those nearly the same go, too')
		.option('--files <names...>', 'files to forget, whole')
		.option('--validation <share>', 'share that was held back, as for `tune`', '0')
		.requiredOption('--out <folder>', 'where the new adapter is written')
		.option('--compare', 'audit both adapters for what was left out, and compare the rest')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'JSON lines')
		.parse([...argv], { from: 'user' })
		.opts<Flags>();
	const share = readNumber('validation', flags.validation);
	if (share < 0 || share > 0.9)
		throw new UsageError(`--validation must be a number from 0 to 0.9; got "${flags.validation}".`);
	const threads = readThreads(flags.threads);
	const before = await readFolderLineage(flags.adapter);
	const rows = await readRows(flags.data, readChoice(flags), share);
	const dropped = await chosenIds(rows, before, flags);
	await assertWritable('out', flags.out, 'folder');
	return withModel(flags.model, { threads }, terminal, async (model, signal) => {
		const old = await readAdapterFolder(flags.adapter, model.spec, signal);
		const lineage = await without(before, dropped, basename(flags.adapter));
		const { left: steps } = batchesWithout(before, new Set(lineage.dropped));
		if (!flags.json)
			terminal.tell(
				`${dropped.length} of ${trainedIds(before).length} rows are left out; trained from the start, ${steps} steps: no snapshot is kept from before they came up.`,
			);
		const tuned = await trainAnew({ model, rows, lineage, steps }, flags, terminal, signal);
		if (!tuned) return exitCodes.interrupted;
		await writing('out', flags.out, async () => {
			await writeAdapterFolder(flags.out, tuned, model.name);
			await writeFolderLineage(flags.out, lineage);
		});
		terminal.print(
			flags.json
				? JSON.stringify({
						...{ type: 'forgotten', adapter: flags.out, dropped, data: lineage.data, steps },
						rows: trainedIds(lineage).length,
					})
				: `${flags.out}: trained without ${dropped.length} rows; data ${before.data.slice(0, 12)} → ${lineage.data.slice(0, 12)}`,
		);
		if (flags.compare)
			await compareForgotten(
				model,
				{ old, now: tuned },
				{ ...rowsById(rows.ids, rows.training), dropped, kept: trainedIds(lineage), lineage },
				{ terminal, json: flags.json === true, signal },
			);
		return exitCodes.done;
	});
}

async function trainAnew(
	{
		model,
		rows,
		lineage,
		steps,
	}: {
		readonly model: LargeModel;
		readonly rows: TuneRows;
		readonly lineage: Lineage;
		readonly steps: number;
	},
	{ json = false }: Pick<Flags, 'json'>,
	terminal: Terminal,
	signal: AbortSignal,
): Promise<Adapter | undefined> {
	const { settings, maxTokens } = lineage;
	const { training, without: out } = samplesWithout(
		model,
		rowsById(rows.ids, rows.training),
		lineage,
	);
	const validation = writeLesson(model, rows.validation, maxTokens).samples;
	const given = { training, validation, without: out };
	const trained = await trainRows(model, given, { ...settings, steps }, signal, {
		onStep: ({ step, loss, ...point }) => {
			terminal.print(
				json
					? JSON.stringify({ type: 'step', step, loss, ...point })
					: `step ${step}/${steps}  loss ${loss.toFixed(4)}`,
			);
		},
	});
	return trained && trained.ended !== 'paused' ? trained.adapter : undefined;
}

/** Ids of the rows that were trained on and are to be forgotten. */
async function chosenIds(
	{ read }: TuneRows,
	before: Lineage,
	{ rows = [], files = [] }: Pick<Flags, 'rows' | 'files'>,
): Promise<readonly string[]> {
	if (rows.length + files.length === 0)
		throw new UsageError(
			'Name what is to be forgotten: rows with --rows, or whole files with --files.',
		);
	const names = [...new Set(read.map(({ file }) => file))];
	const ids = rows.map((place) => {
		const [found, another] = read.filter(({ file, line }) => isNamed(`${file}:${line}`, place));
		if (found && !another) return found.id;
		throw new UsageError(
			`--rows must name rows as file:line; the data has ${another ? 'several' : 'none'} at "${place}". Files: ${names.join(', ')}.`,
		);
	});
	const unknown = files.find((name) => !names.some((file) => isNamed(file, name)));
	if (unknown !== undefined)
		throw new UsageError(`--files must be of ${names.join(', ')}; got "${unknown}".`);
	const whole = names.filter((file) => files.some((name) => isNamed(file, name)));
	const prepared = await prepareRows(read, { ...defaultPreparation, duplicates: 'keep' });
	const known = new Set(trainedIds(before));
	const all = [...new Set(alikeRows(prepared, ids, whole).map(({ id }) => id))];
	const dropped = all.filter((id) => known.has(id));
	if (dropped.length === 0)
		throw new UsageError('It was not trained on any of these rows; choose others.');
	if (dropped.length === known.size)
		throw new UsageError('No row would be left to learn from; delete the adapter instead.');
	return dropped;
}

/** By its path, or the end of it. */
const isNamed = (path: string, name: string): boolean => path === name || path.endsWith(`/${name}`);

async function without(before: Lineage, ids: readonly string[], adapter: string): Promise<Lineage> {
	const dropped = [...before.dropped, ...ids];
	const { data, rows } = before;
	const ancestor = {
		...{ adapter, data, dropped: before.dropped },
		rows: trainedIds(before).length,
	};
	return {
		...{ ...before, dropped, from: 0 },
		data: await dataHashOf(trainedIds({ ...before, rows, dropped })),
		ancestors: [...before.ancestors, ancestor],
	};
}
