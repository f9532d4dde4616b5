/** @file A rollout in words: who speaks, how it ended, and its rewards by name. */
import type { Rollout, RolloutStop, Turn } from '#loop/rollout/rollout.ts';
import type { Environment } from '#environments/environment.ts';
import { said, t } from '../language/language.svelte.ts';
import type { Key } from '../language/catalogues.ts';
import { percent } from '../language/numbers.ts';

/** Whether the model spoke more than once: shown turn by turn, not as one prompt and one completion. */
export const hasTurns = ({ turns }: Pick<Rollout, 'turns'>): boolean =>
	turns.filter(({ sampled }) => sampled).length > 1;

/**
 * Speaker of a turn: the model where it was sampled, with its seat if there are several. A text without roles begins with
 * the task; what stands between the model's turns is the environment's.
 */
export function speakerOf(
	turn: Turn,
	{ seat, recast, turns }: Pick<Rollout, 'seat'> & Partial<Pick<Rollout, 'recast' | 'turns'>>,
	isFirst = false,
): string {
	const { role, sampled } = turn;
	if (recast && turn === turns?.at(-1)) return t('rollout.recast');
	if (sampled) return seat === 'solver' ? t('rollout.model') : t('rollout.modelAs', { seat });
	if (role === 'text') return t(isFirst ? 'rollout.task' : 'rollout.environment');
	return role === 'assistant' ? t('rollout.given') : role;
}

/** Number of tokens of a turn, and the mean log-probability of sampled ones; empty if nobody knows. */
export function turnNote({ tokens, logprobs, sampled }: Turn): string {
	const size = tokens && tokens.length > 0 ? t('rollout.tokens', { n: tokens.length }) : '';
	if (!sampled || !logprobs || logprobs.length === 0) return size;
	const mean = logprobs.reduce((sum, value) => sum + value, 0) / logprobs.length;
	return [size, likelyWords(mean)].filter((part) => part !== '').join(', ');
}

/** `99.5 % likely a token, on average (−0.005 nats)`: a mean log-probability in words; the chance is the geometric mean. */
export function likelyWords(mean: number): string {
	const value = Math.abs(mean) < 0.0005 ? '0.000' : mean.toFixed(3).replace('-', '−');
	return t('rollout.nats', { value, share: percent(Math.exp(mean)) });
}

/** A map, since a stored reason may be any text. */
const stops: ReadonlyMap<string, Key | ''> = new Map(
	Object.entries({
		stop: '',
		length: 'rollout.length',
		context: 'rollout.context',
		aborted: 'rollout.aborted',
		'max-turns': 'rollout.max-turns',
		'parse-error': 'rollout.parse-error',
		timeout: 'rollout.timeout',
	} satisfies Record<RolloutStop, Key | ''>),
);

/** Why a rollout ended before the model was done; empty if it ended by itself. */
export function stopWords({ stopReason }: Pick<Rollout, 'stopReason'>): string {
	const key = stops.get(stopReason);
	if (key === undefined) return t('rollout.ended', { reason: stopReason });
	return key === '' ? '' : t(key);
}

/** `spoilt on purpose: it drops a carry`; empty if it was not. */
export const spoiltWords = (
	{ spoilt }: Pick<Rollout, 'spoilt'>,
	environment: Pick<Environment, 'faults'> | undefined,
): string =>
	spoilt === undefined
		? ''
		: t('rollout.spoilt', { fault: said(environment?.faults?.ways[spoilt] ?? spoilt) });

/** `correct 100 %`, `format 50 % (weight 0.2)`, `style not judged: the verifier is offline`. */
export const rewardWords = ({ rewards }: Pick<Rollout, 'rewards'>): readonly string[] =>
	Object.entries(rewards).map(([name, reward]) => {
		if ('unjudged' in reward)
			return t('rollout.rewardUnjudged', { name, reason: said(reward.unjudged) });
		const { value, weight } = reward;
		return t(weight === 1 ? 'rollout.reward' : 'rollout.rewardWeight', {
			...{ name, weight, share: percent(value) },
		});
	});
