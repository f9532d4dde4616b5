/**
 * @file Lineage of an adapter: which rows it was trained on, by their hashes, in which order, by which recipe, and which rows
 * it was made to forget. It lies beside the adapter and stays there; its card holds the hash of all rows and counts.
 */
import * as v from 'valibot';
import {
	count,
	finite,
	list,
	number,
	object,
	oneOf,
	readOr,
	text,
	type Schema,
} from '#base/schema.ts';
import { sha256 } from '#storage/files/sha256.ts';
import { hold } from './replay-objective.ts';
import type { TrainingSettings } from './train-rows.ts';

/** What a training can be repeated from, to the bit on the same CPU. */
export interface Lineage {
	readonly version: 1;
	/** SHA-256 of the ids of the rows trained on. */
	readonly data: string;
	/** Ids of the rows in the order of training, those left out later included; an id is a hash of the row. */
	readonly rows: readonly string[];
	/** Ids of rows that were left out on request, of both sides of the split. */
	readonly dropped: readonly string[];
	readonly settings: TrainingSettings;
	/** Longer rows were cut. */
	readonly maxTokens: number;
	/** Step of the snapshot from which it was trained anew; 0: from the start. */
	readonly from: number;
	/** Adapters that it was made from by forgetting, the oldest first. */
	readonly ancestors: readonly Ancestor[];
}

export interface Ancestor {
	readonly adapter: string;
	readonly data: string;
	/** Number of rows. */
	readonly rows: number;
	readonly dropped: readonly string[];
}

/** Name of the file beside an adapter. */
export const lineageFile = 'lineage.json';

export const settingsSchema = object({
	steps: count,
	rank: count,
	alpha: finite,
	learningRate: finite,
	schedule: v.exactOptional(
		object({
			shape: oneOf(['constant', 'cosine', 'linear', 'warmup-stable-decay']),
			warmUp: count,
		}),
	),
	batch: count,
	seed: count,
	validateEvery: v.exactOptional(count),
	patience: v.exactOptional(count),
	replay: v.exactOptional(count),
	topShare: v.exactOptional(number),
});

const lineageSchema: Schema<Lineage> = object({
	version: v.literal(1),
	data: text,
	rows: list(text),
	dropped: list(text),
	settings: settingsSchema,
	maxTokens: count,
	from: count,
	ancestors: list(object({ adapter: text, data: text, rows: count, dropped: list(text) })),
});

/** Hash of a set of rows, whatever their order. */
export const dataHashOf = (ids: readonly string[]): Promise<string> =>
	sha256(new TextEncoder().encode([...ids].sort().join('\n')));

/** Ids of the rows that were trained on. */
export function trainedIds({ rows, dropped }: Lineage): readonly string[] {
	const out = new Set(dropped);
	return rows.filter((id) => !out.has(id));
}

export const writeLineage = (lineage: Lineage): Uint8Array =>
	new TextEncoder().encode(`${JSON.stringify(lineage)}\n`);

/** Undefined for a damaged file, and for none. */
export function readLineage(bytes: Uint8Array | undefined): Lineage | undefined {
	if (!bytes) return undefined;
	try {
		return readOr(lineageSchema, JSON.parse(new TextDecoder().decode(bytes)));
	} catch {
		return undefined;
	}
}

/** Facts for the card of an adapter; they name no row. */
export function cardFactsOf(lineage: Lineage): {
	readonly dataHash: string;
	readonly recipe: Readonly<Record<string, string | number>>;
} {
	const { settings, maxTokens, dropped, data, from } = lineage;
	const { learningRate, batch, seed, schedule, replay = 0, topShare = 1 } = settings;
	const rows = trainedIds(lineage).length;
	return {
		dataHash: data,
		recipe: {
			...{ rows, 'learning rate': learningRate, 'rows in a step': batch, seed },
			...(replay > 0 && {
				'texts of the base model in a step': `${replay}, held to their likelihood before (KL, k1, ${hold})`,
			}),
			...(topShare < 1 && { 'layers trained': `the last ${Math.round(100 * topShare)} %` }),
			...(schedule && { schedule: `${schedule.shape}, ${schedule.warmUp} steps of warm-up` }),
			'longest row, tokens': maxTokens,
			...(dropped.length > 0 && {
				'rows left out on request': dropped.length,
				'trained anew from': from === 0 ? 'the start' : `step ${from}, before they came up`,
			}),
		},
	};
}
