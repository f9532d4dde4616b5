/**
 * @file What a seedling is pre-trained on: problems of the base range with their true answers, never a
 * held-out one, the shortest first.
 *
 * Example i depends on seed, i and the longest length only, so an interrupted pre-training goes on exactly.
 */
import { derive, random } from '#base/random.ts';
import type { Prompt } from '#base/prompt.ts';
import type { Spoken } from '#environments/answers.ts';
import type { EnvironmentWith } from '#environments/environment.ts';
import { trainingView } from '#environments/tasks.ts';

export interface PretrainingExample {
	readonly prompt: string;
	/** All that is said after it, end marks included. */
	readonly completion: string;
	/** The same, turn by turn: the loss is on what is learnt of them. */
	readonly spoken: readonly Spoken[];
	readonly difficulty: number;
}

/** Position of a stream; plain data, enough to go on. */
export interface PretrainingPosition {
	/** Number of the next example. */
	readonly index: number;
	/** Longest length drawn so far. */
	readonly longest: number;
}

export interface PretrainingStream {
	readonly position: PretrainingPosition;
	/** Longest length of the base range. */
	readonly last: number;
	next(): PretrainingExample;
	take(count: number): readonly PretrainingExample[];
	/** One length more from here on; false where the base range ends. */
	lengthen(): boolean;
}

/** Practised with the true answers, which are text to go on with. */
export type Lesson = EnvironmentWith<'answers' | 'reference'> & {
	/** Difficulties of this one, inclusive, all of them from the beginning; those of the curriculum if absent. */
	readonly range?: readonly [from: number, to: number];
};

/** Problems past the range that are taught now and then, so that longer ones are no strangers; how much that teaches, its examination says. */
export interface Glimpses {
	/** Difficulties, inclusive. */
	readonly range: readonly [from: number, to: number];
	/** One problem in so many. */
	readonly oneIn: number;
}

/** Environments to teach, and the difficulties of each, inclusive. */
export interface Curriculum {
	readonly range: readonly [from: number, to: number];
	readonly glimpses?: Glimpses | undefined;
	lessons(): readonly Lesson[];
}

/** A rationale is also practised with the answer given away, once in so many times. */
const hintedEvery = 4;
/** Lengths that a seedling begins with. */
const firstLengths = 3;

/** Example number `index`: environments and lengths from shortest to `longest` are equally likely. */
export function pretrainingExample(
	{ range: [from, to], glimpses, lessons }: Curriculum,
	longest: number,
	seed: number,
	index: number,
): PretrainingExample {
	const stream = random(derive(seed, 'pretraining', index));
	const environment = stream.pick(lessons());
	const isGlimpse = glimpses !== undefined && stream.integer(1, glimpses.oneIn) === 1;
	const difficulty = isGlimpse
		? stream.integer(...glimpses.range)
		: stream.integer(...(environment.range ?? ([from, Math.min(longest, to)] as const)));
	const item = environment.tasks.draw(difficulty, stream);
	const view = trainingView(environment.tasks, item, stream);
	const answer = environment.reference.solve(item);
	const hinted =
		environment.hint && stream.integer(1, hintedEvery) === 1
			? environment.hint.prompt(item, view, answer)
			: undefined;
	const spoken = hinted ? undefined : environment.reference.conversation?.(item, view, stream);
	const turns = spoken ?? [
		{ by: 'model', content: environment.answers.write(item, view, answer), learnt: true },
	];
	return {
		prompt: textOf(hinted ?? environment.open(item, view).first()),
		completion: turns.map(({ content }) => content).join(''),
		spoken: turns,
		difficulty,
	};
}

/** The examples in order, from the beginning or from where an earlier stream stood. */
export function pretrainingStream(
	curriculum: Curriculum,
	seed: number,
	start?: PretrainingPosition,
): PretrainingStream {
	const lessons = curriculum.lessons();
	if (lessons.length === 0) throw new RangeError('Pre-training needs one environment at least.');
	const [shortest, last] = curriculum.range;
	const opened: Curriculum = { ...curriculum, lessons: () => lessons };
	let index = start?.index ?? 0;
	let longest = start?.longest ?? Math.min(last, shortest + firstLengths - 1);
	const next = (): PretrainingExample => pretrainingExample(opened, longest, seed, index++);
	return {
		get position() {
			return { index, longest };
		},
		last,
		next,
		take: (count) => Array.from({ length: count }, next),
		lengthen() {
			if (longest >= last) return false;
			longest++;
			return true;
		},
	};
}

function textOf(prompt: Prompt): string {
	if (typeof prompt === 'string') return prompt;
	throw new TypeError(
		'A seedling is taught text to go on with; a chat needs a model that can chat.',
	);
}
