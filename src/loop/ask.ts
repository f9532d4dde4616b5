/** @file Sampling of rollouts: many questions to the policy at once, and the answers read. */
import { derive } from '#base/random.ts';
import type { Prompt } from '#base/prompt.ts';
import type { Generation } from '#engines/engine.ts';
import { completionOf as endedCompletion, verify } from '#environments/environment.ts';
import type { Environment, Verdict, View } from '#environments/environment.ts';
import { withMemory } from './memory.ts';
import { completionOf, promptTurns, sampledTurn, type Rollout } from './rollout.ts';
import type { Context, Role, Task } from './types.ts';

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
): Promise<readonly Rollout[]> {
	const { world, t } = context;
	// Whoever plays the role in place of the policy has no memory of its own.
	const elsewhere = options.role && world.roles?.[options.role];
	const memory = elsewhere ? [] : context.policy.memory;
	const engine = elsewhere ?? world.engine;
	const rollouts = new Array<Rollout | undefined>(questions.length);
	let before = 0;
	// One call per difficulty: the longest possible answer bounds the work of a whole batch.
	for (const difficulty of new Set(questions.map((question) => question.task.difficulty))) {
		const places = [...questions.entries()].filter(([, q]) => q.task.difficulty === difficulty);
		const offset = before;
		const generations = await engine.generate(
			places.map(([, question]) => withMemory(question.prompt, memory)),
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
			const id = `${options.purpose}/${t}/${place}`;
			if (generation)
				rollouts[place] = readRollout(
					id,
					world.environment,
					{ ...question, prompt: withMemory(question.prompt, memory) },
					generation,
				);
		});
		before += places.length;
	}
	return rollouts.map((rollout) => {
		if (rollout) return rollout;
		throw new Error(`The engine ${engine.name} left a prompt unanswered; open another engine.`);
	});
}

/** What the verifier says; an answer that was cut off is none, where only the engine could know. */
export function verdictOf(
	environment: Environment,
	{ item }: Pick<Task, 'item'>,
	rollout: Pick<Rollout, 'view' | 'turns' | 'stopReason'>,
): Verdict {
	const verdict = verify(environment, item, rollout.view, completionOf(rollout));
	return isCutOff(environment, rollout.stopReason) && verdict.kind !== 'unjudged'
		? { kind: 'malformed', reason: cutOff }
		: verdict;
}

const cutOff = 'it was cut off before its end';
const isCutOff = ({ endMark }: Environment, stopReason: string): boolean =>
	endMark === '' && stopReason !== 'stop';

function readRollout(
	id: string,
	environment: Environment,
	{ task, view, prompt }: Question,
	generation: Generation,
): Rollout {
	const { stopReason } = generation;
	const completion = endedCompletion(environment, generation);
	const rollout = {
		id,
		group: task.id,
		seat: 'solver',
		view,
		turns: [
			...promptTurns(prompt, generation.promptTokens),
			sampledTurn(generation, completion, typeof prompt !== 'string'),
		],
		stopReason,
		rewards: {},
	};
	if (isCutOff(environment, stopReason)) return { ...rollout, answer: null, malformed: cutOff };
	try {
		const read = environment.read(task.item, view, completion);
		return 'answer' in read
			? { ...rollout, answer: read.answer }
			: { ...rollout, answer: null, malformed: read.malformed };
	} catch (error) {
		// A fault of the reader; the verifier meets it again and says `unjudged`.
		const reason = error instanceof Error ? error.message : String(error);
		return { ...rollout, answer: null, malformed: `could not be read: ${reason}` };
	}
}
