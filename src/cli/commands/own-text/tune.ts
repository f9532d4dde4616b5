/** @file `tune`: trains a LoRA on rows of text, and writes it as PEFT loads it. */
import { Command } from 'commander';
import { trainingKnobs } from '#base/training-knobs.ts';
import { writeLesson } from '#chat/lesson.ts';
import { objectiveOf } from '#chat/row-objective.ts';
import { trainRows } from '#chat/train-rows.ts';
import { writeAdapterFolder } from '#platform/node-files.ts';
import type { LayeredOptions } from '#training/layered/layered-gradients.ts';
import { fileOptions, readChoice, type FileFlags } from '../../data-flags.ts';
import {
	readKnobFlags,
	readNumber,
	readWhole,
	trainingOptions,
	type TrainingFlags,
} from '../../flags.ts';
import { readThreads, withModel } from '../../interruptible.ts';
import { assertWritable, writing } from '../../outputs.ts';
import { exitCodes, UsageError, type Terminal } from '../../terminal.ts';
import { lineageOf, writeFolderLineage } from '../../forget/lineage.ts';
import { readRows } from '../../tune-rows.ts';

interface TuneFlags extends FileFlags, TrainingFlags {
	readonly model: string;
	readonly data: readonly string[];
	readonly validation: string;
	readonly patience: string;
	readonly out: string;
	readonly recompute?: boolean;
	readonly threads?: string;
	readonly json?: boolean;
}

const objectiveWords = {
	dpo: 'All rows are preferences: they are learnt by DPO, beta 0.1.',
	both: 'Preferences are learnt by DPO, beta 0.1, and the other rows by supervision.',
} as const;

export async function tune(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const flags = trainingOptions(fileOptions(prepare(new Command('tune'))))
		.description('Trains a LoRA on every linear module of a model on disk.')
		.requiredOption('--model <path>', 'a .gguf file, a folder of safetensors, or a fetched name')
		.requiredOption(
			'--data <paths...>',
			'files, folders or zips: JSONL, JSON, CSV, text, HTML, chat exports (see dataset)',
		)
		.option('--validation <share>', 'share of the sources that is held back and watched', '0')
		.option('--patience <number>', 'looks at them without a new best, then it ends; 0: never', '0')
		.requiredOption('--out <folder>', 'where the adapter is written, as PEFT loads it')
		.option('--recompute', 'less memory: runs each layer twice instead of keeping what it made')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'JSON lines')
		.parse([...argv], { from: 'user' })
		.opts<TuneFlags>();
	const { maxTokens, ...settings } = readKnobFlags(trainingKnobs, flags);
	const { steps } = settings;
	const threads = readThreads(flags.threads);
	const validation = readNumber('validation', flags.validation);
	if (validation < 0 || validation > 0.9)
		throw new UsageError(`--validation must be a number from 0 to 0.9; got "${flags.validation}".`);
	const patience = readWhole('patience', flags.patience, 0, 1000);
	const rows = await readRows(flags.data, readChoice(flags), validation);
	await assertWritable('out', flags.out, 'folder');
	const layers = (): LayeredOptions => ({ activations: flags.recompute ? 'recomputed' : 'kept' });
	return withModel(flags.model, { threads, layers }, terminal, async (model, signal) => {
		const { samples, notes, ...counts } = writeLesson(model, rows.training, maxTokens);
		if (samples.length === 0)
			throw new UsageError(
				`No row teaches anything within ${Math.min(maxTokens, model.spec.contextLength)} tokens; raise --max-tokens or use shorter prompts.`,
			);
		const told = [...rows.notes, ...notes];
		if (told.length > 0 && flags.json)
			terminal.print(JSON.stringify({ type: 'rows', ...counts, notes: told }));
		else for (const note of told) terminal.tell(note);
		const objective = objectiveOf(samples);
		if (objective !== 'supervised' && !flags.json) terminal.tell(objectiveWords[objective]);
		const heldBack = writeLesson(model, rows.validation, maxTokens).samples;
		const watched = { training: samples, validation: heldBack };
		const how = { ...settings, validateEvery: Math.max(1, Math.ceil(steps / 20)), patience };
		const tuned = await trainRows(model, watched, how, signal, {
			onStep: ({ step, ...point }) => {
				terminal.print(
					flags.json
						? JSON.stringify({ type: 'step', step, ...point })
						: `step ${String(step).padStart(String(steps).length)}/${steps}  loss ${point.loss.toFixed(4)}`,
				);
			},
			onValidated: ({ step, loss }) => {
				terminal.print(
					flags.json
						? JSON.stringify({ type: 'validation', step, loss })
						: `after ${step}: loss of ${heldBack.length} rows held back ${loss.toFixed(4)}`,
				);
			},
		});
		if (!tuned) return exitCodes.interrupted;
		await writing('out', flags.out, async () => {
			await writeAdapterFolder(flags.out, tuned.adapter, model.name);
			await writeFolderLineage(flags.out, await lineageOf(model, rows, how, maxTokens));
		});
		const tokensPerSecond = (1000 * tuned.tokens) / tuned.durationMs;
		const peakBytes = process.resourceUsage().maxRSS * 1024; // kibibytes
		const loss = tuned.points.map((point) => point.loss);
		const end = {
			loss,
			...(heldBack.length > 0 && { validation: tuned.validations, step: tuned.step }),
			...{ tokensPerSecond, peakBytes, adapter: flags.out },
		};
		terminal.print(
			flags.json
				? JSON.stringify({ type: 'tuned', objective, ...end })
				: `${flags.out}: ${loss.length} steps, ${tokensPerSecond.toFixed(0)} tokens/s, ${(peakBytes / 2 ** 20).toFixed(0)} MiB at most`,
		);
		return tuned.ended === 'paused' ? exitCodes.interrupted : exitCodes.done;
	});
}
