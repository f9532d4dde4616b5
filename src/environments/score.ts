/** @file Scores: a verdict and graded rewards for one answer, given asynchronously. */
import type { Message } from '#base/prompt.ts';
import { cutOff, isRight, type AnswerFormat, type Reference } from './answers.ts';
import type { Item, View } from './item.ts';
import type { Sandbox } from './programs/sandbox.ts';

/** A fault of the verifier is `unjudged`, never `wrong`. */
export type Verdict =
	| { readonly kind: 'correct' }
	/** `expected` is the canonical answer. */
	| { readonly kind: 'wrong'; readonly expected: string }
	| { readonly kind: 'malformed'; readonly reason: string }
	| { readonly kind: 'unjudged'; readonly reason: string };

/** A reward in [0, 1] with its weight among the others, or why there is none. */
export type Reward =
	{ readonly value: number; readonly weight: number } | { readonly unjudged: string };

export interface Score {
	readonly verdict: Verdict;
	/** By name. */
	readonly rewards: Readonly<Record<string, Reward>>;
}

/** What is scored. */
export interface Scored {
	readonly item: Item;
	readonly view: View;
	/** The model's last reply, with its end mark (`completionOf`). */
	readonly completion: string;
	/** As engines name it; `stop` where the model ended by itself. */
	readonly stopReason: string;
	/** The whole dialogue, where it had more than one turn; of a text, what the model said is `assistant`. */
	readonly turns?: readonly Message[];
}

/** What a scorer may use. */
export interface ScoreTools {
	readonly signal: AbortSignal;
	/** Runs programs that a model wrote; absent where there is none. */
	readonly sandbox?: Sandbox;
}

/** Never rejects for a fault of its own, which is `unjudged`; rejects when `signal` is aborted. */
export type Scorer = (scored: Scored, tools?: ScoreTools) => Promise<Score>;

/** A graded reward: how far an answer in canonical form is right, in [0, 1]. */
export interface Grade {
	readonly name: string;
	of(item: Item, answer: string): number;
}

/**
 * The scorer of environments whose answers are read and compared with a reference. Its one reward is the grade, by
 * default `correct`, which is 1 or 0; an answer that cannot be read gets 0.
 */
export const scoreByReference =
	(answers: AnswerFormat, reference: Reference, grade?: Grade): Scorer =>
	async ({ item, view, completion, stopReason }, tools) => {
		tools?.signal.throwIfAborted();
		const rewards = (value: number) => ({ [grade?.name ?? 'correct']: { value, weight: 1 } });
		try {
			const found = answers.read(item, view, completion);
			const right = 'answer' in found && isRight(reference, item, found.answer);
			const cut = cutOff({ answers }, stopReason);
			const read = cut === undefined ? found : { malformed: cut };
			if ('malformed' in read)
				return { verdict: { kind: 'malformed', reason: read.malformed }, rewards: rewards(0) };
			const verdict: Verdict = right
				? { kind: 'correct' }
				: { kind: 'wrong', expected: reference.solve(item) };
			return { verdict, rewards: rewards(grade?.of(item, read.answer) ?? Number(right)) };
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			return {
				verdict: { kind: 'unjudged', reason },
				rewards: { [grade?.name ?? 'correct']: { unjudged: reason } },
			};
		}
	};
