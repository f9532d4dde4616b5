/** @file Rows made ready to learn from: near-duplicates, personal data and the split, each with what a person chose. */
import { mapTexts, plainText, rowOf, textsOf, type DataRow } from '../row.ts';
import { duplicateGroups } from './duplicates.ts';
import { noPause, type Pause } from './pause.ts';
import { findPersonal, personalKinds, redact, type PersonalKind } from './personal.ts';
import { pairJudged } from './judged.ts';
import type { Left, PreparedRow } from './prepared.ts';
import { splitRows } from './split.ts';

export const treatments = ['keep', 'redact', 'drop'] as const;
export type Treatment = (typeof treatments)[number];

/** What is learnt of running text: its facts by questions of a rule, the text, questions that a model wrote of it, or both of these. */
export const textUses = ['facts', 'as-is', 'questions', 'both'] as const;
export type TextUse = (typeof textUses)[number];

export interface PrepareOptions {
	readonly personal: Readonly<Record<PersonalKind, Treatment>>;
	readonly duplicates: 'keep' | 'drop';
	/** Share of the sources that is held back for validation. */
	readonly validation: number;
	/** Ids of rows that a person took out. */
	readonly excluded: readonly string[];
	readonly texts: TextUse;
}

export const defaultPreparation: PrepareOptions = {
	personal: { mail: 'keep', phone: 'keep', card: 'redact', key: 'redact' },
	duplicates: 'drop',
	validation: 0.1,
	excluded: [],
	texts: 'as-is',
};

export async function prepareRows(
	rows: readonly DataRow[],
	options: PrepareOptions = defaultPreparation,
	pause: Pause = noPause,
): Promise<readonly PreparedRow[]> {
	const groups = await duplicateGroups(
		rows.map(({ lesson }) => textsOf(lesson).join('\n')),
		pause,
	);
	const sides = splitRows(
		rows.map(({ source }, i) => ({ source, group: groups[i] ?? i })),
		options.validation,
	);
	const excluded = new Set(options.excluded);
	const redacted = new Set(personalKinds.filter((kind) => options.personal[kind] === 'redact'));
	const found: (readonly PersonalKind[])[] = [];
	for (const [i, row] of rows.entries()) {
		await pause(i);
		found.push(personalIn(row));
	}
	const prepared = rows.map((row, i): PreparedRow => {
		const personal = found[i] ?? [];
		const isLike = groups[i] !== i && !areOpposed(row, rows[groups[i] ?? i]);
		const left = excluded.has(row.id)
			? 'excluded'
			: (unused(row, options.texts) ??
				(isLike && options.duplicates === 'drop'
					? 'duplicate'
					: personal.some((kind) => options.personal[kind] === 'drop')
						? 'personal'
						: undefined));
		const { id, lesson, ...place } = row;
		const shown = personal.some((kind) => redacted.has(kind))
			? rowOf(
					place,
					mapTexts(lesson, (text) => redact(text, redacted)),
				)
			: row;
		return {
			row: shown,
			id,
			side: sides[i] ?? 'training',
			...(isLike && { like: groups[i] ?? i }),
			personal,
			...(left && { left }),
		};
	});
	return pairJudged(prepared);
}

/** A good and a bad answer are no duplicates, however like they are: each says something of the other. */
function areOpposed({ lesson: a }: DataRow, other: DataRow | undefined): boolean {
	const b = other?.lesson;
	return a.kind === 'judged' && b?.kind === 'judged' && a.good !== b.good;
}

function unused({ lesson, written }: DataRow, texts: TextUse): Left | undefined {
	if (written)
		return texts === 'as-is' || texts === 'facts'
			? 'form'
			: written.check === 'kept'
				? undefined
				: 'check';
	return (texts === 'questions' || texts === 'facts') && plainText(lesson) !== undefined
		? 'form'
		: undefined;
}

/** Kinds of personal data in any text of a row. */
function personalIn({ lesson }: DataRow): readonly PersonalKind[] {
	const found = new Set(
		textsOf(lesson).flatMap((text) => findPersonal(text).map(({ kind }) => kind)),
	);
	return personalKinds.filter((kind) => found.has(kind));
}

/** Counts for people. */
export interface Preparation {
	/** Rows that teach something. */
	readonly training: number;
	readonly validation: number;
	readonly duplicates: number;
	readonly excluded: number;
	readonly dropped: number;
	/** Parts of running text, and rows that a model wrote of them. */
	readonly texts: number;
	readonly written: number;
	/** Questions that a rule wrote of them, to be trained on. */
	readonly byRule: number;
	/** Preferences to learn or to look at, and answers marked as bad that stand beside no good one. */
	readonly pairs: number;
	readonly unpaired: number;
	readonly personal: Readonly<Record<PersonalKind, number>>;
}

export function countPrepared(rows: readonly PreparedRow[]): Preparation {
	const many = (test: (row: PreparedRow) => boolean): number => rows.filter(test).length;
	const teaches = ({ row: { lesson }, left }: PreparedRow): boolean =>
		left === undefined && (lesson.kind !== 'judged' || lesson.good);
	const ofKind = (kind: PersonalKind): number => many(({ personal }) => personal.includes(kind));
	return {
		training: many((row) => teaches(row) && row.side === 'training'),
		validation: many((row) => teaches(row) && row.side === 'validation'),
		duplicates: many(({ like }) => like !== undefined),
		excluded: many(({ left }) => left === 'excluded'),
		dropped: many(({ left }) => left === 'personal'),
		texts: many(({ row }) => plainText(row.lesson) !== undefined),
		written: many(({ row }) => row.written !== undefined && row.written.by === undefined),
		byRule: many(
			(row) => row.row.written?.by === 'rule' && row.side === 'training' && teaches(row),
		),
		pairs: many(({ row, left }) => left === undefined && row.lesson.kind === 'preference'),
		unpaired: many(
			({ row: { lesson }, left }) => left === undefined && lesson.kind === 'judged' && !lesson.good,
		),
		personal: {
			mail: ofKind('mail'),
			phone: ofKind('phone'),
			card: ofKind('card'),
			key: ofKind('key'),
		},
	};
}
