/** @file `examine`: what an adapter is worth: on a person's rows, and on what must not get worse, before and after. */
import { Command } from 'commander';
import { trainingKnobs } from '#base/training-knobs.ts';
import { writeLesson } from '#chat/lesson.ts';
import { readAdapterFolder } from '#platform/node-files.ts';
import { examineAdapter, type ExaminedRow } from '#teach/examine.ts';
import { verdictOf, type Examination, type Figure } from '#teach/verdict.ts';
import { fileOptions, readChoice, type FileFlags } from '../../data-flags.ts';
import { readNumber, readSeed, readWhole } from '../../flags.ts';
import { readThreads, withModel } from '../../interruptible.ts';
import { exitCodes, UsageError, type Terminal } from '../../terminal.ts';
import { readRows } from '../../tune-rows.ts';

interface Flags extends FileFlags {
	readonly model: string;
	readonly adapter: string;
	readonly data: readonly string[];
	readonly validation: string;
	readonly seed: string;
	readonly instructions: string;
	readonly maxTokens: string;
	readonly threads?: string;
	readonly json?: boolean;
}

/** Rows that are asked at most. */
const mostRows = 100;

export async function examine(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const flags = fileOptions(prepare(new Command('examine')))
		.description('Compares a model with and without an adapter, on your rows and elsewhere.')
		.requiredOption('--model <path>', 'a .gguf file, a folder of safetensors, or a fetched name')
		.requiredOption('--adapter <folder>', 'a LoRA, as PEFT writes it')
		.requiredOption('--data <paths...>', 'the files that it was tuned on (see dataset)')
		.option('--validation <share>', 'share that was held back; 0 asks all rows', '0.1')
		.option('--seed <number>', 'of instructions and intervals', '1')
		.option('--instructions <number>', 'of each kind; 0 leaves them out', '8')
		.option('--max-tokens <number>', 'longer rows are cut', String(trainingKnobs.maxTokens.default))
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'one JSON object')
		.parse([...argv], { from: 'user' })
		.opts<Flags>();
	const share = readNumber('validation', flags.validation);
	if (share < 0 || share > 0.9)
		throw new UsageError(`--validation must be a number from 0 to 0.9; got "${flags.validation}".`);
	const seed = readSeed(flags.seed);
	const instructions = readWhole('instructions', flags.instructions, 0, 1000);
	const maxTokens = readWhole('max-tokens', flags.maxTokens, 2, trainingKnobs.maxTokens.max);
	const threads = readThreads(flags.threads);
	const { training, validation, notes } = await readRows(flags.data, readChoice(flags), share);
	for (const note of notes) terminal.tell(note);
	const on = validation.length > 0 ? ('validation' as const) : ('training' as const);
	return withModel(flags.model, { threads }, terminal, async (files, signal) => {
		const adapter = await readAdapterFolder(flags.adapter, files.spec, signal);
		const model = await files.openEngine();
		const rows = (on === 'validation' ? validation : training)
			.slice(0, mostRows)
			.flatMap((row): readonly ExaminedRow[] => {
				const [sample] = writeLesson(model, [row], maxTokens).samples;
				return sample ? [{ row, sample }] : [];
			});
		const found = await examineAdapter(model, adapter, rows, {
			...{ on, seed, instructions, signal },
			report: (what, done, total) => {
				if (terminal.live && !flags.json) terminal.draw([`${what}: ${done} of ${total}`]);
			},
		});
		const verdict = verdictOf(found);
		if (flags.json) terminal.print(JSON.stringify({ type: 'examination', ...verdict, ...found }));
		else for (const line of [...linesOf(found), verdict.sentence]) terminal.print(line);
		return exitCodes.done;
	});
}

function linesOf(found: Examination): readonly string[] {
	const { loss, exact, rouge, preferred, margin, plain, instructions, on, seed } = found;
	const rows = on === 'validation' ? 'rows held back' : 'rows it learnt';
	const named: readonly (readonly [string, Figure | undefined])[] = [
		[`loss of ${rows}, nats a token`, loss],
		['short answers word for word', exact],
		['short answers, ROUGE-L', rouge],
		['preferences in which the better answer is likelier', preferred],
		['log-probability of the better answer over the worse one, nats', margin],
		['plain English, nats a token', plain],
		['instructions kept', instructions],
	];
	return named.flatMap(([name, figure]) =>
		figure ? [`${name}: ${inWords(figure)}, seed ${seed}`] : [],
	);
}

function inWords({ before, after, difference: { mean, low, high, n } }: Figure): string {
	const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
	return `${before.toFixed(3)} → ${after.toFixed(3)} (${signed(mean)}; 95 %: ${signed(low)} to ${signed(high)}; n = ${n})`;
}
