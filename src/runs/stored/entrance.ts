/**
 * @file Stored entrance examination of a shipped model. It is used if all that decides an answer is the same: the files
 * of the model, the environment with its knobs, the seed and the number of problems. Which difficulties are asked follows
 * from the knobs of the run; one that is not stored is sat.
 */
import * as v from 'valibot';
import type { KnobValue } from '#base/knobs.ts';
import {
	count,
	dictionary,
	list,
	matches,
	object,
	text,
	whole,
	type Schema,
} from '#base/schema.ts';
import type { ScoreCell, World } from '#loop/types.ts';
import type { OpenModel } from '#platform/platform.ts';
import { scoreCellSchema } from './score.ts';

/** Key of a stored examination. */
export interface EntranceKey {
	/** SHA-256 of the model's files, in hex. */
	readonly model: string;
	readonly environment: string;
	/** Every knob of the environment. */
	readonly knobs: Readonly<Record<string, KnobValue>>;
	readonly seed: number;
	/** Problems of each difficulty and stratum. */
	readonly examined: number;
}

/** The file beside the model. */
export interface StoredEntrance extends EntranceKey {
	readonly cells: readonly ScoreCell[];
}

const knobValue = v.union([v.string(), v.number(), v.boolean()], 'is no value of a knob');

const entranceSchema = object({
	model: text,
	environment: text,
	knobs: dictionary(knobValue),
	seed: whole,
	examined: count,
	cells: list(scoreCellSchema),
}) satisfies Schema<StoredEntrance>;

/** Looks up a difficulty in what is shipped with the model; undefined if the examination has to be sat. */
export function entranceOf(
	{ entrance }: Pick<OpenModel, 'entrance'>,
	run: Pick<EntranceKey, 'environment' | 'knobs' | 'seed'>,
): World['entrance'] {
	if (!entrance || !matches(entranceSchema, entrance.stored)) return undefined;
	const stored: StoredEntrance = entrance.stored;
	const isSame =
		stored.model === entrance.model &&
		stored.environment === run.environment &&
		stored.seed === run.seed &&
		inOrder(stored.knobs) === inOrder(run.knobs);
	if (!isSame) return undefined;
	return (difficulty, examined) => {
		const cells = stored.cells.filter((cell) => cell.difficulty === difficulty);
		return examined === stored.examined && cells.length > 0 ? cells : undefined;
	};
}

const inOrder = (knobs: EntranceKey['knobs']): string =>
	JSON.stringify(Object.entries(knobs).sort(([a], [b]) => (a < b ? -1 : 1)));
