/** @file Log-probabilities of given texts, by chunked prefill on top of the KV cache. */
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
					const result = results[member.place];
					if (result)
						result[place - firstPlace(member.row)] = (logits[target] ?? NaN) - logSumExp(logits);
				},
				signal,
			);
		}
	};
	await Promise.all(Array.from({ length: Math.max(1, workers) }, work));
	return results;
}
