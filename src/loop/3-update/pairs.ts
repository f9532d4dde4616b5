/** @file Preference pairs: of the answers to one prompt, those that were scored best beside those that were scored lower. */
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Example, Said } from '#loop/example.ts';
import type { TrainPlan } from '#loop/plan.ts';
import {
	completionOf,
	isPromptLed,
	promptOf,
	saidTokens,
	taughtBy,
	type Rollout,
} from '#loop/rollout/rollout.ts';
import type { Context, Experience } from '#loop/types.ts';
import { examplesOf, newest } from './plan.ts';

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
			const key = JSON.stringify(promptOf(beginningOf(one.rollout)));
			byPrompt.set(key, [...(byPrompt.get(key) ?? []), one]);
		}
		return [...byPrompt.values()].flatMap((answers): readonly Example[] => {
			const sided = answers.filter(({ rollout }) => rollout.side !== undefined);
			const pairs = sided.length > 0 ? bySide(sided) : byScore(answers);
			return pairs.map(parting).flatMap(([chosen, rejected]): readonly Example[] =>
				// A text cannot be preferred to itself.
				saidOf(chosen) === saidOf(rejected)
					? []
					: [
							{
								kind: 'pair',
								difficulty: task.difficulty,
								prompt: promptOf(chosen),
								...sides(chosen, rejected),
							},
						],
			);
		});
	});

interface Scored {
	readonly rollout: Rollout;
	readonly score: number;
}
type Pair = readonly [chosen: Rollout, rejected: Rollout];

/** Each of the best answers over one that is worse, once. */
function byScore(answers: readonly Scored[]): readonly Pair[] {
	const best = Math.max(...answers.map(({ score }) => score));
	const rejected = distinct(answers.filter(({ score }) => score < best));
	return distinct(answers.filter(({ score }) => score === best)).flatMap((chosen, i) => {
		const other = rejected[i];
		return other ? [[chosen, other] as const] : [];
	});
}

/** Each answer that was made to be rejected under one of the best that were made to be chosen, in turn. */
function bySide(answers: readonly Scored[]): readonly Pair[] {
	const better = answers.filter(({ rollout }) => rollout.side === 'chosen');
	const best = Math.max(...better.map(({ score }) => score));
	const chosen = distinct(better.filter(({ score }) => score === best));
	return distinct(answers.filter(({ rollout }) => rollout.side === 'rejected')).flatMap(
		(rejected, i) => {
			const one = chosen[i % Math.max(1, chosen.length)];
			return one ? [[one, rejected] as const] : [];
		},
	);
}

/** The rollout as it was after its first turn if each of its turns is learnt, else all of it. */
const beginningOf = (rollout: Rollout): Rollout => taughtBy(rollout)[0] ?? rollout;

/** What was said in the turns that are learnt. */
const saidOf = (rollout: Rollout): string => JSON.stringify(taughtBy(rollout).map(completionOf));

/**
 * Both as they were after the first turn in which they differ: of two dialogues whose turns are all learnt, what was seen
 * before that turn is the same (ETO, Song et al. 2024, pairs whole trajectories). One that is the beginning of the other
 * gives a pair of equals.
 */
function parting([chosen, rejected]: Pair): Pair {
	if (chosen.learns !== 'each' || rejected.learns !== 'each') return [chosen, rejected];
	const others = taughtBy(rejected);
	const at = taughtBy(chosen).findIndex((one, i) => {
		const other = others[i];
		return other !== undefined && completionOf(one) !== completionOf(other);
	});
	return [taughtBy(chosen)[at] ?? chosen, others[at] ?? chosen];
}

/** Each completion once, in order. */
const distinct = (answers: readonly { readonly rollout: Rollout }[]): readonly Rollout[] => [
	...new Map(answers.map(({ rollout }) => [saidOf(rollout), rollout])).values(),
];

function said(rollout: Rollout): Said {
	const tokens = saidTokens(rollout);
	return { completion: completionOf(rollout), ...(tokens && { tokens }) };
}
const sides = (chosen: Rollout, rejected: Rollout) => ({
	chosen: said(chosen),
	rejected: said(rejected),
});

/**
 * The plan over pairs of this round and whatever pairs it holds already. Where the objective learns texts too, what is
 * preferred is what the filter kept, and what was kept without a worse answer beside it stays as it is.
 */
export function withPairs(
	plan: TrainPlan,
	refined: readonly Experience[],
	{ world }: Context,
	learnsTexts = false,
): TrainPlan {
	const { environment } = world;
	const found = refined.flatMap((one): readonly Example[] => {
		const pairs = pairsOf([learnsTexts ? keptAlone(one) : one], environment);
		return pairs.length > 0 || !learnsTexts ? pairs : examplesOf([one], environment);
	});
	const held = (example: Example): boolean => example.kind === 'pair' || learnsTexts;
	return {
		...plan,
		mixture: plan.mixture.map((part) => ({
			...part,
			examples:
				part.name === newest
					? [...part.examples.filter(isPair), ...found]
					: part.examples.filter(held),
		})),
	};
}

const isPair = ({ kind }: Example): boolean => kind === 'pair';

/** The experience without right answers that the filter left out. */
function keptAlone(one: Experience): Experience {
	const { feedback, fate, rollouts } = one;
	if (fate.kind !== 'kept' || feedback.kind !== 'scored') return one;
	const kept = new Set(fate.examples.flatMap((e) => (e.kind === 'text' ? [e.completion] : [])));
	const scores = feedback.each.map((score) => score ?? 0);
	const best = Math.max(...scores);
	const each = feedback.each.map((score, i) => {
		const rollout = rollouts[i];
		return score === best && rollout && !kept.has(completionOf(rollout)) ? null : score;
	});
	return { ...one, feedback: { ...feedback, each } };
}
