/** @file An environment whose answers are read, or whose truth is known, in another way. */
import type { AnswerFormat, Reference } from '#environments/answers.ts';
import type { EnvironmentWith } from '#environments/environment.ts';
import { scoreByReference } from '#environments/score.ts';

/** Its score follows. */
export function altered<E extends EnvironmentWith<'answers' | 'reference'>>(
	environment: E,
	change: { readonly answers?: Partial<AnswerFormat>; readonly reference?: Partial<Reference> },
): E {
	const answers = { ...environment.answers, ...change.answers };
	const reference = { ...environment.reference, ...change.reference };
	return { ...environment, answers, reference, score: scoreByReference(answers, reference) };
}
