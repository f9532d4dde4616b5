/** @file Log-probabilities of given texts in one run, for small models. */
import { feedFloat, feedInt, floats, type GraphSession } from '#graph/runtime/runtime.ts';
import { angleFeeds } from '#model/graphs/feeds.ts';
import { causalMask } from '#model/graphs/masks.ts';
import { fillToken, type ModelSpec } from '#model/model-spec.ts';
import { firstPlace, placesOf, type ScoredRow } from '../decoding/prompts.ts';

/** All rows in one run of `scoringGraph`; results in row order. */
export async function scoreWhole(
	session: GraphSession,
	spec: ModelSpec,
	rows: readonly ScoredRow[],
	signal?: AbortSignal,
): Promise<readonly Float32Array[]> {
	const length = Math.max(...rows.map((row) => row.tokens.length)) - 1;
	if (length < 1) return rows.map(() => new Float32Array(0));
	const ids = new Int32Array(rows.length * length).fill(fillToken(spec));
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
