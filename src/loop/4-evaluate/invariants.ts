/**
 * @file Invariants (survey 3, safety): faults that must not come into what is mastered, where there were none. One answer is
 * enough to undo an update, however much else it mends.
 */
import type { Score, ScoreCell } from '#loop/types.ts';

/**
 * Says which invariant an examination broke; undefined if nothing is held. `never` names faults, with commas between;
 * throws a RangeError if the environment knows no fault of such a name.
 */
export function refusalOf(
	never: string,
	faults: { readonly ways: Readonly<Record<string, string>> } | undefined,
): ((before: Score, after: Score) => string | undefined) | undefined {
	const names = never.split(',').map((name) => name.trim());
	const asked = names.filter((name) => name !== '' && name !== 'none');
	if (asked.length === 0) return undefined;
	const ways = faults?.ways ?? {};
	const held = asked.map((name) => {
		const words = ways[name];
		if (words !== undefined) return words;
		const known = Object.keys(ways).join(', ') || 'none';
		throw new RangeError(`never must name faults of the environment (${known}); got "${name}".`);
	});
	return (before, after) => {
		for (const fault of held)
			for (const now of after.cells) {
				const then = before.cells.find(
					({ difficulty, stratum, n, correct }) =>
						n > 0 &&
						correct / n >= before.threshold &&
						difficulty === now.difficulty &&
						stratum === now.stratum,
				);
				const count = countIn(now, fault);
				if (then && count > 0 && countIn(then, fault) === 0)
					return `at difficulty ${now.difficulty} (${now.stratum}) it ${fault} in ${count} of ${now.n}, where it never did`;
			}
		return undefined;
	};
}

const countIn = ({ faults = [] }: ScoreCell, words: string): number =>
	faults.filter(({ fault }) => fault === words).reduce((sum, { n }) => sum + n, 0);
