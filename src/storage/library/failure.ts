/** @file Failures of disks as the library's own codes, with a remedy. */
import { namesOf } from '../files/errors.ts';
import { LibraryError } from './library.ts';

const full = new Set(['QuotaExceededError', 'ENOSPC', 'EDQUOT']);
const refused = new Set(['SecurityError', 'NotAllowedError', 'EACCES', 'EPERM', 'EROFS']);
const busy = new Set(['NoModificationAllowedError', 'InvalidStateError', 'blocked']);

/** The same failure as a `LibraryError`; `doing` completes "could not …". */
export function asLibraryError(error: unknown, doing: string): unknown {
	if (error instanceof LibraryError) return error;
	const names = namesOf(error);
	const is = (wanted: ReadonlySet<string>) => [...names].some((name) => wanted.has(name));
	const cause = { cause: error };
	if (names.has('AbortError')) return error;
	if (is(full))
		return new LibraryError(
			'full',
			`There is no room left to ${doing}: delete models or runs, or free disk space, then resume; what is here stays.`,
			cause,
		);
	if (is(busy))
		return new LibraryError(
			'blocked',
			`Could not ${doing}: another tab or program is at it; wait for it, or close it, and try again.`,
			cause,
		);
	if (is(refused))
		return new LibraryError(
			'not-available',
			`Not allowed to ${doing}: let this page keep data (leave private browsing), or choose a folder you may write to.`,
			cause,
		);
	const message = error instanceof Error ? error.message : String(error);
	return new LibraryError('not-available', `Could not ${doing} (${message}); try again.`, cause);
}
