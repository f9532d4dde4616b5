/** @file Gain of an answer by its own question: how much likelier it is after it than after others, nats a token. */
import type { Random } from '#base/random.ts';
import { completionOf, promptOf, type Rollout } from './rollout.ts';
import type { Context, Task } from '../types.ts';

export interface Answered {
	readonly task: Task;
	readonly rollout: Rollout;
}

/**
 * Of each answer: its mean log-probability after its question minus the mean over `others` more of the same difficulty (the
 * prior of Zhao et al. 2021); after an empty text where there is no other. The policy's engine scores.
 */
export async function gainsOf(
	answered: readonly Answered[],
	others: number,
	{ world }: Context,
	stream: Random,
): Promise<readonly number[]> {
	const gains = new Map<Answered, number>();
	for (const difficulty of new Set(answered.map(({ task }) => task.difficulty))) {
		const ring = stream.shuffle(answered.filter(({ task }) => task.difficulty === difficulty));
		const count = Math.min(others, ring.length - 1);
		const promptAt = (i: number) => {
			const one = ring[i % ring.length];
			return one ? promptOf(one.rollout) : '';
		};
		const pairs = ring.flatMap(({ rollout }, i) => {
			const completion = completionOf(rollout);
			const prompts = Array.from({ length: count + 1 }, (_, k) => promptAt(i + k));
			if (count < 1) prompts.push('');
			return prompts.map((prompt) => ({ prompt, completion }));
		});
		const scores = await world.engine.score(pairs, { signal: world.signal });
		world.signal.throwIfAborted();
		const width = Math.max(2, count + 1);
		ring.forEach((one, i) => {
			const [own = 0, ...rest] = scores
				.slice(i * width, (i + 1) * width)
				.map((row) => mean([...row]));
			gains.set(one, own - mean(rest));
		});
	}
	return answered.map((one) => gains.get(one) ?? 0);
}

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
