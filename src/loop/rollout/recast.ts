/**
 * @file A rollout whose free answer is cast into the form of its task by rule: the model's own words, learnt as the answer
 * to the plain task.
 */
import { readAnswer } from '#environments/answers.ts';
import type { EnvironmentFor, Recast } from '#environments/environment.ts';
import type { Question } from './ask.ts';
import { completionOf, promptTurns, type Rollout } from './rollout.ts';

/** The draft, the task, and what the rule makes of it: nothing where the draft says too little. */
export function recastRollout(
	rollout: Rollout,
	{ task, view }: Pick<Question, 'task' | 'view'>,
	{ cast }: Recast,
	environment: EnvironmentFor<never>,
): Rollout {
	const content = cast(completionOf(rollout));
	const read =
		content === undefined
			? { malformed: 'it says too little for the form of its task' }
			: readAnswer(environment, task.item, view, content);
	const { malformed: _, ...before } = rollout;
	return {
		...before,
		turns: [
			...rollout.turns,
			...promptTurns(environment.open(task.item, view).first()),
			{ role: 'assistant', content: content ?? '', sampled: true },
		],
		stopReason: 'stop',
		grounded: 'rules',
		learns: 'direct',
		recast: true,
		...('answer' in read ? read : { answer: null, malformed: read.malformed }),
	};
}
