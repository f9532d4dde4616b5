/**
 * @file Generative replay (survey 6.1.1): problems of before with the policy's own answers, in place of stored data or of
 * true ones.
 *
 * After SSR (Huang et al. 2024, 2403.01244) and SDFT (Yang et al. 2024, 2402.13669): what the model itself says of its old
 * tasks is what it is held to. Differs: the environment draws the problems, the policy that the round began with answers
 * them, and an answer counts only if it gives it in two views. Nobody tells it the truth.
 */
import { derive, random } from '#base/random.ts';
import { drawItems } from '#loop/draw.ts';
import type { Example } from '#loop/example.ts';
import { mostCommon } from '#loop/rollout/agreement.ts';
import { ask, questionOf } from '#loop/rollout/ask.ts';
import type { Context, Task } from '#loop/types.ts';

/** Ways in which each problem is asked; an environment with one view has that one. */
const views = 2;

/** `problems` of each difficulty of before, with the answers that the policy agrees with itself on; none is held out. */
export async function retold(problems: number, context: Context): Promise<readonly Example[]> {
	const { world, t } = context;
	const { environment } = world;
	const tasks = oldTasks(problems, context);
	const questions = tasks.flatMap((task) =>
		environment.tasks
			.views(task.item, views, random(derive(world.seed, 'retell/views', t, task.id)))
			.map((view) => questionOf(environment, task, view)),
	);
	const rollouts = await ask(questions, context, { temperature: 0, purpose: 'retell' });
	return tasks.flatMap((task): readonly Example[] => {
		const own = rollouts.filter((_, i) => questions[i]?.task === task);
		const { answer, count } = mostCommon(own.map((rollout) => rollout.answer));
		if (answer === null || count < own.length) return [];
		return [{ kind: 'answer', item: task.item, difficulty: task.difficulty, answer }];
	});
}

/** Of the difficulties that were taught, or else of all below the practised one. */
function oldTasks(count: number, { world, t, objective }: Context): readonly Task[] {
	const { environment, lessons } = world;
	const { min } = environment.tasks.difficulty;
	const [from, to] = lessons?.range ?? [min, objective.difficulty - 1];
	return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i).flatMap(
		(difficulty) => {
			const stream = random(derive(world.seed, 'retell', t, difficulty));
			return drawItems(environment, 'training', difficulty, count, stream).map((item, i) => ({
				...{ id: `old-${t}-${difficulty}-${i}`, item, difficulty },
				stratum: environment.tasks.stratumOf(item),
				text: environment.words.show(item),
			}));
		},
	);
}
