/** @file Request that repeats a stored run: its recipe and seed, under a name of its own. */
import type { RunRecord } from '#storage/runs/store.ts';
import type { StartOptions } from '../session.ts';

/**
 * The run once more, from its record. Knobs count as they stand at its end: a run whose knobs were turned on the way, or
 * some of whose rows were rejected by hand, comes out differently, and `sameRun` says from which round on.
 */
export const again = ({ name, recipe }: RunRecord): StartOptions => ({
	...recipe,
	name: `${name.replace(/, again$/, '')}, again`,
});
