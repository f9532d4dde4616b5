/** @file Sampling of rollouts: many questions to the policy at once, dialogues to their end, and the answers read. */
import { derive, random } from '#base/random.ts';
import type { Grammar } from '#base/answer-form.ts';
import type { Prompt } from '#base/prompt.ts';
import type { Engine } from '#engines/engine.ts';
import {
	completionOf as endedCompletion,
	cutOff,
	readAnswer,
	readOf,
} from '#environments/answers.ts';
import type { Dialogue } from '#environments/dialogue.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import type { View } from '#environments/item.ts';
import type { Verdict } from '#environments/score.ts';
import { withMemory, type Memory } from '../policy/memory.ts';
import { adapterFor } from '../policy/policy.ts';
import { completionOf, furtherTurns, sampledTurn, type Rollout, type Turn } from './rollout.ts';
import type { Context, Role, Solution, Task } from '../types.ts';

/** A task in one view; `prompt` is exactly what the model continues. */
export interface Question {
	readonly task: Task;
	readonly view: View;
	readonly prompt: Prompt;
	/** Begins the dialogue of one rollout, which goes on after its first reply; without it that reply is the answer. */
	begin?(): Pick<Dialogue, 'next'>;
	/** The first reply is held to it; only the policy's own engine can. */
	readonly grammar?: Grammar | null;
	/** The prompt shows solved cases: what is learnt is the answer under the plain prompt. */
	readonly isLed?: boolean;
}

export interface AskOptions {
	/** 0 is greedy. */
	readonly temperature: number;
	/** Names the random stream, so that no two steps share one. */
	readonly purpose: string;
	/** Whoever plays it answers; without it the policy. */
	readonly role?: Role;
	/** Replies of a rollout at most, 16 unless told: a dialogue that would go on is ended as `max-turns`. */
	readonly turns?: number;
	readonly onProgress?: (done: number) => void;
}

/** The question that an environment asks of a task in a view, with its dialogue. */
export function questionOf(environment: EnvironmentFor<never>, task: Task, view: View): Question {
	const begin = (): Dialogue => environment.open(task.item, view);
	return { task, view, prompt: begin().first(), begin };
}

/** The task in one view, drawn by the seed for a cell and a round; none if the environment has no view of it. */
export function questionFor(cell: string, task: Task, { world, t }: Context): readonly Question[] {
	const stream = random(derive(world.seed, cell, t, task.id));
	const views = world.environment.tasks.views(task.item, 1, stream).slice(0, 1);
	return views.map((view) => questionOf(world.environment, task, view));
}

/** The rollouts of each task, in the order of the tasks. */
export function byTask(tasks: readonly Task[], rollouts: readonly Rollout[]): readonly Solution[] {
	const groups = new Map<string, Rollout[]>(tasks.map(({ id }) => [id, []]));
	for (const rollout of rollouts) groups.get(rollout.group)?.push(rollout);
	return tasks.map((task) => ({ task, rollouts: groups.get(task.id) ?? [] }));
}

/** Rollouts in the order of the questions; throws when the run is stopped. */
export async function ask(
	questions: readonly Question[],
	context: Context,
	options: AskOptions,
): Promise<readonly Rollout[]> {
	const { world } = context;
	const rollouts = new Array<Rollout | undefined>(questions.length);
	// Whoever plays the role in place of the policy has no memory of its own.
	const elsewhere = options.role && world.roles?.[options.role];
	const asked = {
		engine: elsewhere ?? world.engine,
		memory: elsewhere ? [] : context.policy.memory,
	};
	if (elsewhere && questions.some(({ grammar }) => grammar))
		throw new Error(
			`The ${options.role ?? 'solver'} is played by ${elsewhere.name}, which cannot be held to rules; let the policy play it, or switch the rules off.`,
		);
	let before = 0;
	// One call per difficulty: the longest possible answer bounds the work of a whole batch.
	for (const difficulty of new Set(questions.map((question) => question.task.difficulty))) {
		const places = [...questions.entries()].filter(([, q]) => q.task.difficulty === difficulty);
		const offset = before;
		const ended = await byModule(difficulty, elsewhere === undefined, context, () =>
			rollOut(places, difficulty, asked, context, {
				...options,
				onProgress: (done) => options.onProgress?.(offset + done),
			}),
		);
		for (const [place, rollout] of ended) rollouts[place] = rollout;
		before += places.length;
	}
	return rollouts.map((rollout) => {
		if (rollout) return rollout;
		throw new Error(
			`The engine ${asked.engine.name} left a prompt unanswered; open another engine.`,
		);
	});
}

/** Does `work` while the engine speaks with the weights that the policy has for a difficulty, if it has several. */
async function byModule<T>(
	difficulty: number,
	isPolicy: boolean,
	{ world, policy }: Context,
	work: () => Promise<T>,
): Promise<T> {
	const adapter = adapterFor(policy, difficulty);
	if (!isPolicy || adapter === policy.adapter) return work();
	await world.engine.setAdapter(adapter);
	try {
		return await work();
	} finally {
		// The engine speaks with the policy's weights again, as the loop left it.
		await world.engine.setAdapter(policy.adapter);
	}
}

/** A rollout that has not ended. */
interface Open {
	readonly place: number;
	readonly question: Question;
	readonly dialogue: Pick<Dialogue, 'next'> | undefined;
	readonly prompt: Prompt;
	readonly turns: readonly Turn[];
}

/** Takes all rollouts of one difficulty to their end, a reply of each at a time. */
async function rollOut(
	places: readonly (readonly [place: number, question: Question])[],
	difficulty: number,
	{ engine, memory }: { readonly engine: Engine; readonly memory: Memory },
	{ world, t }: Context,
	{ temperature, purpose, turns: most = 16, onProgress }: AskOptions,
): Promise<ReadonlyMap<number, Rollout>> {
	const ended = new Map<number, Rollout>();
	let open = places.map(([place, question]): Open => {
		const [prompt, dialogue] = [withMemory(question.prompt, memory), question.begin?.()];
		return { place, question, dialogue, prompt, turns: [] };
	});
	for (let reply = 0; open.length > 0; reply++) {
		const grammars = open.map(({ question }) => (reply === 0 ? (question.grammar ?? null) : null));
		const generations = await engine.generate(
			open.map(({ prompt }) => prompt),
			{
				...(grammars.some(Boolean) && { grammars }),
				maxTokens: world.environment.maxTokens(difficulty).answer,
				temperature,
				seed: derive(world.seed, purpose, t, difficulty, ...(reply > 0 ? [reply] : [])),
				signal: world.signal,
				...(reply === 0 && { onProgress: (done) => onProgress?.(done) }),
			},
		);
		// An aborted call resolves with unfinished answers: they must not be read as wrong ones.
		world.signal.throwIfAborted();
		const goOn: Open[] = [];
		for (const [i, one] of open.entries()) {
			const generation = generations[i];
			if (!generation) continue;
			const completion = endedCompletion(world.environment, generation);
			const turns = [
				...one.turns,
				...furtherTurns(one.turns, one.prompt, generation.promptTokens),
				sampledTurn(generation, completion, typeof one.prompt !== 'string'),
			];
			const next = generation.stopReason === 'stop' ? await replyTo(one, completion) : null;
			if (next?.prompt !== undefined && reply + 1 < most) {
				goOn.push({ ...one, turns, prompt: withMemory(next.prompt, memory) });
				continue;
			}
			const stopReason = next?.failed ?? (next ? 'max-turns' : generation.stopReason);
			const id = `${purpose}/${t}/${one.place}`;
			ended.set(one.place, readRollout(id, world.environment, one.question, turns, stopReason));
		}
		open = goOn;
	}
	return ended;
}

/** Answer of the environment to a reply; null ends the dialogue. */
async function replyTo(
	{ dialogue }: Open,
	content: string,
): Promise<{ readonly prompt?: Prompt; readonly failed?: 'parse-error' | 'timeout' } | null> {
	try {
		const prompt = (await dialogue?.next({ role: 'assistant', content })) ?? null;
		return prompt === null ? null : { prompt };
	} catch (error) {
		const isLate = error instanceof Error && error.name === 'TimeoutError';
		return { failed: isLate ? 'timeout' : 'parse-error' };
	}
}

/** The environment's verdict on a rollout. */
export const verdictOf = async (
	environment: EnvironmentFor<'score'>,
	{ item }: Pick<Task, 'item'>,
	rollout: Pick<Rollout, 'view' | 'turns' | 'stopReason'>,
	signal?: AbortSignal,
): Promise<Verdict> => {
	const { view, turns, stopReason } = rollout;
	const scored = { item, view, completion: completionOf(rollout), stopReason };
	const isDialogue = turns.filter(({ sampled }) => sampled).length > 1;
	const messages = turns.map(({ role, content, sampled }) => ({
		role: role !== 'text' ? role : sampled ? ('assistant' as const) : ('user' as const),
		content,
	}));
	const { verdict } = await environment.score(
		{ ...scored, ...(isDialogue && { turns: messages }) },
		signal && { signal },
	);
	return verdict;
};

function readRollout(
	id: string,
	environment: EnvironmentFor<never>,
	question: Question,
	turns: readonly Turn[],
	stopReason: Rollout['stopReason'],
): Rollout {
	const { task, view } = question;
	const by = question.isLed === true ? 'cases' : question.grammar ? 'rules' : undefined;
	const rollout = {
		...{ id, group: task.id, seat: 'solver', view, turns, stopReason, rewards: {} },
		...(by && ({ grounded: by } as const)),
	};
	const cut = cutOff(environment, stopReason);
	if (cut !== undefined) return { ...rollout, answer: null, malformed: cut };
	try {
		const replies = turns.flatMap(({ sampled, content }) => (sampled ? [content] : []));
		const read = readAnswer(environment, task.item, view, readOf(environment, replies));
		return 'answer' in read
			? { ...rollout, answer: read.answer }
			: { ...rollout, answer: null, malformed: read.malformed };
	} catch (error) {
		// A fault of the reader; the verifier meets it again and says `unjudged`.
		const reason = error instanceof Error ? error.message : String(error);
		return { ...rollout, answer: null, malformed: `could not be read: ${reason}` };
	}
}
