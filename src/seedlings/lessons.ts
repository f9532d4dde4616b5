/** @file The first lessons of a seedling as a run may practise them again: its base range, as it was taught. */
import { shownPrompt } from '#base/prompt.ts';
import { derive, random } from '#base/random.ts';
import type { Reference } from '#environments/answers.ts';
import type { Environment, EnvironmentWith } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';
import { openEnvironment } from '#environments/registry.ts';
import { trainingView } from '#environments/tasks.ts';
import type { Taught } from './seedlings.ts';

/** A first lesson as text. */
export interface TextLesson {
	readonly difficulty: number;
	readonly prompt: string;
	readonly completion: string;
}

/**
 * A world's `lessons` over these difficulties, inclusive; nothing for a model that was taught none, or without a reference.
 * `also`: what the same model was taught in other environments, or in this one with other knob values.
 */
export const lessonsOf = (
	{ reference }: Pick<Environment, 'reference'>,
	range: readonly [from: number, to: number] | undefined,
	also: readonly Taught[] = [],
): {
	readonly lessons?: Pick<Reference, 'conversation'> & {
		readonly range?: readonly [from: number, to: number];
		answerTo(item: Item): string;
		elsewhere?(count: number, seed: number): readonly TextLesson[];
	};
} => {
	if (!reference || (!range && also.length === 0)) return {};
	const { conversation } = reference;
	return {
		lessons: {
			...(range && { range }),
			answerTo: (item) => reference.solve(item),
			...(conversation && { conversation }),
			...(also.length > 0 && {
				elsewhere: (count, seed) => also.flatMap((taught) => textLessons(taught, count, seed)),
			}),
		},
	};
};

/** `count` training problems of each difficulty with their true answers. */
function textLessons(
	{ environment: name, knobs, range: [from, to] }: Taught,
	count: number,
	seed: number,
): readonly TextLesson[] {
	const environment: Environment = openEnvironment(name, knobs);
	if (!environment.answers || !environment.reference) return [];
	const { tasks, answers, reference } = environment as EnvironmentWith<'answers' | 'reference'>;
	return Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((difficulty) => {
		const stream = random(derive(seed, 'lessons', name, difficulty));
		return Array.from({ length: count }, () => {
			const item = tasks.draw(difficulty, stream);
			const view = trainingView(tasks, item, stream);
			const prompt = shownPrompt(environment.open(item, view).first());
			return { difficulty, prompt, completion: answers.write(item, view, reference.solve(item)) };
		});
	});
}
