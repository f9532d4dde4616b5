/** @file Flags out of knobs: every knob of the chosen method and environment is a flag of its own. */
import { Option, type Command } from 'commander';
import {
	allowedBy,
	type Knob,
	type KnobValue,
	type KnobValues,
	type NumberKnob,
} from '#base/knobs.ts';
import { kvLimits, kvTypes, readKvBudget, seedKnob, type KvBudget } from '#base/limits.ts';
import { refusedBy, trainingKnobs } from '#base/training-knobs.ts';
import { findKnob, type KnobRow } from '#runs/knob-rows.ts';
import { UsageError } from './terminal.ts';

/** `replayShare` → `replay-share`. */
export const flagOf = (name: string): string =>
	name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A first look: the flags that say which knobs there are; any other is let pass. */
export const parseFirst = (command: Command, argv: readonly string[]): Command =>
	command
		.allowUnknownOption()
		.allowExcessArguments()
		.helpOption(false)
		.parse([...argv], { from: 'user' });

/** Parses with a flag per knob; values stay text and are validated together with all other knobs. */
export function parseWithKnobs(
	command: Command,
	argv: readonly string[],
	rows: readonly KnobRow[],
): Command {
	for (const { name, knob, preset } of rows)
		command.addOption(
			new Option(
				`--${flagOf(name)} <${placeholder(knob)}>`,
				`${knob.help} (${allowedBy(knob)}; default ${shown(preset)})`,
			),
		);
	return command.parse(withKebabFlags(argv, rows), { from: 'user' });
}

/** The knobs among parsed flags. */
export function knobsAmong(
	rows: readonly KnobRow[],
	flags: Readonly<Record<string, unknown>>,
): Readonly<Record<string, KnobValue>> {
	return Object.fromEntries(
		rows.flatMap(({ name }) => {
			const value = flags[new Option(`--${flagOf(name)}`).attributeName()];
			return typeof value === 'string' ? [[name, value]] : [];
		}),
	);
}

/** Arguments with every other name of a knob turned into its flag: `--minKept`, `--replay.share`, `--replay-share` of before. */
function withKebabFlags(argv: readonly string[], rows: readonly KnobRow[]): string[] {
	return argv.map((argument) => {
		const [, name = '', rest = ''] = /^--([A-Za-z.-]+)(=.*)?$/s.exec(argument) ?? [];
		const camel = name.replace(/-([a-z])(?=[^.]*$)/g, (_, letter: string) => letter.toUpperCase());
		const row = findKnob(rows, name) ?? findKnob(rows, camel);
		return row ? `--${flagOf(row.name)}${rest}` : argument;
	});
}

/** Flags of a budget of the KV cache, parsed. */
export interface KvFlags {
	readonly kvBudget?: string;
	readonly kvWindow?: string;
	readonly kvKernel?: string;
	readonly kvType?: string;
}

/** Adds the flags of a budget of the KV cache; `of` says whose prompts it is for. */
export const withKvFlags = (command: Command, of: string): Command =>
	command
		.option(
			'--kv-budget <tokens>',
			`tokens kept of the KV cache of ${of}, on the kernel (${kvLimits.budget.from} to ${kvLimits.budget.to}); default: all`,
		)
		.option(
			'--kv-window <tokens>',
			`last tokens whose attention says which (${kvLimits.window.from} to ${kvLimits.window.to}); auto is the last line of the question`,
		)
		.option(
			'--kv-kernel <tokens>',
			`neighbours kept with a token, an odd number (default ${kvLimits.kernel.usual})`,
		)
		.option(
			'--kv-type <name>',
			`how its numbers are held: ${Object.entries(kvTypes)
				.map(([name, words]) => `${name} (${words})`)
				.join(', ')}; default: f32`,
		);

/** The budget that was asked for; undefined keeps all. */
export function readKvFlags({
	kvBudget,
	kvWindow,
	kvKernel,
	kvType,
}: KvFlags): KvBudget | undefined {
	if (kvBudget === undefined && (kvWindow !== undefined || kvKernel !== undefined))
		throw new UsageError('--kv-window and --kv-kernel go with --kv-budget; add it.');
	const given = { budget: kvBudget, window: kvWindow, kernel: kvKernel, type: kvType };
	const read = readKvBudget(given);
	if ('error' in read) throw new UsageError(`--${read.error}`);
	// All tokens in 32 bits are what every engine keeps.
	return kvBudget === undefined && read.value.type === undefined ? undefined : read.value;
}

/** A whole number out of a flag; the range is checked by its user. */
export function readNumber(flag: string, text: string): number {
	const value = text.trim() === '' ? NaN : Number(text);
	if (Number.isFinite(value)) return value;
	throw new UsageError(`--${flag} must be a number; got "${text}".`);
}

/** A whole number between two others, out of a flag. */
export function readWhole(flag: string, text: string, least: number, most: number): number {
	const value = readNumber(flag, text);
	if (Number.isInteger(value) && value >= least && value <= most) return value;
	throw new UsageError(`--${flag} must be a whole number from ${least} to ${most}; got "${text}".`);
}

/** The seed of a run, an answer or a lesson, out of `--seed`. */
export const readSeed = (text: string): number =>
	readWhole('seed', text, seedKnob.min, seedKnob.max);

/** Numbers out of the flags of some knobs, each within its knob's range. */
export function readKnobFlags<K extends Readonly<Record<string, NumberKnob>>>(
	knobs: K,
	flags: Readonly<Record<keyof K & string, string>>,
): KnobValues<K> {
	const refused = refusedBy(knobs, flags, (name) => `--${flagOf(name)}`);
	if (refused !== undefined) throw new UsageError(refused);
	const numbers = Object.keys(knobs).map((name) => [name, Number(flags[name])]);
	return Object.fromEntries(numbers) as KnobValues<K>;
}

/** The flags of `trainingKnobs`, as text. */
export type TrainingFlags = Readonly<Record<keyof typeof trainingKnobs, string>>;

const trainingHelp: Readonly<Record<keyof typeof trainingKnobs, string>> = {
	steps: 'optimizer steps',
	seed: 'the same seed draws the same batches and gives the same adapter',
	rank: 'rank of the LoRA',
	alpha: 'the LoRA counts alpha / rank times',
	topShare: 'share of the layers that it learns, the last ones',
	learningRate: 'size of a step',
	batch: 'rows in a step',
	maxTokens: 'longer rows are cut at the end',
};

/** Adds a flag for each of `trainingKnobs`, with its default. */
export function trainingOptions(command: Command): Command {
	for (const [name, help] of Object.entries(trainingHelp)) {
		const { default: usual } = trainingKnobs[name as keyof typeof trainingKnobs];
		command.option(`--${flagOf(name)} <number>`, help, String(usual));
	}
	return command;
}

const placeholders: Readonly<Record<Knob['kind'], string>> = {
	choice: 'choice',
	switch: 'on|off',
	text: 'text',
	integer: 'number',
	number: 'number',
};
const placeholder = (knob: Knob): string => placeholders[knob.kind];

const shown = (value: KnobValue): string =>
	typeof value === 'boolean' ? (value ? 'on' : 'off') : JSON.stringify(value).replaceAll('"', '');
