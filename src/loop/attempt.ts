/** @file Asks the policy many questions at once and reads its answers. */
import { derive } from '#base/random.ts';
import type { Prompt } from '#base/prompt.ts';
import type { Generation } from '#engines/engine.ts';
import { completionOf, cutOff, readAnswer } from '#environments/answers.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import type { View } from '#environments/item.ts';
import type { Verdict } from '#environments/score.ts';
import type { Attempt, Context, Role, Task } from './types.ts';

/** A problem in one view; `prompt` is exactly what the model continues. */
export interface Question {
	readonly task: Task;
	readonly view: View;
	readonly prompt: Prompt;
}

export interface AskOptions {
	/** 0 is greedy. */
	readonly temperature: number;
	/** Names the random stream, so that no two steps share one. */
	readonly purpose: string;
	/** Whoever plays it answers; without it the policy. */
	readonly role?: Role;
	readonly onProgress?: (done: number) => void;
}

/** Answers in the order of the questions; throws when the run is stopped. */
export async function ask(
	questions: readonly Question[],
	context: Context,
	options: AskOptions,
): Promise<readonly Attempt[]> {
	const { world, t } = context;
	const engine = (options.role && world.roles?.[options.role]) ?? world.engine;
	const attempts = new Array<Attempt | undefined>(questions.length);
	let before = 0;
	// One call per difficulty: the longest possible answer bounds the work of a whole batch.
	for (const difficulty of new Set(questions.map((question) => question.task.difficulty))) {
		const places = [...questions.entries()].filter(([, q]) => q.task.difficulty === difficulty);
		const offset = before;
		const generations = await engine.generate(
			places.map(([, question]) => question.prompt),
			{
				maxTokens: world.environment.maxTokens(difficulty).answer,
				temperature: options.temperature,
				seed: derive(world.seed, options.purpose, t, difficulty),
				signal: world.signal,
				onProgress: (done) => options.onProgress?.(offset + done),
			},
		);
		// An aborted call resolves with unfinished answers: they must not be read as wrong ones.
		world.signal.throwIfAborted();
		places.forEach(([place, question], i) => {
			const generation = generations[i];
			if (generation) attempts[place] = readAttempt(world.environment, question, generation);
		});
		before += places.length;
	}
	return attempts.map((attempt) => {
		if (attempt) return attempt;
		throw new Error(`The engine ${engine.name} left a prompt unanswered; open another engine.`);
	});
}

/** What the environment says of an attempt. */
export const verdictOf = async (
	environment: EnvironmentFor<'score'>,
	{ item }: Pick<Task, 'item'>,
	{ view, completion, stopReason }: Pick<Attempt, 'view' | 'completion' | 'stopReason'>,
	signal?: AbortSignal,
): Promise<Verdict> =>
	(await environment.score({ item, view, completion, stopReason }, signal && { signal })).verdict;

function readAttempt(
	environment: EnvironmentFor<never>,
	{ task, view, prompt }: Question,
	generation: Generation,
): Attempt {
	const { logprobs, stopReason } = generation;
	const completion = completionOf(environment, generation);
	const said = { view, prompt, completion, stopReason, logprob: mean(logprobs) };
	const malformed = cutOff(environment, stopReason);
	if (malformed !== undefined) return { ...said, answer: null, malformed };
	try {
		const read = readAnswer(environment, task.item, view, completion);
		return 'answer' in read
			? { ...said, answer: read.answer }
			: { ...said, answer: null, malformed: read.malformed };
	} catch (error) {
		// A fault of the reader; the verifier meets it again and says `unjudged`.
		const reason = error instanceof Error ? error.message : String(error);
		return { ...said, answer: null, malformed: `could not be read: ${reason}` };
	}
}

/** NaN where the engine tells no log-probabilities: unknown, not certain. */
const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / values.length;
