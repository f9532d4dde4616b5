/** @file A rollout in which somebody else answers in the model's place: the other side of a preference pair. */
import { readAnswer, writeAnswer } from '#environments/answers.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import { promptTurns, type Rollout } from './rollout.ts';
import type { Question } from './ask.ts';

/** The answer under the plain prompt of the question. It has no tokens: no model has said it. */
export function written(
	{ task, view, prompt }: Question,
	answer: string,
	environment: EnvironmentFor<never>,
	made: Pick<Rollout, 'id' | 'side' | 'spoilt'>,
): Rollout {
	const completion = writeAnswer(environment, task.item, view, answer);
	const read = readAnswer(environment, task.item, view, completion);
	return {
		...{ ...made, group: task.id, seat: 'solver', view, stopReason: 'stop', rewards: {} },
		turns: [
			...promptTurns(prompt),
			{
				role: typeof prompt === 'string' ? 'text' : 'assistant',
				content: completion,
				sampled: true,
			},
		],
		...('answer' in read ? read : { answer: null, malformed: read.malformed }),
	};
}
