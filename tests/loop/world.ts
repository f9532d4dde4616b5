/** @file A small world for the tests of loop and methods: real environment, scripted model, tiny trainer. */
import { random } from '#base/random.ts';
import { scripted, type ScriptedEngine, type ScriptedOptions } from '#engines/scripted.ts';
import { digitMarks, end, pad } from '#environments/alphabet.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import type { EnvironmentWith, Everything } from '#environments/environment.ts';
import { openEnvironment } from '#environments/registry.ts';
import { createMeter } from '#loop/meter.ts';
import type { Plan, TrainPlan } from '#loop/plan.ts';
import { basePolicy } from '#loop/policy/policy.ts';
import type { Start } from '#loop/start.ts';
import type { Context, Experience, Objective, Progress, Task, World } from '#loop/types.ts';
import { lessonsOf } from '#seedlings/lessons.ts';
import type { Adapter } from '#model/adapter.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { rolloutOf } from './rollout/rollouts.ts';
import { tinyTrainer, trainedSteps } from './tiny-trainer.ts';

/** An environment with one right answer to each problem. */
export type Known = EnvironmentWith<'answers' | 'reference'>;
/** What cells may ask of it. */
export type Full = Everything | 'reference';

export const addition: Known = openEnvironment('addition');
export const scratchpad: Known = openEnvironment('addition', { format: 'scratchpad' });

/** What a seedling is taught may change; here it ends at 8 digits, and at 6 with a rationale. */
export const startOf = (environment: Known): Required<Start> =>
	environment.hint
		? { model: 'addition-scratchpad', taught: [1, 6] }
		: { model: 'addition', taught: [1, 8] };

/** Reads a sum back out of its prompt, `~` hint left out: what a model with perfect eyes would see. */
export function readPrompt(prompt: string): { a: string; b: string; offset: number } {
	const [sum = ''] = prompt.replace(/=$/, '').split('~');
	const [x = '', y = ''] = sum.replace(/^.*_/, '').split('+');
	const number = (marked: string) =>
		Array.from(marked)
			.filter((_, i) => i % 2 === 1)
			.reverse()
			.join('');
	return { a: number(x), b: number(y), offset: digitMarks.indexOf(x.charAt(0)) };
}

export const difficultyOfPrompt = (prompt: string): number => {
	const { a, b } = readPrompt(prompt);
	return Math.max(a.length, b.length);
};

/** The right completion of any prompt of addition, as the model would write `answer` (the truth unless told). */
export function solve(environment: Known, prompt: string, answer?: string): string {
	const { a, b, offset } = readPrompt(prompt);
	const item = { a, b };
	return environment.answers.write(
		item,
		{ offset, swapped: false },
		answer ?? environment.reference.solve(item),
	);
}

/** A well-formed wrong answer, another one at every prompt. */
export function solveWrongly(environment: Known, prompt: string): string {
	const { a, b, offset } = readPrompt(prompt);
	return solve(environment, prompt, String(BigInt(a) + BigInt(b) + BigInt(1 + offset)));
}

/** A model that always knows sums up to `knows` digits; beyond, it errs less the more it was trained. */
export function learner(environment: Known, knows: number, errors = 0.3): ScriptedEngine {
	return scripted({
		script: (prompt) => solve(environment, prompt),
		errors: {
			seed: 1,
			rate: (prompt, adapter: Adapter | null) =>
				difficultyOfPrompt(prompt) <= knows ? 0 : errors / (1 + trainedSteps(adapter)),
			spoil: (answer, stream) => {
				// Another last digit: well-formed, wrong, and not the same in every view.
				const at = answer.lastIndexOf(end) - 1;
				const digit = (Number(answer.charAt(at)) + stream.integer(1, 9)) % 10;
				return answer.slice(0, at) + String(digit === 0 ? 1 : digit) + answer.slice(at + 1);
			},
		},
	});
}

export interface TestWorld {
	readonly world: World<Full>;
	readonly engine: ScriptedEngine;
	readonly reports: Progress[];
	context(over?: Partial<Context<Full>>): Context<Full>;
}

export function testWorld(
	options: {
		readonly seed?: number;
		readonly environment?: Known;
		/** As the environment's seedling, unless told. */
		readonly start?: Start;
		readonly engine?: ScriptedEngine;
		readonly script?: ScriptedOptions['script'];
		readonly past?: () => readonly Experience[];
		readonly signal?: AbortSignal;
	} = {},
): TestWorld {
	const environment = options.environment ?? addition;
	const start: Start = options.start ?? startOf(environment);
	const script = options.script ?? ((prompt: string) => solve(environment, prompt));
	const engine = options.engine ?? scripted({ script });
	const reports: Progress[] = [];
	const world: World<Full> = {
		seed: options.seed ?? 1,
		engine,
		openTrainer: tinyTrainer,
		tokenizer: characterTokenizer({
			pad,
			end,
			characters: alphabets['addition-scratchpad'].slice(2),
		}),
		environment,
		...lessonsOf(environment, start.taught),
		meter: createMeter(),
		past: () => Promise.resolve(options.past?.() ?? []),
		signal: options.signal ?? new AbortController().signal,
		report: (progress) => reports.push(progress),
	};
	const policy = basePolicy(start.model);
	return {
		world,
		engine,
		reports,
		context: (over) => ({
			...{ world, t: 1, rounds: 3, objective: objectiveAt(9) },
			...{ policy, incumbent: policy, accepted: null },
			...over,
		}),
	};
}

/** A plan that trains; any other fails. */
export async function trainingOf(plan: Plan | Promise<Plan>): Promise<TrainPlan> {
	const made = await plan;
	if (made.kind === 'train') return made;
	throw new Error(`The plan is to ${made.kind}, not to train.`);
}

export const objectiveAt = (difficulty: number): Objective => ({
	ability: 'addition',
	direction: 'improve-performance',
	difficulty,
});

export const taskOf = (environment: Known, a: string, b: string): Task => {
	const item = { a, b };
	return {
		id: `${a}+${b}`,
		item,
		difficulty: environment.tasks.difficultyOf(item),
		stratum: environment.tasks.stratumOf(item),
		text: environment.words.show(item),
	};
};

/** A sum of `difficulty` digits on one side of the split. */
export function someTask(difficulty: number, split: 'training' | 'held-out', seed = 1): Task {
	const item = addition.tasks.draw(difficulty, random(seed), 'equal', split);
	return taskOf(addition, String(item['a']), String(item['b']));
}

/** An experience in which each of `answers` was given in the plain view; null ones are malformed. */
export function experienceOf(
	task: Task,
	answers: readonly (string | null)[],
	over: Partial<Experience> = {},
	environment: Known = addition,
): Experience {
	const rollouts = answers.map((answer, i) => {
		const view = { offset: i, swapped: false };
		return rolloutOf({
			view,
			prompt: environment.open(task.item, view).first(),
			completion: answer === null ? '?' : environment.answers.write(task.item, view, answer),
			answer,
			...(answer === null && { malformed: 'no end mark' }),
		});
	});
	return {
		id: `1/${task.id}`,
		t: 1,
		task,
		rollouts,
		feedback: { kind: 'unjudged', reason: 'not asked yet' },
		fate: { kind: 'fresh' },
		policy: 'test',
		...over,
	};
}

/** The same, already kept with the true answer as its label. */
export function keptExperience(task: Task, t = 1, environment: Known = addition): Experience {
	const { item, difficulty } = task;
	const answer = environment.reference.solve(item);
	return experienceOf(task, [answer], {
		id: `${t}/${task.id}`,
		t,
		feedback: { kind: 'scored', source: 'model', score: 1, answer, each: [1] },
		fate: { kind: 'kept', examples: [{ kind: 'answer', item, difficulty, answer }] },
	});
}
