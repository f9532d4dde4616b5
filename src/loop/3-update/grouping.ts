/**
 * @file Groups of rollouts for policy gradients: how much better each answer to a task was than the others (GRPO, Shao et
 * al. 2024, arXiv 2402.03300).
 */
import type { EnvironmentFor } from '#environments/environment.ts';
import { groupAdvantages, type GroupOptions } from '#objectives/policy-gradient.ts';
import type { Example } from '#loop/example.ts';
import type { TrainPlan } from '#loop/plan.ts';
import {
	completionOf,
	isLed,
	promptOf,
	saidTokens,
	taughtBy,
	type Rollout,
} from '#loop/rollout/rollout.ts';
import type { Context, Experience, Task } from '#loop/types.ts';
import { newest } from './plan.ts';

/** Mean of the rewards by weight, in [0, 1]; null if none was judged, or none counts. */
export function meanReward({ rewards }: Pick<Rollout, 'rewards'>): number | null {
	let [sum, weight] = [0, 0];
	for (const reward of Object.values(rewards))
		if ('value' in reward) {
			sum += reward.value * reward.weight;
			weight += reward.weight;
		}
	return weight > 0 ? sum / weight : null;
}

/**
 * The judged rollouts of each task with their advantages, kept by a filter or not: wrong answers teach as well. Answers
 * as good as their whole group teach nothing and are left out (dynamic sampling, Yu et al. 2025), and so are those that
 * were led by a hint or a critique, and held-out items. Throws if an engine told the tokens of none.
 */
export function advantagedOf(
	experience: readonly Experience[],
	environment: EnvironmentFor<never>,
	options: GroupOptions,
): readonly Example[] {
	const judged = experience
		.filter(({ task }) => !environment.tasks.isHeldOut(task.item))
		.flatMap(({ task, rollouts }) =>
			groupsOf(rollouts).flatMap((group) => {
				const advantages = groupAdvantages(group.map(meanReward), options);
				return group.flatMap((rollout, i) => {
					const advantage = advantages[i] ?? 0;
					return advantage === 0 ? [] : [{ task, rollout, advantage }];
				});
			}),
		);
	const examples = judged.flatMap(({ task, rollout, advantage }) =>
		taughtBy(rollout).flatMap((one) => sampledExample(task, one, advantage)),
	);
	if (examples.length === 0 && judged.length > 0)
		throw new Error(
			'Policy gradients need the tokens of the answers with their log-probabilities, and the model that answered tells none; choose another objective, or let a model answer that runs here.',
		);
	return examples;
}

/** Rollouts that are compared with each other, without those that were led. */
function groupsOf(rollouts: readonly Rollout[]): readonly (readonly Rollout[])[] {
	const groups = new Map<string, Rollout[]>();
	for (const rollout of rollouts)
		if (!isLed(rollout)) groups.set(rollout.group, [...(groups.get(rollout.group) ?? []), rollout]);
	return [...groups.values()];
}

function sampledExample(
	{ difficulty }: Task,
	rollout: Rollout,
	advantage: number,
): readonly Example[] {
	const tokens = saidTokens(rollout);
	if (!tokens || tokens.logprobs.length !== tokens.completion.length) return [];
	const [prompt, completion] = [promptOf(rollout), completionOf(rollout)];
	return [{ kind: 'text', difficulty, prompt, completion, tokens, advantage }];
}

/** The plan over this round's rollouts with their advantages, and whatever examples with one it holds already. */
export const withAdvantages = (
	plan: TrainPlan,
	refined: readonly Experience[],
	{ world }: Context,
	options: GroupOptions,
): TrainPlan => ({
	...plan,
	mixture: plan.mixture.map((part) => ({
		...part,
		examples:
			part.name === newest
				? advantagedOf(refined, world.environment, options)
				: part.examples.filter((one) => one.kind === 'text' && one.advantage !== undefined),
	})),
});
