/** @file `tune`: trains a LoRA on rows of text, and writes it as PEFT loads it. */
import { Command } from 'commander';
import { trainingKnobs } from '#base/training-knobs.ts';
import { teach, writeLesson } from '#chat/lesson.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { writeAdapterFolder } from '#platform/node-files.ts';
import type { LayeredOptions } from '#training/layered/layered-gradients.ts';
import { readKnobFlags, readWhole } from '../flags.ts';
import { readThreads, withModel } from '../interruptible.ts';
import { assertWritable, writing } from '../outputs.ts';
import { readRows } from '../training-rows.ts';
import { exitCodes, UsageError, type Terminal } from '../terminal.ts';

interface TuneFlags {
	readonly model: string;
	readonly data: string;
	readonly out: string;
	readonly steps: string;
	readonly seed: string;
	readonly rank: string;
	readonly alpha: string;
	readonly learningRate: string;
	readonly batch: string;
	readonly maxTokens: string;
	readonly topLayers?: string;
	readonly recompute?: boolean;
	readonly threads?: string;
	readonly json?: boolean;
}

/** The default of a flag, as text. */
const usual = (name: keyof typeof trainingKnobs): string => String(trainingKnobs[name].default);

export async function tune(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const flags = prepare(new Command('tune'))
		.description('Trains a LoRA on every linear module of a model on disk.')
		.requiredOption('--model <path>', 'a .gguf file, a folder of safetensors, or a fetched name')
		.requiredOption(
			'--data <file>',
			'JSONL or a JSON list: messages, or prompt and completion; ShareGPT and Alpaca are read, too',
		)
		.requiredOption('--out <folder>', 'where the adapter is written, as PEFT loads it')
		.option('--steps <number>', 'optimizer steps', usual('steps'))
		.option('--seed <number>', 'the same seed gives the same adapter', usual('seed'))
		.option('--rank <number>', 'rank of the LoRA', usual('rank'))
		.option('--alpha <number>', 'the LoRA counts alpha / rank times', usual('alpha'))
		.option('--learning-rate <number>', 'size of a step', usual('learningRate'))
		.option('--batch <number>', 'rows in a step', usual('batch'))
		.option('--max-tokens <number>', 'longer rows are cut at the end', usual('maxTokens'))
		.option('--top-layers <number>', 'train only the last layers; default: all')
		.option('--recompute', 'less memory: runs each layer twice instead of keeping what it made')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'JSON lines')
		.parse([...argv], { from: 'user' })
		.opts<TuneFlags>();
	const { maxTokens, ...settings } = readKnobFlags(trainingKnobs, flags);
	const { steps } = settings;
	const threads = readThreads(flags.threads);
	const rows = await readRows(flags.data);
	await assertWritable('out', flags.out, 'folder');
	const layers = ({ layers }: ModelSpec): LayeredOptions => ({
		activations: flags.recompute ? 'recomputed' : 'kept',
		...(flags.topLayers === undefined
			? {}
			: { topLayers: readWhole('top-layers', flags.topLayers, 1, layers) }),
	});
	return withModel(flags.model, { threads, layers }, terminal, async (model, signal) => {
		const { samples, notes, ...counts } = writeLesson(model, rows, maxTokens);
		if (samples.length === 0)
			throw new UsageError(
				`No row teaches anything within ${Math.min(maxTokens, model.spec.contextLength)} tokens; raise --max-tokens or use shorter prompts.`,
			);
		if (notes.length > 0 && flags.json)
			terminal.print(JSON.stringify({ type: 'rows', ...counts, notes }));
		else for (const note of notes) terminal.tell(note);
		const tuned = await teach(model, samples, settings, signal, (report, step) => {
			const { loss, tokens, durationMs } = report;
			terminal.print(
				flags.json
					? JSON.stringify({ type: 'step', step, loss, tokens, durationMs })
					: `step ${String(step).padStart(String(steps).length)}/${steps}  loss ${loss.toFixed(4)}`,
			);
		});
		if (!tuned) return exitCodes.interrupted;
		await writing('out', flags.out, () => writeAdapterFolder(flags.out, tuned.adapter, model.name));
		const tokensPerSecond = (1000 * tuned.tokens) / tuned.durationMs;
		const peakBytes = process.resourceUsage().maxRSS * 1024; // kibibytes
		const end = { loss: tuned.losses, tokensPerSecond, peakBytes, adapter: flags.out };
		terminal.print(
			flags.json
				? JSON.stringify({ type: 'tuned', ...end })
				: `${flags.out}: ${tuned.losses.length} steps, ${tokensPerSecond.toFixed(0)} tokens/s, ${(peakBytes / 2 ** 20).toFixed(0)} MiB at most`,
		);
		return tuned.ended === 'aborted' ? exitCodes.interrupted : exitCodes.done;
	});
}
