/**
 * @file A rollout: one conversation of the policy with a task, turn by turn, with the tokens that were read and sampled.
 *
 * Training uses these tokens. Encoding the text again would give others in several percent of sampled answers, since a
 * tokenizer merges what was sampled in pieces.
 */
import type { Message, Prompt } from '#base/prompt.ts';
import type { Item, View } from '#environments/item.ts';
import type { Reward } from '#environments/score.ts';
import type { Generation, StopReason } from '#engines/engine.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';

/** One turn. The concatenated `tokens` of all turns are the sequence that the model saw. */
export interface Turn {
	/** `text`: plain text that a model without a chat template continues. */
	readonly role: Message['role'] | 'text';
	readonly content: string;
	/**
	 * Token ids as the model read or sampled them; absent if the engine could not tell. A prompt of several messages has
	 * all its tokens in its last turn.
	 */
	readonly tokens?: readonly number[];
	/** Log-probability in nats of each of `tokens`; sampled turns only. */
	readonly logprobs?: readonly number[];
	/** Said by a model, or in its place by a reference or a rule, as opposed to read by it; these have no tokens. */
	readonly sampled: boolean;
	/** The context was encoded anew: `tokens` hold all of it, and continue nothing before. */
	readonly restarts?: true;
}

/** Why a rollout ended: as its last generation did, or by a limit of the dialogue. */
export type RolloutStop = StopReason | 'max-turns' | 'parse-error' | 'timeout';

/** One attempt of one seat at a task. */
export interface Rollout {
	/** Unique within its experience: `<seat>/<n>`. */
	readonly id: string;
	/** Rollouts that are compared with each other: the id of their task. */
	readonly group: string;
	/** Acting seat; `solver` where there is one seat. */
	readonly seat: string;
	/** The way in which the task was written down. */
	readonly view: View;
	readonly turns: readonly Turn[];
	readonly stopReason: RolloutStop;
	/** Canonical answer, or null if the completion has none (`malformed` says why). */
	readonly answer: string | null;
	readonly malformed?: string;
	/** By name: a value in [0, 1], or why nobody could judge. */
	readonly rewards: Readonly<Record<string, Reward>>;
	/** Of the whole rollout, or of each sampled token. */
	readonly advantage?: number | readonly number[];
	/** Made with the answer given away in the prompt (STaR's rationalization). */
	readonly rationalized?: boolean;
	/**
	 * Sampled under a grammar or put into form by a rule (`rules`), or with solved cases in view (`cases`): more than the task
	 * alone gives.
	 */
	readonly grounded?: 'rules' | 'cases';
	/**
	 * Its last turn is what a rule made of what the model said, and no model has sampled it; log-probabilities are those of the
	 * whole draft.
	 */
	readonly recast?: true;
	/** Written after this critique of an earlier answer. */
	readonly critique?: string;
	/** Its side of a preference pair, known from how it was made instead of from its score (SPIN, RLCD). */
	readonly side?: 'chosen' | 'rejected';
	/** The moves of its game from this one on, by whom, in what position; absent where it is no move of a game. */
	readonly game?: readonly {
		readonly seat: string;
		readonly item: Item;
		readonly answer: string | null;
	}[];
	/** What is learnt of several turns: each of the model's, or the last as if it had been the first. Absent: the last. */
	readonly learns?: 'each' | 'direct';
	/** Spoilt on purpose in this way, by its name in the environment. */
	readonly spoilt?: string;
}

/** The turns of a prompt; its tokens, if known, belong to the last of them. */
export function promptTurns(prompt: Prompt, tokens?: readonly number[]): readonly Turn[] {
	const messages =
		typeof prompt === 'string' ? [{ role: 'text' as const, content: prompt }] : prompt;
	return messages.map((message, i) => ({
		...message,
		sampled: false,
		...(tokens && { tokens: i === messages.length - 1 ? tokens : [] }),
	}));
}

/** The turn of a generation; `completion` is its text with the end mark that an environment wants. */
export const sampledTurn = (generation: Generation, completion: string, isChat: boolean): Turn => ({
	role: isChat ? 'assistant' : 'text',
	content: completion,
	sampled: true,
	...(generation.tokens.length > 0 && {
		tokens: generation.tokens,
		logprobs: generation.logprobs.map(rounded),
	}),
});

/** Six significant digits: about what F32 sums can tell apart, and half of the bytes in a stored row. */
const rounded = (logprob: number): number => Number(logprob.toPrecision(6));

/**
 * The turns that a further prompt adds. `prompt` is the whole chat so far, or the whole text; its tokens continue the
 * sequence if they begin with it, else they restart it. A prompt that leaves out what was said is a restart as well.
 */
export function furtherTurns(
	turns: readonly Turn[],
	prompt: Prompt,
	promptTokens: readonly number[] | undefined,
): readonly Turn[] {
	const rest = restOf(turns, prompt);
	const last = turns.findLastIndex(({ restarts }) => restarts === true);
	const seen = turns.slice(Math.max(0, last)).flatMap(({ tokens = [] }) => tokens);
	const continues =
		rest !== undefined &&
		promptTokens !== undefined &&
		turns.every(({ tokens }) => tokens) &&
		seen.every((token, i) => token === promptTokens[i]);
	const added = promptTurns(
		rest ?? prompt,
		continues ? promptTokens.slice(seen.length) : promptTokens,
	);
	return added.map((turn, i) =>
		continues || !turn.tokens || i < added.length - 1 ? turn : { ...turn, restarts: true },
	);
}

/** Rest of a prompt beyond the turns so far; undefined if it does not begin with them. */
function restOf(turns: readonly Turn[], prompt: Prompt): Prompt | undefined {
	if (typeof prompt === 'string') {
		const said = turns.map(({ content }) => content).join('');
		return prompt.startsWith(said) ? prompt.slice(said.length) : undefined;
	}
	const begins = turns.every(({ role }, i) => prompt[i]?.role === role);
	return begins && prompt.length > turns.length ? prompt.slice(turns.length) : undefined;
}

/** The last sampled text: the one that is read and judged. */
export const completionOf = ({ turns }: Pick<Rollout, 'turns'>): string =>
	turns.findLast(({ sampled }) => sampled)?.content ?? '';

/** The prompt before the last sampled turn, as a text or as messages. */
export function promptOf({ turns }: Pick<Rollout, 'turns'>): Prompt {
	const last = turns.findLastIndex(({ sampled }) => sampled);
	const before = last < 0 ? turns : turns.slice(0, last);
	const messages = before.flatMap(({ role, content }) =>
		role === 'text' ? [] : [{ role, content }],
	);
	return messages.length > 0 ? messages : before.map(({ content }) => content).join('');
}

/** Mean log-probability of a sampled token, nats; NaN if unknown. */
export function meanLogprob({ turns }: Pick<Rollout, 'turns'>): number {
	const all = turns.flatMap(({ sampled, logprobs }) => (sampled ? (logprobs ?? []) : []));
	return all.reduce((sum, value) => sum + value, 0) / all.length;
}

/** The same for an order: what nobody can tell comes last. */
export function likelihood(rollout: Pick<Rollout, 'turns'>): number {
	const mean = meanLogprob(rollout);
	return Number.isNaN(mean) ? -Number.MAX_VALUE : mean;
}

/** The first tokens set the form that a task states, however unlikely: `["` of a list, `<<` of a title. */
const opening = 2;

/**
 * Of the least likely sampled word after the opening, in nats; 0 if an engine cannot tell. Tokens without a letter or digit
 * do not count: a line break, bracket or quotation mark is the form that is to be learnt.
 */
export function surprise(
	{ turns }: Pick<Rollout, 'turns'>,
	tokenizer: Pick<TextTokenizer, 'decode'>,
): number {
	const isWord = (token: number | undefined): boolean =>
		token === undefined || /[\p{L}\p{N}]/u.test(tokenizer.decode([token]));
	const words = turns.flatMap(({ sampled, tokens = [], logprobs = [] }) =>
		sampled ? logprobs.filter((_, i) => i >= opening && isWord(tokens[i])) : [],
	);
	return words.reduce((most, logprob) => Math.max(most, -logprob), 0);
}

/** Was it led by more than its task, or made for a pair, so that it says nothing of how likely the policy answers so? */
export const isLed = (rollout: Rollout): boolean =>
	isPromptLed(rollout) || rollout.grounded !== undefined || rollout.side !== undefined;

/** Is its prompt another than the plain one, under which it is to be learnt? */
export const isPromptLed = (rollout: Rollout): boolean =>
	rollout.rationalized === true ||
	rollout.critique !== undefined ||
	rollout.grounded === 'cases' ||
	(rollout.learns === 'direct' && afterEachTurn(rollout).length > 1);

/** The rollout as it was after each of its sampled turns, in their order. */
export const afterEachTurn = <R extends Pick<Rollout, 'turns'>>(rollout: R): readonly R[] =>
	rollout.turns.flatMap(({ sampled }, i) =>
		sampled ? [{ ...rollout, turns: rollout.turns.slice(0, i + 1) }] : [],
	);

/** The rollout as it was after each turn that is learnt of it: that turn is then the last. */
export const taughtBy = (rollout: Rollout): readonly Rollout[] =>
	rollout.learns === 'each' ? afterEachTurn(rollout) : [rollout];

/** Training data of a rollout: context and completion as they were read and sampled. */
export interface SaidTokens {
	readonly prompt: readonly number[];
	readonly completion: readonly number[];
	/** As sampled, nats. */
	readonly logprobs: readonly number[];
}

/** The tokens of the last sampled turn and of everything before it; undefined if the engine could not tell them. */
export function saidTokens({ turns }: Pick<Rollout, 'turns'>): SaidTokens | undefined {
	const last = turns.findLastIndex(({ sampled }) => sampled);
	const said = turns[last];
	if (!said?.tokens) return undefined;
	const from = Math.max(
		0,
		turns.findLastIndex(({ restarts }, i) => restarts === true && i < last),
	);
	const before = turns.slice(from, last);
	if (before.some(({ tokens }) => tokens === undefined)) return undefined;
	return {
		prompt: before.flatMap(({ tokens = [] }) => tokens),
		completion: said.tokens,
		logprobs: said.logprobs ?? [],
	};
}
