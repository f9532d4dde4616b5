/** @file Scores: right answers of held-out problems, by difficulty, kind and environment. */

/** Correct answers out of n on held-out items of one difficulty and stratum. */
export interface ScoreCell {
	readonly difficulty: number;
	readonly stratum: string;
	readonly correct: number;
	readonly n: number;
	/** Of a chat: answers that could not be read, by reason: cut off, without substance; absent if there is none. */
	readonly malformed?: Readonly<Record<string, number>>;
	/** The same answers by kind of task, where tasks have kinds. */
	readonly kinds?: readonly KindScore[];
	/** Wrong answers by their first wrong step, the most frequent first; absent if none was wrong or nobody looked. */
	readonly faults?: readonly FaultScore[];
	/** Each answer in the order of the tasks, `+` right, `-` not, `?` unjudged; the same tasks in every examination. */
	readonly outcomes?: string;
	/** Of a chat: the first tasks with their answers, to be read beside those of another examination. */
	readonly shown?: readonly ShownAnswer[];
	/** Of answers that were sampled beside the greedy one; absent if none were. */
	readonly pass?: PassShares;
}

/** pass@k over `n` problems, each sampled `tries` times: the share that k answers solve, by k. */
export interface PassShares {
	readonly tries: number;
	readonly n: number;
	readonly at: Readonly<Record<string, number>>;
}

/** An answer to a held-out task, for people to read. */
export interface ShownAnswer {
	readonly task: string;
	/** Cut after `shownCharacters`. */
	readonly answer: string;
	readonly verdict: 'correct' | 'wrong' | 'malformed' | 'unjudged';
}

/** Wrong answers of one kind. */
export interface FaultScore {
	/** For people, as the second half of "it …": `drops a carry`. */
	readonly fault: string;
	/** `in the third column from the right`; absent if it has no place. */
	readonly at?: string;
	readonly n: number;
}

/** Correct answers out of n of one kind of task. */
export interface KindScore {
	readonly kind: string;
	readonly correct: number;
	readonly n: number;
}

/** Correct answers in an environment that is examined beside the practised one. */
export interface PlaceScore {
	/** The name of the `Place`. */
	readonly environment: string;
	readonly cells: readonly ScoreCell[];
}
