/** @file Log-probabilities of given texts, by chunked prefill on top of the KV cache. */
import type { TokenRow, TokenScores } from '../engine.ts';
import { firstPlace, placesOf, type ScoredRow } from './prompts.ts';
import type { CachedTokens } from './cached-tokens.ts';
import type { Decoder } from './decoder.ts';
import { logSumExp } from './sampling.ts';
import { prefixGroups } from './shared-prefixes.ts';

/**
 * Scores texts in chunks: shared prefixes are prefilled once, and only one run's logits are in memory. Results are in row
 * order.
 */
export async function scoreInChunks(
	decoder: Decoder,
	workers: number,
	rows: readonly ScoredRow[],
	signal?: AbortSignal,
): Promise<readonly Float32Array[]> {
	const results = rows.map((row) => new Float32Array(placesOf(row)));
	const take: TakeScored = (row, place, target, logits) => {
		const result = results[row];
		if (result) result[place] = (logits[target] ?? NaN) - logSumExp(logits);
	};
	await throughChunks(decoder, workers, rows, take, signal);
	return results;
}

/** The same for rows of tokens, with the `count` likeliest tokens of each place. */
export async function scoreTokensInChunks(
	decoder: Decoder,
	workers: number,
	rows: readonly TokenRow[],
	count: number,
	signal?: AbortSignal,
): Promise<readonly TokenScores[]> {
	const scored = rows.map(({ tokens, from }, index) => ({ tokens, head: from, index }));
	const results = scored.map((row) => ({
		logprobs: new Float32Array(placesOf(row)),
		likeliest: new Int32Array(placesOf(row) * count),
	}));
	const take: TakeScored = (row, place, target, logits) => {
		const result = results[row];
		if (!result) return;
		result.logprobs[place] = (logits[target] ?? NaN) - logSumExp(logits);
		result.likeliest.set(largest(logits, count), place * count);
	};
	await throughChunks(decoder, workers, scored, take, signal);
	return results;
}

/** Receives the logits that predict `target`, the scored token `place` of a row. */
type TakeScored = (row: number, place: number, target: number, logits: Float32Array) => void;

async function throughChunks(
	decoder: Decoder,
	workers: number,
	rows: readonly ScoredRow[],
	take: TakeScored,
	signal?: AbortSignal,
): Promise<void> {
	const open = rows.flatMap((row, place) => (placesOf(row) > 0 ? [{ row, place }] : []));
	const packs = prefixGroups(
		open.map(({ row }) => ({ tokens: row.tokens.slice(0, -1), shareable: firstPlace(row) })),
	).flatMap(({ length, rows: members }) => {
		let read: Promise<CachedTokens | null> | undefined;
		const prefix = (): Promise<CachedTokens | null> => {
			const tokens = open[members[0] ?? 0]?.row.tokens.slice(0, length) ?? [];
			if (length === 0) return Promise.resolve(null);
			read ??= decoder
				.prefill(null, [{ tokens, wantedFrom: length }], () => undefined, signal)
				.then(([cache]) => cache ?? null);
			return read;
		};
		const made: (typeof open)[] = [];
		for (const member of members.flatMap((at) => open[at] ?? [])) {
			const last = made.at(-1);
			const rest = member.row.tokens.length - 1 - length;
			const { chunk, rows: most } = decoder.limits;
			const fit = Math.min(chunk / rest, most(length + rest));
			if (last && last.length + 1 <= fit) last.push(member);
			else made.push([member]);
		}
		return made.map((pack) => ({ pack, prefix, length }));
	});

	const work = async (): Promise<void> => {
		for (let next = packs.shift(); next; next = packs.shift()) {
			const { pack, prefix, length } = next;
			await decoder.prefill(
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
					take(member.place, place - firstPlace(member.row), target, logits);
				},
				signal,
			);
		}
	};
	await Promise.all(Array.from({ length: Math.max(1, workers) }, work));
}

/** Indices of the `count` largest numbers, the largest first; of equals the smaller index. */
function largest(values: Float32Array, count: number): readonly number[] {
	const found: number[] = [];
	const value = (place: number): number => values[found[place] ?? -1] ?? -Infinity;
	for (let i = 0; i < values.length; i++) {
		const here = values[i] ?? -Infinity;
		if (found.length === count && !(here > value(count - 1))) continue;
		let at = found.length;
		while (at > 0 && here > value(at - 1)) at--;
		found.splice(at, 0, i);
		if (found.length > count) found.pop();
	}
	return found;
}
