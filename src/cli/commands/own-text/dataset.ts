/** @file `dataset`: a person's files as rows to learn from: what was recognised, what was found in them, how they are split. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { trainingKnobs } from '#base/training-knobs.ts';
import { formats } from '#dataset/formats.ts';
import { importFiles } from '#dataset/import.ts';
import { problemWords, type Imported } from '#dataset/imported.ts';
import { politely } from '#dataset/refine/pause.ts';
import { personalKinds } from '#dataset/refine/personal.ts';
import {
	countPrepared,
	defaultPreparation,
	prepareRows,
	treatments,
} from '#dataset/refine/prepare.ts';
import type { PreparedRow } from '#dataset/refine/prepared.ts';
import { shownLesson } from '#dataset/row.ts';
import { trlRow } from '#dataset/trl.ts';
import { learntRow, lengthsOf, viewRow } from '#dataset/view.ts';
import { withFacts } from '#teach/lessons/facts.ts';
import { openDataFiles } from '../../data-files.ts';
import { dataOptions, readChoice, readPreparation, type DataFlags } from '../../data-flags.ts';
import { readSeed, readWhole } from '../../flags.ts';
import { interruptible, withModel } from '../../interruptible.ts';
import { assertWritable, writeOut } from '../../outputs.ts';
import { exitCodes, UsageError, type Terminal } from '../../terminal.ts';
import { withLessons } from '../../written-lessons.ts';

interface Flags extends DataFlags {
	readonly model?: string;
	readonly maxTokens: string;
	readonly show: string;
	readonly seed: string;
	readonly out?: string;
	readonly json?: boolean;
}

export async function dataset(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = dataOptions(
		prepare(new Command('dataset'))
			.description(
				'Reads files to learn from: JSONL, JSON, CSV, text, Markdown, HTML, chat exports, folders and zips.',
			)
			.argument('<paths...>', 'files, folders or zips'),
	)
		.addOption(
			new Option('--model <path>', 'show rows as this model sees them: .gguf, folder, or name'),
		)
		.option('--max-tokens <number>', 'longer rows are cut', String(trainingKnobs.maxTokens.default))
		.option('--seed <number>', 'of the questions that --texts writes', '1')
		.option('--show <number>', 'rows to show', '3')
		.option('--out <folder>', 'write training.jsonl and validation.jsonl in TRL’s format')
		.option('--json', 'one JSON object')
		.parse([...argv], { from: 'user' });
	const flags = command.opts<Flags>();
	const show = readWhole('show', flags.show, 0, 1000);
	const { max } = trainingKnobs.maxTokens;
	const maxTokens = readWhole('max-tokens', flags.maxTokens, 2, max);
	const seed = readSeed(flags.seed);
	const choice = readChoice(flags);
	const preparation = readPreparation(flags);
	if (flags.out !== undefined) await assertWritable('out', flags.out, 'folder');
	const files = await openDataFiles(command.args, 'A path');
	return interruptible(terminal, async (signal) => {
		const imported = await importFiles(files, { choice, signal });
		const { model } = flags;
		const quiet = flags.json === true;
		const read =
			preparation.texts === 'as-is' || preparation.texts === 'facts'
				? imported.rows
				: await withLessons(imported.rows, { model, seed, quiet }, terminal);
		if (!read) return exitCodes.interrupted;
		const prepared = await prepareRows(read, preparation, politely(signal));
		const rows = withFacts(prepared, preparation);
		if (flags.json) terminal.print(JSON.stringify(summaryOf(imported, rows)));
		else for (const line of linesOf(imported, rows)) terminal.print(line);
		if (flags.out !== undefined) await writeSides(flags.out, rows);
		if (imported.rows.length === 0)
			throw new UsageError('Nothing to learn from was found in these files.');
		if (flags.json) return exitCodes.done;
		const shown = rows.filter(({ left }) => left === undefined).slice(0, show);
		if (flags.model === undefined) {
			for (const { row } of shown) {
				const { asked, answered } = shownLesson(row.lesson);
				terminal.print(`${row.file}:${row.line}\n  ${asked}\n  → ${answered}`);
			}
			return exitCodes.done;
		}
		return withModel(flags.model, {}, terminal, async ({ tokenizer, chat, spec }) => {
			const options = {
				tokenizer,
				maxTokens: Math.min(maxTokens, spec.contextLength),
				startTokens: chat?.startTokens ?? [],
				chat: { template: chat?.template, specialTokens: chat?.specialTokens ?? {} },
			};
			const learnt = rows.flatMap(({ row, left }) =>
				left === undefined ? (learntRow(row.lesson) ?? []) : [],
			);
			const { counted, bins, longest, mean, cut, leftOut } = await lengthsOf(learnt, options);
			terminal.print(
				`tokens: ${mean.toFixed(0)} on average, ${longest} at most, ${cut} cut and ${leftOut} without anything that fits, of ${counted} rows`,
			);
			for (const [upTo, many] of bins)
				terminal.print(
					`${String(upTo).padStart(8)} ${'█'.repeat(Math.ceil((40 * many) / counted))} ${many}`,
				);
			for (const { row } of shown) {
				const learns = learntRow(row.lesson);
				if (!learns) continue;
				const { pieces, tokens, learnt: own, fault } = viewRow(learns, options);
				const marks = { read: ['', ''], learnt: ['[[', ']]'], cut: ['(cut: ', ')'] } as const;
				terminal.print(
					`${row.file}:${row.line}, ${tokens} tokens, [[${own} learnt]]${fault === undefined ? '' : `: ${fault}`}`,
				);
				terminal.print(
					pieces.map(({ text, state }) => marks[state][0] + text + marks[state][1]).join(''),
				);
			}
			return exitCodes.done;
		});
	});
}

function summaryOf(imported: Imported, rows: readonly PreparedRow[]) {
	const { files, problems, problemCount, skipped } = imported;
	return {
		type: 'dataset',
		rows: rows.length,
		...countPrepared(rows),
		files,
		problems,
		problemCount,
		skipped: skipped.length,
	};
}

/** Problems that are shown one by one. */
const fewProblems = 20;

function* linesOf(imported: Imported, rows: readonly PreparedRow[]): Generator<string> {
	for (const { name, format, rows: count, problems, authors, me, columns } of imported.files) {
		yield `${name}: ${formats[format]}, ${many(count, 'row')}${problems > 0 ? `, ${many(problems, 'problem')}` : ''}`;
		if (columns?.question !== undefined)
			yield `  question: ${columns.question}, answer: ${columns.answer ?? ''}`;
		if (authors && me !== undefined)
			yield `  learns to answer as ${me}; others: ${authors
				.filter(([name]) => name !== me)
				.map(([name]) => name)
				.join(', ')} (--me chooses)`;
	}
	for (const problem of imported.problems.slice(0, fewProblems)) yield problemWords(problem);
	if (imported.problemCount > fewProblems)
		yield `… and ${imported.problemCount - fewProblems} more`;
	const { training, validation, duplicates, dropped, personal } = countPrepared(rows);
	yield `${many(rows.length, 'row')}: ${training} to train on, ${validation} held back for validation`;
	if (duplicates > 0) yield `${duplicates} nearly as another`;
	for (const kind of personalKinds)
		if (personal[kind] > 0)
			yield `${personal[kind]} with ${personalWords[kind]} (--${kind} ${treatments.join('|')}; default ${defaultPreparation.personal[kind]})`;
	if (dropped > 0) yield `${dropped} dropped for that`;
}

const many = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

const personalWords = {
	mail: 'mail addresses',
	phone: 'telephone numbers',
	card: 'card numbers',
	key: 'keys or passwords',
} as const;

async function writeSides(folder: string, rows: readonly PreparedRow[]): Promise<void> {
	for (const side of ['training', 'validation'] as const) {
		const lines = rows
			.filter((row) => row.side === side && row.left === undefined)
			.map(({ row }) => `${JSON.stringify(trlRow(row.lesson))}\n`);
		await writeOut('out', join(folder, `${side}.jsonl`), lines.join(''));
	}
}
