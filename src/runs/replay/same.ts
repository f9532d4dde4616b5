/**
 * @file Comparison of two runs of one recipe, round by round and to the last bit: kept labels, every optimizer step, the
 * hash of the policy, and each held-out answer.
 */
import { hash32 } from '#base/random.ts';
import type { Score, ScoreCell } from '#loop/types.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { isScore } from '../stored/score.ts';

/** Parts of a round, in the order in which they come about. */
export const parts = ['labels', 'steps', 'policy', 'examination'] as const;
export type Part = (typeof parts)[number];

/** What a comparison found. */
export type Sameness =
	/** Another recipe or seed: nothing was to be expected. */
	| { readonly kind: 'other-recipe' }
	/** Equal in every round that both have finished. */
	| { readonly kind: 'equal'; readonly rounds: number }
	/** The first part that differs, and its round. */
	| { readonly kind: 'differs'; readonly t: number; readonly part: Part };

/** Is it the same request, the number of rounds aside? */
export function sameRecipe(a: RunRecord, b: RunRecord): boolean {
	const [left, right] = [a, b].map(({ recipe: { rounds: _, ...recipe } }) => written(recipe));
	return left === right;
}

/** Compares the rounds that both runs have finished; round 0 is the first examination. */
export function sameRun(a: RunRecord, b: RunRecord): Sameness {
	if (!sameRecipe(a, b)) return { kind: 'other-recipe' };
	const rounds = Math.min(roundsOf(a), roundsOf(b));
	// The last round of a run is examined on more than those before it: of that, what both were asked counts.
	const isCut = a.recipe.rounds !== b.recipe.rounds;
	for (let t = 0; t <= rounds; t++) {
		const asked = t === rounds && isCut ? bothAsked(a, b, t) : undefined;
		const [left, right] = [roundOf(a, t, asked), roundOf(b, t, asked)];
		const part = parts.find((one) => written(left[one]) !== written(right[one]));
		if (part) return { kind: 'differs', t, part };
	}
	return { kind: 'equal', rounds: Math.max(0, rounds) };
}

/** Eight hexadecimal digits of all finished rounds, to be read aloud: two equal runs of as many rounds have the same. */
export function fingerprintOf(run: RunRecord): string {
	const all = Array.from({ length: roundsOf(run) + 1 }, (_, t) => roundOf(run, t));
	return hash32(written(all)).toString(16).padStart(8, '0');
}

/** The last round with an examination; −1 before the first. */
export const roundsOf = (run: RunRecord): number =>
	Math.max(-1, ...scoresOf(run).map(({ t }) => t));

const scoresOf = (run: RunRecord): readonly Score[] => run.scores.filter(isScore);

const nameOf = ({ difficulty, stratum }: ScoreCell): string => `${difficulty}/${stratum}`;

const cellsOf = (run: RunRecord, t: number): readonly ScoreCell[] =>
	scoresOf(run).flatMap((score) => (score.t === t ? score.cells : []));

/** Difficulties and strata that both runs examined after a round. */
function bothAsked(a: RunRecord, b: RunRecord, t: number): ReadonlySet<string> {
	const others = new Set(cellsOf(b, t).map(nameOf));
	return new Set(
		cellsOf(a, t)
			.map(nameOf)
			.filter((name) => others.has(name)),
	);
}

/** A round in the parts that are compared; of its examination only some cells, if they are named. */
function roundOf(
	run: RunRecord,
	t: number,
	asked?: ReadonlySet<string>,
): Readonly<Record<Part, unknown>> {
	const scores = scoresOf(run).filter((score) => score.t === t);
	return {
		labels: run.truths.filter((row) => row.t === t),
		steps: run.curve.filter((point) => point.t === t),
		policy: scores.map(({ policy }) => policy),
		examination: asked
			? cellsOf(run, t).filter((cell) => asked.has(nameOf(cell)))
			: // Where the first examination was read from is no part of what it found.
				scores.map(({ policy: _policy, stored: _stored, ...found }) => found),
	};
}

/** JSON with its keys in one order: a record that was read back may have another. */
const written = (value: unknown): string =>
	JSON.stringify(value, (_, part: unknown) =>
		typeof part === 'object' && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
			: part,
	);
