/**
 * @file The section `recall`: the recipe `memory-alone`, which trains nothing, beside the same with memory switched off while it
 * solves and while it is examined. Held-out problems, those of levels that are practised and of two above.
 */
import type { KnobValue } from '#base/knobs.ts';
import type { Score } from '#loop/types.ts';
import { methodNamed } from '#methods/registry.ts';
import { isScore } from '#runs/stored/score.ts';
import { inWords, runInMemory, type Figure, type Keep } from './bench-run.ts';

const switches: Readonly<Record<string, Readonly<Record<string, KnobValue>>>> = {
	'memory on': {},
	'memory off': { recalled: 0, examples: 0 },
};

/** Each difficulty apart. */
const byLevel = (score: Score | undefined): readonly string[] =>
	score?.cells.map((cell) => `${cell.difficulty}: ${inWords([cell])}`) ?? [];

export async function benchmarkRecall(
	seeds: readonly number[],
	keep: Keep,
): Promise<readonly Figure[]> {
	const figures: Figure[] = [];
	const { name, environment, rounds } = methodNamed('memory-alone');
	for (const seed of seeds)
		for (const [title, knobs] of Object.entries(switches)) {
			const began = performance.now();
			const record = await runInMemory({ method: name, environment, rounds, seed, knobs });
			const scores = record.scores.filter(isScore);
			const [first, last] = [scores[0], scores.at(-1)];
			figures.push({
				figure: `${environment}, ${title}, seed ${seed}`,
				seconds: Math.round((performance.now() - began) / 1000),
				'right of all, by round': scores.map(({ cells }) => inWords(cells)),
				before: byLevel(first),
				after: byLevel(last),
				'kept labels that are true': record.truths.map((row) => `${row.correct}/${row.judged}`),
				'steps of training': record.curve.length,
			});
			console.log(figures.at(-1));
			await keep(figures);
		}
	return figures;
}
