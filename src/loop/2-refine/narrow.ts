/** @file Narrowing of an experience by a filter: which of its rollouts are still learnt. */
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Example } from '#loop/example.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import { keep, setAside, textExamples } from './fate.ts';

/** Rollouts that a filter may keep: with an answer, and not made to be rejected. */
export const candidatesOf = ({ rollouts }: Pick<Experience, 'rollouts'>): readonly Rollout[] =>
	rollouts.filter(({ answer, side }) => answer !== null && side !== 'rejected');

/** The first rollout that gave the answer which the feedback is about; undefined if there is none. */
export function answererOf(one: Experience): Rollout | undefined {
	const { feedback, fate } = one;
	if (fate.kind === 'set-aside' || feedback.kind === 'unjudged') return undefined;
	return candidatesOf(one).find(({ answer }) => answer === feedback.answer);
}

/**
 * The experience with only these of its rollouts learnt. A fresh one is kept with them as they were sampled; one that was
 * kept before loses the examples of all others; without any left it is set aside for `reason`.
 */
export function narrow(
	one: Experience,
	good: readonly Rollout[],
	by: string,
	reason: string,
	environment: EnvironmentFor<never>,
): Experience {
	const { task, feedback, fate } = one;
	if (fate.kind === 'set-aside') return one;
	if (feedback.kind === 'unjudged') return setAside(one, by, `unjudged: ${feedback.reason}`);
	if (good.length === 0) return setAside(one, by, reason);
	const texts = textExamples(task, good, environment);
	if (fate.kind === 'fresh') return keep(one, texts);
	const said = new Set(texts.map(textOf));
	const answers = new Set(good.map(({ answer }) => answer));
	const examples = fate.examples.filter((example) =>
		example.kind === 'answer' ? answers.has(example.answer) : said.has(textOf(example)),
	);
	return examples.length === 0
		? setAside(one, by, reason)
		: { ...one, fate: { kind: 'kept', examples } };
}

const textOf = (example: Example): string =>
	example.kind === 'text' ? JSON.stringify([example.prompt, example.completion]) : '';
