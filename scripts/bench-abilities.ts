/**
 * @file The section `abilities`: for each ability with a seedling, the recipe for its environment as it is, in Node; the
 * frontier before and after on held-out problems, and how many labels were true. One thread, runs kept in memory.
 */
import { byAbility } from '#environments/environment.ts';
import { environments } from '#environments/registry.ts';
import type { Score } from '#loop/types.ts';
import { methodFor, methodNamed, methods } from '#methods/registry.ts';
import { isScore } from '#runs/stored/score.ts';
import { seedlings, type Seedling } from '#seedlings/seedlings.ts';
import { processorSeconds, runInMemory } from './bench-run.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const mostMinutes = 5;
/** `BENCH_ENVIRONMENTS=order,blocks` for some of them. */
const chosen = process.env['BENCH_ENVIRONMENTS']?.split(',');
/** `BENCH_ROUNDS=3` for at most so many rounds. */
const mostRounds = Number(process.env['BENCH_ROUNDS'] ?? Infinity);

const cellsOf = (score: Score | undefined): readonly string[] =>
	score?.cells.map((c) => `${c.difficulty} ${c.stratum} ${c.correct}/${c.n}`) ?? [];

/** A run for each seed in every environment that a seedling begins in, by ability. */
export async function benchmarkAbilities(
	seeds: readonly number[],
	keep: (figures: readonly Figure[]) => Promise<void>,
): Promise<readonly Figure[]> {
	const figures: Figure[] = [];
	const all: readonly Seedling[] = Object.values(seedlings);
	for (const { title, parts } of byAbility(Object.values(environments)))
		for (const { name } of parts) {
			const seedling = all.find(({ environment }) => environment === name);
			if (!seedling || (chosen && !chosen.includes(name))) continue;
			const method = methodNamed(methodFor(methods, name)?.name ?? 'easy-to-hard');
			const { knobs } = seedling;
			for (const seed of seeds) {
				const asked = {
					method: method.name,
					environment: name,
					rounds: Math.min(method.rounds, mostRounds),
					seed,
					knobs,
				};
				const began = processorSeconds();
				const record = await runInMemory(asked, mostMinutes);
				const scores = record.scores.filter(isScore);
				const [first, last] = [scores[0], scores.at(-1)];
				figures.push({
					figure: `${title}: ${name}, ${method.name}, seed ${seed}`,
					'seconds of processor time': Math.round(processorSeconds() - began),
					frontier: `${first?.frontier ?? '?'} → ${last?.frontier ?? '?'}`,
					'by round': scores.map(({ frontier }) => frontier),
					'kept labels that are true': record.truths.map((row) => `${row.correct}/${row.judged}`),
					before: cellsOf(first),
					after: cellsOf(last),
				});
				console.log(figures.at(-1)?.figure, figures.at(-1)?.['frontier']);
				await keep(figures);
			}
		}
	return figures;
}
