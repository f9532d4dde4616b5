/** @file Rollouts for tests, as an engine that tells no tokens would leave them. */
import type { Prompt } from '#base/prompt.ts';
import { promptTurns, type Rollout, type Turn } from '#loop/rollout/rollout.ts';

/** One prompt, one answer. */
export function rolloutOf(
	given: Pick<Rollout, 'view' | 'answer'> &
		Partial<Pick<Rollout, 'malformed' | 'stopReason' | 'id'>> & {
			readonly prompt: Prompt;
			readonly completion: string;
			readonly tokens?: readonly number[];
			/** Of each token of the completion, nats. */
			readonly logprobs?: readonly number[];
		},
): Rollout {
	const { prompt, completion, tokens, logprobs, ...rest } = given;
	const said: Turn = {
		role: typeof prompt === 'string' ? 'text' : 'assistant',
		content: completion,
		sampled: true,
		...(tokens && { tokens }),
		...(logprobs && { logprobs }),
	};
	return {
		id: 'test/1/0',
		group: 'test',
		seat: 'solver',
		stopReason: 'stop',
		rewards: {},
		turns: [...promptTurns(prompt), said],
		...rest,
	};
}
