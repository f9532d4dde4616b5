/** @file A world of English instructions for the tests of its cells: the real environment, a scripted model. */
import { scripted, type ScriptedEngine } from '#engines/scripted.ts';
import { openEnvironment } from '#environments/registry.ts';
import { rolloutOf } from './rollout/rollouts.ts';
import type { Experience, Task, World } from '#loop/types.ts';
import { objectiveAt, testWorld, type Full, type TestWorld } from './world.ts';

/** The constraints alone; substance is tested with the environment. */
export const instructions = openEnvironment('instructions', { substance: false });

/** Answers by what stands in the question: the first key that it holds decides. */
export const speaker = (
	answers: Readonly<Record<string, string | ((prompt: string) => string)>>,
): ScriptedEngine =>
	scripted({
		script: (prompt) => {
			const found = Object.entries(answers).find(([key]) => prompt.includes(key));
			if (!found) throw new Error(`nothing to say to ${prompt}`);
			return typeof found[1] === 'string' ? found[1] : found[1](prompt);
		},
	});

/** Context of a round in that world. */
export function english(
	engine: ScriptedEngine,
	over: Partial<World<Full>> = {},
): TestWorld & { readonly at: ReturnType<TestWorld['context']> } {
	const made = testWorld({ environment: instructions, engine });
	const world = { ...made.world, ...over };
	return { ...made, world, at: made.context({ world, objective: objectiveAt(2) }) };
}

export function taskOf(text: string): Task {
	const parsed = instructions.words.parse(text);
	if ('error' in parsed) throw new Error(parsed.error);
	const { item } = parsed;
	return {
		id: text,
		item,
		difficulty: instructions.tasks.difficultyOf(item),
		stratum: instructions.tasks.stratumOf(item),
		text: instructions.words.show(item),
	};
}

/** An experience with one answer and, unless told otherwise, its mark as a score. */
export function answered(task: Task, answer: string | null, score: number | null): Experience {
	return {
		id: `1/${task.id}`,
		t: 1,
		task,
		rollouts: [
			rolloutOf({
				view: { plain: true },
				prompt: [{ role: 'user', content: task.text }],
				completion: answer ?? '',
				answer,
			}),
		],
		feedback:
			score === null
				? { kind: 'unjudged', reason: 'the judge gave no mark' }
				: { kind: 'scored', source: 'model', score, answer, each: [score] },
		fate: { kind: 'fresh' },
		policy: 'test',
	};
}
