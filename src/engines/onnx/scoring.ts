/** @file Log-probabilities of given texts: in one run where the model is small, else in chunks on a key-value cache. */
import { feedFloat, feedInt, floats, type GraphSession } from '#graph/runtime/runtime.ts';
import { angleFeeds } from '#model/graphs/feeds.ts';
import { causalMask } from '#model/graphs/masks.ts';
import type { ModelSpec } from '#model/spec.ts';
import type { Row } from './batch.ts';
import type { CachedTokens } from './key-value-cache.ts';
import { prefill, type Stepper } from './prefill.ts';
import { logSumExp } from './sampling.ts';
import { prefixGroups } from './shared-prefixes.ts';

/** A text whose tokens from `head` on are scored; the first token of all has nothing before it and is not. */
export interface ScoredRow extends Row {
	readonly head: number;
}

/** The place whose logits are for the first scored token. */
const firstPlace = ({ head }: ScoredRow): number => Math.max(0, head - 1);
const placesOf = (row: ScoredRow): number => Math.max(0, row.tokens.length - 1 - firstPlace(row));

/** All rows in one run of `scoringGraph`; results in their order. */
export async function scoreWhole(
	session: GraphSession,
	spec: ModelSpec,
	rows: readonly ScoredRow[],
	signal?: AbortSignal,
): Promise<readonly Float32Array[]> {
	const length = Math.max(...rows.map((row) => row.tokens.length)) - 1;
	if (length < 1) return rows.map(() => new Float32Array(0));
	const ids = new Int32Array(rows.length * length).fill(spec.padToken);
	const targets = ids.slice();
	rows.forEach((row, b) => {
		ids.set(row.tokens.slice(0, -1), b * length);
		targets.set(row.tokens.slice(1), b * length);
	});
	const outputs = await session.run(
		{
			ids: feedInt(ids, [rows.length, length]),
			targets: feedInt(targets, [targets.length]),
			mask: feedFloat(causalMask(length), [1, 1, length, length]),
			...angleFeeds(spec, length),
		},
		signal,
	);
	const logprobs = floats(outputs, 'logprobs');
	return rows.map((row, b) => {
		const from = b * length + firstPlace(row);
		return logprobs.slice(from, from + placesOf(row));
	});
}

/**
 * Scores texts on a session of `stepGraph`: what they begin with is read once, and of the logits no more is held than of
 * one run's tokens.
 */
export async function scoreInChunks(
	stepper: Stepper,
	lanes: number,
	rows: readonly ScoredRow[],
): Promise<readonly Float32Array[]> {
	const results = rows.map((row) => new Float32Array(placesOf(row)));
	const open = rows.flatMap((row, place) => (placesOf(row) > 0 ? [{ row, place }] : []));
	const packs = prefixGroups(
		open.map(({ row }) => ({ tokens: row.tokens.slice(0, -1), shareable: firstPlace(row) })),
	).flatMap(({ length, rows: members }) => {
		let read: Promise<CachedTokens | null> | undefined;
		const prefix = (): Promise<CachedTokens | null> => {
			const tokens = open[members[0] ?? 0]?.row.tokens.slice(0, length) ?? [];
			if (length === 0) return Promise.resolve(null);
			read ??= prefill(stepper, null, [{ tokens, wantedFrom: length }], () => undefined).then(
				([cache]) => cache ?? null,
			);
			return read;
		};
		const made: (typeof open)[] = [];
		for (const member of members.flatMap((at) => open[at] ?? [])) {
			const last = made.at(-1);
			const rest = member.row.tokens.length - 1 - length;
			const { chunk, rows: most } = stepper.limits;
			const fit = Math.min(chunk / rest, most(length + rest));
			if (last && last.length + 1 <= fit) last.push(member);
			else made.push([member]);
		}
		return made.map((pack) => ({ pack, prefix, length }));
	});

	const work = async (): Promise<void> => {
		for (let next = packs.shift(); next; next = packs.shift()) {
			const { pack, prefix, length } = next;
			await prefill(
				stepper,
				await prefix(),
				pack.map(({ row }) => ({
					tokens: row.tokens.slice(length, -1),
					wantedFrom: firstPlace(row) - length,
				})),
				(at, step, logits) => {
					const member = pack[at];
					if (!member) return;
					const place = length + step;
					const target = member.row.tokens[place + 1] ?? 0;
					const result = results[member.place];
					if (result)
						result[place - firstPlace(member.row)] = (logits[target] ?? NaN) - logSumExp(logits);
				},
			);
		}
	};
	await Promise.all(Array.from({ length: Math.max(1, lanes) }, work));
	return results;
}
