/** @file A rollout in words: who speaks, how it ended, and its rewards by name. */
import type { Rollout, RolloutStop, Turn } from '#loop/rollout/rollout.ts';
import type { Environment } from '#environments/environment.ts';
import { percent } from './words.ts';

/** Whether the model spoke more than once: shown turn by turn, not as one prompt and one completion. */
export const hasTurns = ({ turns }: Pick<Rollout, 'turns'>): boolean =>
	turns.filter(({ sampled }) => sampled).length > 1;

/**
 * Speaker of a turn: the model where it was sampled, with its seat if there are several. A text without roles begins with
 * the task; what stands between the model's turns is the environment's.
 */
export function speakerOf(
	{ role, sampled }: Turn,
	{ seat }: Pick<Rollout, 'seat'>,
	isFirst = false,
): string {
	if (sampled) return seat === 'solver' ? 'model' : `model as ${seat}`;
	if (role === 'text') return isFirst ? 'task' : 'environment';
	return role === 'assistant' ? 'assistant, given' : role;
}

/** Number of tokens of a turn, and the mean log-probability of sampled ones; empty if nobody knows. */
export function turnNote({ tokens, logprobs, sampled }: Turn): string {
	const size =
		tokens && tokens.length > 0
			? `${tokens.length} ${tokens.length === 1 ? 'token' : 'tokens'}`
			: '';
	if (!sampled || !logprobs || logprobs.length === 0) return size;
	const mean = logprobs.reduce((sum, value) => sum + value, 0) / logprobs.length;
	return [size, `${mean.toFixed(3)} nats a token`].filter((part) => part !== '').join(', ');
}

/** A map, since a stored reason may be any text. */
const stops: ReadonlyMap<string, string> = new Map(
	Object.entries({
		stop: '',
		length: 'cut off: the longest answer allowed',
		context: 'cut off: the context was full',
		aborted: 'broken off by hand',
		'max-turns': 'ended: no turns were left',
		'parse-error': 'ended: a reply could not be read',
		timeout: 'ended: its time was up',
	} satisfies Record<RolloutStop, string>),
);

/** Why a rollout ended before the model was done; empty if it ended by itself. */
export const stopWords = ({ stopReason }: Pick<Rollout, 'stopReason'>): string =>
	stops.get(stopReason) ?? `ended: ${stopReason}`;

/** `spoilt on purpose: it drops a carry`; empty if it was not. */
export const spoiltWords = (
	{ spoilt }: Pick<Rollout, 'spoilt'>,
	environment: Pick<Environment, 'faults'> | undefined,
): string =>
	spoilt === undefined
		? ''
		: `spoilt on purpose: it ${environment?.faults?.ways[spoilt] ?? spoilt}`;

/** `correct 100 %`, `format 50 % (weight 0.2)`, `style not judged: the verifier is offline`. */
export const rewardWords = ({ rewards }: Pick<Rollout, 'rewards'>): readonly string[] =>
	Object.entries(rewards).map(([name, reward]) =>
		'unjudged' in reward
			? `${name} not judged: ${reward.unjudged}`
			: `${name} ${percent(reward.value)}${reward.weight === 1 ? '' : ` (weight ${reward.weight})`}`,
	);
