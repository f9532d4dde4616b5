/**
 * @file The survey's symbols as types (section 2 and equations 1–7): Eᵗ, Tᵗ, Yᵗ, Fᵗ, T̃ᵗỸᵗ, Mᵗ, ENV, Sᵗ,
 * and one function type per step.
 */
import type { Message } from '#base/prompt.ts';
import type { Random } from '#base/random.ts';
import type { Spoken } from '#environments/answers.ts';
import type { EnvironmentFor, Need } from '#environments/environment.ts';
import type { Item, View } from '#environments/item.ts';
import type { Engine, PolicyEngine } from '#engines/engine.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { StepReport, TrainerFactory } from '#training/trainer.ts';
import type { Example } from './example.ts';
import type { Meter } from './meter.ts';
import type { Plan } from './plan.ts';
import type { WatchSteps } from './3-update/watch.ts';
import type { Policy } from './policy/policy.ts';
import type { Rollout } from './rollout/rollout.ts';
import type { PlaceScore, ScoreCell } from './score.ts';

export type { FaultScore, KindScore, PassShares, PlaceScore } from './score.ts';
export type { ScoreCell, ShownAnswer } from './score.ts';

/** Directions of evolution (section 3). */
export const directions = [
	'improve-performance',
	'adapt-to-feedback',
	'expand-knowledge',
	'enhance-safety',
] as const;

/** Eᵗ: which ability, and in which direction it evolves (equation 1, section 3). */
export interface Objective {
	/** The name of the environment that is practised. */
	readonly ability: string;
	readonly direction:
		'improve-performance' | 'adapt-to-feedback' | 'expand-knowledge' | 'enhance-safety';
	/** Practised difficulty. */
	readonly difficulty: number;
	/** Stratum of which half of the new problems are; absent for the usual mix. */
	readonly stratum?: string;
	/** Share of right answers to each kind of task at the practised difficulty, in the last examination of it. */
	readonly kinds?: Readonly<Record<string, number>>;
	/** Difficulties that are mastered and must not be lost. */
	readonly protects?: readonly number[];
	/** Other environments whose skills count, each with the difficulties that must not be lost there. */
	readonly elsewhere?: readonly {
		readonly environment: string;
		readonly protects: readonly number[];
	}[];
	/** Why this comes next, for people. */
	readonly why?: string;
}

/** Tᵗ: one problem to solve. */
export interface Task {
	readonly id: string;
	readonly item: Item;
	readonly difficulty: number;
	readonly stratum: string;
	/** For people. */
	readonly text: string;
	/** A text that was there before the task, and answers it; absent if the task was not mined from one. */
	readonly source?: string;
}

/** Yᵗ: a task with its rollouts. */
export interface Solution {
	readonly task: Task;
	readonly rollouts: readonly Rollout[];
}

/** Fᵗ. A score is in [0, 1]; `answer` is the answer that the score is about. */
export type Feedback =
	| {
			readonly kind: 'scored';
			readonly source: 'model' | 'environment';
			readonly score: number;
			readonly answer: string | null;
			/** Score of each rollout, in their order; null where this one could not be judged (never 0). */
			readonly each: readonly (number | null)[];
	  }
	| { readonly kind: 'unjudged'; readonly reason: string };

/** Fate of an experience. Set aside always says by which cell, and why. */
export type Fate =
	| { readonly kind: 'fresh' }
	| { readonly kind: 'kept'; readonly examples: readonly Example[] }
	| { readonly kind: 'set-aside'; readonly by: string; readonly reason: string };

/** A solution with its feedback: what refining works on and the store keeps. */
export interface Experience {
	readonly id: string;
	readonly t: number;
	readonly task: Task;
	readonly rollouts: readonly Rollout[];
	readonly feedback: Feedback;
	readonly fate: Fate;
	/** Id of the policy that answered. */
	readonly policy: string;
}

/** Sᵗ⁺¹: the examination after round t (t = 0: the base model before any round). */
export interface Score {
	readonly t: number;
	readonly policy: string;
	readonly cells: readonly ScoreCell[];
	/** The largest difficulty up to which every examined one reaches the threshold in every stratum. */
	readonly frontier: number;
	readonly threshold: number;
	/** In words, of a qualitative examination (survey 7.2). */
	readonly findings?: readonly string[];
	/** Of a fixed English text; measured where the environment is a chat, whose model has a language to lose. */
	readonly perplexity?: number;
	/** Solved cases of its memory in view of each question at most; absent if none were. */
	readonly recalled?: number;
	/** True if every result was stored with the base model, and none was asked in this run. */
	readonly stored?: true;
	/** Why this policy was rolled back; absent if it was kept. */
	readonly rolledBack?: string;
	/** Absent if no other environment was examined after this round. */
	readonly elsewhere?: readonly PlaceScore[];
}

export type Phase = 'acquire' | 'refine' | 'update' | 'evaluate';
export const phases: readonly Phase[] = ['acquire', 'refine', 'update', 'evaluate'];

/** Findings of an examination, in numbers and in words. */
export interface Report {
	readonly score: Score;
}

/** Whether the policy that was examined takes the place of the one before it. */
export type Decision =
	{ readonly accept: 'keep' } | { readonly accept: 'roll-back'; readonly why: string };

/** Sᵗ⁺¹ and Eᵗ⁺¹, with the decision on the candidate. */
export interface Evaluation {
	readonly report: Report;
	readonly objective: Objective;
	readonly decision: Decision;
}

/** State of a run between two steps: all that is needed to go on. */
export interface LoopState {
	/** Round, from 1. Round 0 is the first examination. */
	readonly t: number;
	/** The step to do next. */
	readonly phase: Phase;
	readonly objective: Objective;
	/** This round's experience, once acquired. */
	readonly experience: readonly Experience[];
	/** The policy that answers: between update and evaluation a candidate. */
	readonly policy: Policy;
	/** The last policy that an evaluation kept. */
	readonly incumbent: Policy;
	/** The examination of the incumbent; null before the first. */
	readonly accepted: Score | null;
}

/** Something happened inside a step: for progress bars and live samples. */
export type Progress =
	| {
			readonly kind: 'step';
			readonly t: number;
			readonly phase: Phase;
			/** Address of the cell at work, e.g. `1-acquire/task/knowledge-free`. */
			readonly cell: string;
			readonly done: number;
			readonly total: number;
	  }
	| { readonly kind: 'sample'; readonly t: number; readonly experience: Experience }
	| {
			readonly kind: 'trained';
			readonly t: number;
			readonly step: number;
			readonly steps: number;
			readonly report: StepReport;
			/** Of the objective and its penalties, e.g. `margin`, `accuracy`, `kl`, `clipped`; absent if they measure none. */
			readonly metrics?: Readonly<Record<string, number>>;
	  }
	| {
			readonly kind: 'examined';
			readonly t: number;
			readonly cell: ScoreCell;
			/** The name of a `Place`; absent for the practised environment. */
			readonly environment?: string;
	  };

/** A step of the loop is finished and `state` is what to do next: commit it before asking for more. */
export type LoopEvent =
	| { readonly type: 'acquired'; readonly state: LoopState }
	| { readonly type: 'refined'; readonly state: LoopState }
	| { readonly type: 'updated'; readonly state: LoopState; readonly plan: Plan }
	| { readonly type: 'evaluated'; readonly state: LoopState; readonly evaluation: Evaluation };

/** Roles: the writer of tasks, the solver, the critic of answers and their judge. */
export const roles = ['proposer', 'solver', 'critic', 'judge'] as const;
export type Role = (typeof roles)[number];

/** Problems that the base model was taught before the run. */
export interface Lessons {
	/** Difficulties taught, inclusive; absent if it was taught this environment with other knob values only. */
	readonly range?: readonly [from: number, to: number];
	/** A taught problem's canonical answer: no new truth. */
	answerTo(item: Item): string;
	/** How it was taught, where the environment answers in between; absent if an answer is all that is said. */
	conversation?(item: Item, view: View, random: Random): readonly Spoken[];
	/**
	 * What the same model was taught in other environments: so many training problems of each difficulty, as text. Absent if
	 * it was taught in one.
	 */
	elsewhere?(
		count: number,
		seed: number,
	): readonly {
		readonly difficulty: number;
		readonly prompt: string;
		readonly completion: string;
	}[];
}

/** An environment that is examined beside the practised one; nothing in it is ever trained on. */
export interface Place<N extends Need = never> {
	/** As a request spells it: `reversal:direction=copy`. */
	readonly name: string;
	readonly environment: EnvironmentFor<N>;
	/** Difficulties that are examined, inclusive. */
	readonly range: readonly [from: number, to: number];
}

/** Mᵗ and ENV, and what the cells may use. No global, no clock, no unseeded randomness. */
export interface World<N extends Need = never> {
	readonly seed: number;
	/** Speaks with the policy's weights (the session keeps it so). */
	readonly engine: PolicyEngine;
	/** Players of roles in place of the policy; an examination is always the policy's. */
	readonly roles?: Readonly<Partial<Record<Role, Engine>>>;
	readonly openTrainer: TrainerFactory;
	readonly tokenizer: TextTokenizer;
	/** A chat as the model's template writes it, up to where the answer begins; absent where it has none. */
	readonly render?: (messages: readonly Message[]) => string;
	/** With the facets that were asked for. */
	readonly environment: EnvironmentFor<N>;
	/** Examined as well; absent if the run names none. */
	readonly places?: readonly Place<Extract<N, 'score'>>[];
	/** First lessons of the model, with its true answers; absent if nobody knows. */
	readonly lessons?: Lessons;
	/**
	 * Stored results of the base model in this environment, with this seed: of one difficulty and so many problems of each
	 * stratum. Undefined if they have to be asked; absent if nothing is stored.
	 */
	readonly entrance?:
		((difficulty: number, examined: number) => readonly ScoreCell[] | undefined) | undefined;
	/** Cost of the run so far. */
	readonly meter: Meter;
	/** The kept experience of earlier rounds, oldest first. */
	past(): Promise<readonly Experience[]>;
	readonly signal: AbortSignal;
	report(progress: Progress): void;
	/** Told each step of a training; absent if nobody watches. */
	readonly watch?: WatchSteps;
}

/** A step's surroundings: the world, the round and the policy at work. */
export interface Context<N extends Need = never> {
	readonly world: World<N>;
	readonly t: number;
	/** Rounds asked for: the last one is examined in full. */
	readonly rounds: number;
	readonly objective: Objective;
	readonly policy: Policy;
	/** The policy that an evaluation may roll back to, and its examination. */
	readonly incumbent: Policy;
	readonly accepted: Score | null;
}

export type EvolveTasks<N extends Need = never> = (context: Context<N>) => Promise<readonly Task[]>; //        f_T, eq. 2
export type EvolveSolutions<N extends Need = never> = (
	tasks: readonly Task[],
	context: Context<N>,
) => Promise<readonly Solution[]>; //    f_Y, eq. 3
export type GetFeedback<N extends Need = never> = (
	solutions: readonly Solution[],
	context: Context<N>,
) => Promise<readonly Experience[]>; // f_F, eq. 4
export type Refine<N extends Need = never> = (
	experience: readonly Experience[],
	context: Context<N>,
) => Promise<readonly Experience[]>; //  f_R, eq. 5
export type Amend<N extends Need = never> = (
	plan: Plan,
	refined: readonly Experience[],
	context: Context<N>,
) => Promise<Plan>; //                   f_U, eq. 6
export type Evaluate<N extends Need = never> = (
	refined: readonly Experience[],
	context: Context<N>,
) => Promise<Evaluation>; //                                                                                  f_E, eq. 7
