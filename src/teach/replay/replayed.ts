/** @file Texts of the base model beside the rows of a lesson: written once for a model and a seed, kept with the project, read again afterwards. */
import type { TrainingSettings } from '#chat/train-rows.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { Sample } from '#training/data/sample.ts';
import { longSteps } from '../presets.ts';
import type { ProjectStore } from '../project-store.ts';
import { writeReplay, type ReplayText } from './write-replay.ts';

/** Settings that the texts depend on. */
type Replayed = Pick<TrainingSettings, 'replay' | 'seed' | 'steps'>;

/** Number of texts of a lesson: twice as many if it is long, so that none comes up so often that it alone is kept. */
export const replayTexts = ({ steps }: Pick<Replayed, 'steps'>): number =>
	steps > longSteps ? 128 : 64;

interface ReplayPlace {
	readonly store: Pick<ProjectStore, 'readReplay' | 'saveReplay'>;
	readonly report: (done: number, total: number) => void;
}

/** Other texts would make another adapter. */
const keyOf = (model: string, settings: Replayed): string =>
	[2, model, settings.seed, replayTexts(settings)].join('|');

/** The texts as samples, none if the settings ask for none; rejects with the signal's reason when aborted. */
export async function replayed(
	{ store, report }: ReplayPlace,
	model: OpenModel,
	name: string,
	settings: Replayed,
	signal: AbortSignal,
): Promise<readonly Sample[]> {
	const { replay = 0, seed } = settings;
	if (replay === 0) return [];
	const kept = await keptReplay(store, name, settings);
	if (kept) return kept;
	const count = replayTexts(settings);
	const texts = await writeReplay(model, { count, seed, signal, report });
	await store.saveReplay(keyOf(name, settings), texts);
	return texts.map(sampleOf);
}

/** Undefined if they are not written yet. */
export async function keptReplay(
	store: Pick<ProjectStore, 'readReplay'>,
	model: string,
	settings: Replayed,
): Promise<readonly Sample[] | undefined> {
	return (await store.readReplay(keyOf(model, settings)))?.map(sampleOf);
}

const sampleOf = ({ tokens, from }: ReplayText): Sample => ({
	tokens,
	mask: tokens.map((_, i) => (i < from ? 0 : 1)),
	isReplayed: true,
});
