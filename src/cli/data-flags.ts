/** @file Flags of reading and preparing data, shared by the commands that take a person's files. */
import { Option, type Command } from 'commander';
import { formatNames } from '#dataset/formats.ts';
import type { FileChoice } from '#dataset/imported.ts';
import { personalKinds, type PersonalKind } from '#dataset/refine/personal.ts';
import {
	defaultPreparation,
	textUses,
	treatments,
	type PrepareOptions,
} from '#dataset/refine/prepare.ts';
import { readNumber } from './flags.ts';
import { UsageError } from './terminal.ts';

export type DataFlags = FileFlags & PreparationFlags;

export interface FileFlags {
	readonly format?: string;
	readonly question?: string;
	readonly answer?: string;
	readonly me?: string;
}

type PreparationFlags = Readonly<Record<PersonalKind, string>> & {
	readonly validation: string;
	readonly keepDuplicates?: boolean;
	readonly texts: string;
};

const whose: Readonly<Record<PersonalKind, string>> = {
	mail: 'rows with mail addresses',
	phone: 'rows with telephone numbers',
	card: 'rows with card numbers',
	key: 'rows with keys or passwords',
};

/** Adds the flags of a file's format. */
export const fileOptions = (command: Command): Command =>
	command
		.addOption(
			new Option('--format <name>', 'in place of what is recognised').choices([...formatNames]),
		)
		.option('--question <column>', 'column of a table that is asked')
		.option('--answer <column>', 'column of a table that is learnt')
		.option('--me <name>', 'of a chat: whose messages are learnt; default: who wrote most');

/** Adds the flags of a file's format and of preparing its rows. */
export const dataOptions = (command: Command): Command =>
	personalKinds.reduce(
		(all, kind) =>
			all.addOption(
				new Option(`--${kind} <treatment>`, whose[kind])
					.choices([...treatments])
					.default(defaultPreparation.personal[kind]),
			),
		fileOptions(command)
			.option(
				'--validation <share>',
				'share of the sources that is held back',
				String(defaultPreparation.validation),
			)
			.option('--keep-duplicates', 'learn rows that are nearly as another, too')
			.addOption(
				new Option(
					'--texts <use>',
					'of running text: learn its facts by questions of a rule, learn it as it is, let --model write questions and answers of it, or both of these',
				)
					.choices([...textUses])
					.default(defaultPreparation.texts),
			),
	);

export function readChoice({ format, question, answer, me }: FileFlags): FileChoice {
	const known = formatNames.find((name) => name === format);
	if ((question === undefined) !== (answer === undefined))
		throw new UsageError('--question and --answer are given together, or neither.');
	return {
		...(known && { format: known }),
		...(question !== undefined && { question }),
		...(answer !== undefined && { answer }),
		...(me !== undefined && { me }),
	};
}

export function readPreparation(flags: PreparationFlags): PrepareOptions {
	const validation = readNumber('validation', flags.validation);
	if (validation < 0 || validation > 0.9)
		throw new UsageError(`--validation must be a number from 0 to 0.9; got "${flags.validation}".`);
	const chosen = personalKinds.map((kind) => [
		kind,
		treatments.find((one) => one === flags[kind]) ?? defaultPreparation.personal[kind],
	]);
	return {
		personal: Object.fromEntries(chosen) as PrepareOptions['personal'],
		duplicates: flags.keepDuplicates ? 'keep' : 'drop',
		validation,
		excluded: [],
		texts: textUses.find((one) => one === flags.texts) ?? defaultPreparation.texts,
	};
}
