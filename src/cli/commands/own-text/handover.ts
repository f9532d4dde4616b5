/** @file `handover`: a training as a folder for a bigger machine: rows, batches, seed, adapter, and a script for TRL. */
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { trainingKnobs } from '#base/training-knobs.ts';
import { readAdapterFolder } from '#platform/node-files.ts';
import { openHandOver } from '#teach/handover/open.ts';
import { fileOptions, readChoice, type FileFlags } from '../../data-flags.ts';
import { readKnobFlags, readNumber, trainingOptions, type TrainingFlags } from '../../flags.ts';
import { withModel } from '../../interruptible.ts';
import { assertWritable, writeOut } from '../../outputs.ts';
import { exitCodes, UsageError, type Terminal } from '../../terminal.ts';
import { readRows } from '../../tune-rows.ts';

interface Flags extends FileFlags, TrainingFlags {
	readonly model: string;
	readonly data: readonly string[];
	readonly adapter?: string;
	readonly base?: string;
	readonly validation: string;
	readonly out: string;
}

export async function handover(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const flags = trainingOptions(fileOptions(prepare(new Command('handover'))))
		.description(
			'Writes a folder to go on with a training on a bigger machine: accelerate and TRL, then vLLM or llama.cpp.',
		)
		.requiredOption('--model <path>', 'a .gguf file, a folder of safetensors, or a fetched name')
		.requiredOption('--data <paths...>', 'files, folders or zips (see dataset)')
		.requiredOption('--out <folder>', 'where the folder is written')
		.option('--adapter <folder>', 'go on from this LoRA, as PEFT writes it; default: a fresh one')
		.option(
			'--base <name>',
			'what the base model is called there; default: the name of its file or folder',
		)
		.option('--validation <share>', 'share of the sources that is held back', '0.1')
		.parse([...argv], { from: 'user' })
		.opts<Flags>();
	const { maxTokens, ...settings } = readKnobFlags(trainingKnobs, flags);
	const validation = readNumber('validation', flags.validation);
	if (validation < 0 || validation > 0.9)
		throw new UsageError(`--validation must be a number from 0 to 0.9; got "${flags.validation}".`);
	const rows = await readRows(flags.data, readChoice(flags), validation);
	for (const note of rows.notes) terminal.tell(note);
	const { adapter: folder, out } = flags;
	await assertWritable('out', out, 'folder');
	return withModel(flags.model, {}, terminal, async (model, signal) => {
		const files = await openHandOver(model, {
			...{ base: flags.base ?? basename(flags.model), maxTokens },
			...{ training: rows.training, validation: rows.validation },
			settings: { ...settings, validateEvery: Math.max(1, Math.ceil(settings.steps / 20)) },
			adapter:
				folder === undefined ? undefined : await readAdapterFolder(folder, model.spec, signal),
		});
		for (const [name, bytes] of files) await writeOut('out', join(out, name), bytes);
		terminal.print(`${out}: ${files.size} files; README.md says how to go on`);
		return exitCodes.done;
	});
}
