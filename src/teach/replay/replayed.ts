/** @file Texts of the base model beside the rows of a lesson: written once for a model and a seed, kept with the project, read again afterwards. */
import type { TrainingSettings } from '#chat/train-rows.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { Sample } from '#training/data/sample.ts';
import type { ProjectStore } from '../project-store.ts';
import { writeReplay, type ReplayText } from './write-replay.ts';

/** Texts of a lesson. */
export const replayTexts = 64;

interface ReplayPlace {
	readonly store: Pick<ProjectStore, 'readReplay' | 'saveReplay'>;
	readonly report: (done: number, total: number) => void;
}

/** Other texts would make another adapter. */
const keyOf = (model: string, seed: number): string => [2, model, seed, replayTexts].join('|');

/** The texts as samples, none if the settings ask for none; rejects with the signal's reason when aborted. */
export async function replayed(
	{ store, report }: ReplayPlace,
	model: OpenModel,
	name: string,
	{ replay = 0, seed }: Pick<TrainingSettings, 'replay' | 'seed'>,
	signal: AbortSignal,
): Promise<readonly Sample[]> {
	if (replay === 0) return [];
	const kept = await keptReplay(store, name, seed);
	if (kept) return kept;
	const texts = await writeReplay(model, { count: replayTexts, seed, signal, report });
	await store.saveReplay(keyOf(name, seed), texts);
	return texts.map(sampleOf);
}

/** Undefined if they are not written yet. */
export async function keptReplay(
	store: Pick<ProjectStore, 'readReplay'>,
	model: string,
	seed: number,
): Promise<readonly Sample[] | undefined> {
	return (await store.readReplay(keyOf(model, seed)))?.map(sampleOf);
}

const sampleOf = ({ tokens, from }: ReplayText): Sample => ({
	tokens,
	mask: tokens.map((_, i) => (i < from ? 0 : 1)),
	isReplayed: true,
});
