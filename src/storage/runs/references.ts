/** @file File references of a run: every string `file:<name>` anywhere in `record.state`. */
import type { RunRecord } from './store.ts';

/** Slash-separated words without hidden or parent folders: safe as a path on any disk, and in a zip. */
const word = '[A-Za-z0-9][A-Za-z0-9._-]*';
const pattern = new RegExp(`^${word}(?:/${word})*$`);
const longest = 200;
const prefix = 'file:';

export const isFileName = (name: string): boolean => name.length <= longest && pattern.test(name);

/** The name itself; throws if it is none, since that is a mistake of the program. */
export function checkFileName(name: string): string {
	if (isFileName(name)) return name;
	throw new RangeError(
		`"${name.slice(0, longest)}" is no file name: use letters, digits, ".", "_", "-" and "/", at most ${longest} of them.`,
	);
}

/** A file's name without slashes, for a flat folder; `~` is in no name, so it can be undone. */
export const flatName = (name: string): string => checkFileName(name).replaceAll('/', '~');
export const nameOfFlat = (flat: string): string => flat.replaceAll('~', '/');

/** Reference that stands in `record.state` for the bytes of a file. */
export const fileReference = (name: string): string => prefix + checkFileName(name);

/** The name in a reference; undefined for any other value. */
export function fileOfReference(value: unknown): string | undefined {
	if (typeof value !== 'string' || !value.startsWith(prefix)) return undefined;
	const name = value.slice(prefix.length);
	return isFileName(name) ? name : undefined;
}

/** Every file that a run's state names, without repeats. Walks with a list, since state may be deep. */
export function filesNamedBy(run: Pick<RunRecord, 'state'>): readonly string[] {
	const names = new Set<string>();
	const rest: unknown[] = [run.state];
	while (rest.length > 0) {
		const value = rest.pop();
		const name = fileOfReference(value);
		if (name !== undefined) names.add(name);
		else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
			for (const item of Object.values({ ...value })) rest.push(item);
	}
	return [...names].sort();
}
