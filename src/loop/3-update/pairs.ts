/** @file Preference pairs: of the answers to one prompt, those that were scored best beside those that were scored lower. */
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Example, Said } from '#loop/example.ts';
import type { TrainPlan } from '#loop/plan.ts';
import {
	completionOf,
	isPromptLed,
	promptOf,
	saidTokens,
	type Rollout,
} from '#loop/rollout/rollout.ts';
import type { Context, Experience } from '#loop/types.ts';
import { newest } from './plan.ts';

/**
 * The pairs that kept experience gives: each answer with the highest score of its prompt is chosen over one with a lower
 * score, once; where sides are known from how answers were made, over one of the other side, whatever its score. Unjudged
 * answers, and those that were led by a hint or a critique, are in no pair; held-out items give none.
 */
export const pairsOf = (
	experience: readonly Experience[],
	environment: EnvironmentFor<never>,
): readonly Example[] =>
	experience.flatMap(({ task, rollouts, feedback, fate }) => {
		if (
			fate.kind !== 'kept' ||
			feedback.kind !== 'scored' ||
			environment.tasks.isHeldOut(task.item)
		)
			return [];
		const scored = rollouts.flatMap((rollout, i) => {
			const score = feedback.each[i] ?? null;
			return score === null || isPromptLed(rollout) ? [] : [{ rollout, score }];
		});
		const byPrompt = new Map<string, typeof scored>();
		for (const one of scored) {
			const key = JSON.stringify(promptOf(one.rollout));
			byPrompt.set(key, [...(byPrompt.get(key) ?? []), one]);
		}
		return [...byPrompt.values()].flatMap((answers): readonly Example[] => {
			const sided = answers.filter(({ rollout }) => rollout.side !== undefined);
			const better = sided.length > 0 ? sided.filter(isChosen) : answers;
			const best = Math.max(...better.map(({ score }) => score));
			const chosen = distinct(better.filter(({ score }) => score === best));
			const rejected = distinct(
				sided.length > 0
					? sided.filter((one) => !isChosen(one))
					: answers.filter(({ score }) => score < best),
			);
			const { difficulty } = task;
			return chosen.flatMap((one, i): readonly Example[] => {
				const other = rejected[i];
				// A text cannot be preferred to itself.
				if (!other || completionOf(other) === completionOf(one)) return [];
				return [{ kind: 'pair', difficulty, prompt: promptOf(one), ...sides(one, other) }];
			});
		});
	});

const isChosen = ({ rollout }: { readonly rollout: Rollout }): boolean => rollout.side === 'chosen';

/** Each completion once, in order. */
const distinct = (answers: readonly { readonly rollout: Rollout }[]): readonly Rollout[] => [
	...new Map(answers.map(({ rollout }) => [completionOf(rollout), rollout])).values(),
];

function said(rollout: Rollout): Said {
	const tokens = saidTokens(rollout);
	return { completion: completionOf(rollout), ...(tokens && { tokens }) };
}
const sides = (chosen: Rollout, rejected: Rollout) => ({
	chosen: said(chosen),
	rejected: said(rejected),
});

/** The plan over pairs of this round and whatever pairs it holds already. */
export const withPairs = (
	plan: TrainPlan,
	refined: readonly Experience[],
	{ world }: Context,
): TrainPlan => ({
	...plan,
	mixture: plan.mixture.map((part) => ({
		...part,
		examples: [
			...part.examples.filter(({ kind }) => kind === 'pair'),
			...(part.name === newest ? pairsOf(refined, world.environment) : []),
		],
	})),
});
