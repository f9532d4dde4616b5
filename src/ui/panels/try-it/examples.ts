/** @file Tasks to try: one it could always do, one at the edge of what it can do, one beyond. */
import { drawHeldOut } from '#environments/held-out.ts';
import type { Environment } from '#environments/environment.ts';

export interface TryExample {
	readonly difficulty: number;
	/** Purpose of the example. */
	readonly words: string;
}

/** Difficulties worth trying, each once, easiest first. */
export function tryExamples(
	{ tasks: { difficulty } }: Environment,
	taught: readonly [from: number, to: number] | undefined,
	frontier: number | null,
): readonly TryExample[] {
	const known = taught?.[1] ?? difficulty.min;
	const edge = Math.max(frontier ?? known, difficulty.min);
	const wanted: readonly TryExample[] = [
		{ difficulty: Math.max(difficulty.min, Math.min(known, edge) - 3), words: 'easy' },
		{ difficulty: edge, words: frontier === null ? 'what it was taught' : 'the most it can do' },
		{ difficulty: edge + 2, words: 'harder' },
	];
	return wanted.filter(
		(example, i) =>
			example.difficulty <= difficulty.max &&
			wanted.findIndex((other) => other.difficulty === example.difficulty) === i,
	);
}

/** A task of that difficulty that it is never trained on; another one for every `seed`. */
export function exampleText(
	environment: Environment,
	difficulty: number,
	seed: number,
): string | undefined {
	const strata = environment.tasks.strata.filter(
		(name) => environment.tasks.space(difficulty, name) > 0,
	);
	const stratum = strata[seed % Math.max(1, strata.length)];
	if (stratum === undefined) return undefined;
	const [item] = drawHeldOut(environment, difficulty, stratum, 1, seed);
	return item && environment.words.show(item);
}
