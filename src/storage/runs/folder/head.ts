/**
 * @file `run.json` of a store in a folder (Node) and its schema: the record of a run without its curve, and how many
 * bytes of its rows and of its curve count.
 */
import { join } from 'node:path';
import * as v from 'valibot';
import { count, object, readOr } from '#base/schema.ts';
import { damagedRun } from '../../files/errors.ts';
import { joinPieces, readPiece, type CurvePiece } from '../curve.ts';
import { checkRecord } from '../entry.ts';
import { fromJson } from '../json.ts';
import type { RunRecord } from '../record.ts';
import { fromSealedJson } from '../seal.ts';
import { readLines } from './lines.ts';
import { readIfThere } from './lock.ts';
import { curveFile, headFile } from './names.ts';

/** Replaced whole at each commit. */
export interface Head {
	/** Format 1 had the whole curve in its record, and rows without seals. */
	readonly format: 2;
	/** Bytes of `experiences.jsonl` that count. */
	readonly rowBytes: number;
	/** Rows from this byte on are sealed. */
	readonly sealedFrom: number;
	/** Valid part of `curve.jsonl`. */
	readonly curve: { readonly bytes: number; readonly points: number };
	/** Its curve is empty, unless the head was read from format 1. */
	readonly run: RunRecord;
}

const headSchema = v.variant('format', [
	object({ format: v.literal(1), rowBytes: count, run: v.unknown() }),
	object({
		format: v.literal(2),
		rowBytes: count,
		sealedFrom: count,
		curve: object({ bytes: count, points: count }),
		run: v.unknown(),
	}),
]);

/** Undefined if there is none; fails with `corrupt` if it cannot be read. A newer format is not ours to read. */
export async function readHead(folder: string, id: string): Promise<Head | undefined> {
	const bytes = await readIfThere(join(folder, headFile));
	if (bytes === undefined) return undefined;
	const head = readOr(headSchema, parse(bytes.toString('utf8'), id));
	if (head === undefined) throw damagedRun(id, `${headFile} is of another kind or a newer version`);
	const run = checkRecord(id, head.run);
	if (head.format === 2) return { ...head, run };
	const { rowBytes } = head;
	return { format: 2, rowBytes, sealedFrom: rowBytes, curve: { bytes: 0, points: 0 }, run };
}

function parse(text: string, id: string): unknown {
	try {
		return fromJson(text);
	} catch (error) {
		throw damagedRun(id, `${headFile} is ${text === '' ? 'empty' : 'no JSON'}`, error);
	}
}

/** The record with its curve. A piece of the curve that cannot be read leaves points without a loss. */
export async function wholeRun(folder: string, { run, curve }: Head): Promise<RunRecord> {
	if (curve.points === 0) return run;
	const pieces: CurvePiece[] = [];
	for await (const { bytes } of readLines(join(folder, curveFile), 0, curve.bytes))
		pieces.push(...readSealedPiece(bytes.toString('utf8')));
	return { ...run, curve: joinPieces(pieces, curve.points) };
}

function readSealedPiece(line: string): readonly CurvePiece[] {
	try {
		const piece = readPiece(fromSealedJson(line, true));
		return piece === undefined ? [] : [piece];
	} catch (error) {
		if (error instanceof SyntaxError) return [];
		throw error;
	}
}
