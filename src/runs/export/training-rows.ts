/** @file Kept experience as rows of text that TRL trains on: prompt and completion. */
import { random } from '#base/random.ts';
import type { Prompt } from '#base/prompt.ts';
import { writeAnswer } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import type { Example } from '#loop/example.ts';
import type { Experience } from '#loop/types.ts';
import type { TrainingRow } from '#training/data/training-row.ts';

/** One row per kept example; an answer is written in its plain view, and of a pair the chosen side. */
export const trainingRows = (
	experience: Experience,
	environment: Environment,
): readonly TrainingRow[] =>
	experience.fate.kind === 'kept'
		? experience.fate.examples.map((example) => rowOf(example, environment))
		: [];

function rowOf(example: Example, environment: Environment): TrainingRow {
	switch (example.kind) {
		case 'text':
			return row(example.prompt, example.completion);
		case 'answer': {
			const { item, answer } = example;
			const [view = {}] = environment.tasks.views(item, 1, random(0));
			return row(
				environment.open(item, view).first(),
				writeAnswer(environment, item, view, answer),
			);
		}
		case 'pair':
			return row(example.prompt, example.chosen.completion);
		default:
			return example satisfies never;
	}
}

const row = (prompt: Prompt, completion: string): TrainingRow =>
	typeof prompt === 'string'
		? { prompt, completion }
		: { prompt, completion: [{ role: 'assistant', content: completion }] };
