/** @file A stored run told again as a recording, and whether one that was played again came out the same. */
import { retold } from '#runs/replay/retold.ts';
import { fingerprintOf, roundsOf, sameRecipe, sameRun } from '#runs/replay/same.ts';
import type { Session } from '#runs/session.ts';
import type { Recording } from '#runs/stored/recording.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { t } from '../../language/language.svelte.ts';
import { runNameIn } from '../../state/run-name.ts';
import type { Catalogue } from '../../state/catalogue.ts';
import { samenessIn } from './words.ts';

/** Rows of a round: as a recording keeps of it. */
const perRound = 48;

/** With as many rows of each round as the page shows. */
export async function tellAgain(
	run: RunRecord,
	session: Pick<Session, 'experiences'>,
): Promise<Recording> {
	const rounds = Array.from({ length: Math.max(0, roundsOf(run)) }, (_, i) => i + 1);
	const rows = await Promise.all(
		rounds.map((t) => session.experiences(run.id, { t, limit: perRound })),
	);
	return retold(run, rows.flat());
}

/** A run beside the earliest one of its recipe and seed, in a sentence; empty if it is the first, or has nothing to compare. */
export function samenessOf(
	catalogue: Catalogue,
	run: RunRecord,
	all: readonly RunRecord[],
): string {
	const first = all
		.filter((one) => one.createdAt < run.createdAt && sameRecipe(one, run))
		.sort((a, b) => a.createdAt - b.createdAt)[0];
	if (!first || Math.min(roundsOf(first), roundsOf(run)) < 0) return '';
	const words = samenessIn(sameRun(first, run), runNameIn(catalogue, first));
	return roundsOf(first) === roundsOf(run)
		? t('runs.fingerprint', { words, print: fingerprintOf(run) })
		: words;
}
