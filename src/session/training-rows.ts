/** @file Kept experience as rows of text that TRL trains on: prompt and completion. */
import { random } from '#base/random.ts';
import type { Environment } from '#environments/environment.ts';
import type { Example, Experience } from '#loop/types.ts';

/** TRL's prompt/completion format. */
export interface TrainingRow {
	readonly prompt: string;
	readonly completion: string;
}

/** One row per kept example; an answer is written in its plain view. */
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
			return { prompt: example.prompt, completion: example.completion };
		case 'answer': {
			const { item, answer } = example;
			const [view = {}] = environment.views(item, 1, random(0));
			return {
				prompt: environment.prompt(item, view),
				completion: environment.write(item, view, answer),
			};
		}
		default:
			return example satisfies never;
	}
}
