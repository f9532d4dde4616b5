/** @file The manifest of an archive and its schema: the run, and what every other entry of the zip must be. */
import * as v from 'valibot';
import { anyObject, count, list, object, read, text, type Schema } from '#base/schema.ts';
import { runSchema, type RunRecord } from '../runs/record.ts';
import { filesNamedBy, isFileName } from '../runs/references.ts';
import { rowSchema, type StoredRow } from '../runs/row.ts';
import { StoreError } from '../runs/store.ts';

export const format = 'evolvarium-run';
export const version = 1;

/** Length and hash of an entry. */
export interface Content {
	readonly bytes: number;
	readonly sha256: string;
}

export interface Manifest {
	readonly run: RunRecord;
	readonly experiences: Content & { readonly rows: number };
	readonly files: readonly (Content & { readonly name: string })[];
}

const content = {
	bytes: count,
	sha256: v.pipe(text, v.regex(/^[0-9a-f]{64}$/, 'is no hash')),
};

export const manifestSchema = object({
	run: runSchema,
	experiences: object({ rows: count, ...content }),
	files: list(object({ name: v.pipe(text, v.check(isFileName, 'is no file name')), ...content })),
}) satisfies Schema<Manifest>;

const kindSchema = v.pipe(
	anyObject,
	object({ format: v.optional(v.unknown()), version: v.optional(v.unknown()) }),
);

/** The archive is refused; `why` is a clause. */
export const corrupt = (why: string, cause?: unknown): StoreError =>
	new StoreError(
		'corrupt',
		`This file is not a sound export of a run (${why}): export the run again and choose that file.`,
		{ cause },
	);

/** Throws `corrupt` for anything but a manifest of this version whose files are those that its run names. */
export function readManifest(value: unknown): Manifest {
	const kind = read(kindSchema, value, 'manifest', corrupt);
	if (kind.format !== format) throw corrupt('it is another kind of file');
	if (kind.version !== version)
		throw new StoreError(
			'corrupt',
			`This run was exported in another format than ${version}: update this program, or export the run again.`,
		);
	const manifest = read(manifestSchema, value, 'manifest', corrupt);
	const names = manifest.files.map(({ name }) => name).sort();
	const named = filesNamedBy(manifest.run);
	if (names.length !== named.length || names.some((name, i) => name !== named[i]))
		throw corrupt('its files are not those that the run names');
	return manifest;
}

/** A row of an archive; `what` names it. */
export const readArchivedRow = (value: unknown, what: string): StoredRow =>
	read(rowSchema, value, what, corrupt);
