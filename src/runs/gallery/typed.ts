/** @file A task and an answer as a person types them, judged by the environment's verifier. */
import { shownPrompt } from '#base/prompt.ts';
import { random } from '#base/random.ts';
import { completionOf } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import type { Item, View } from '#environments/item.ts';
import { judge, judgeCompletion, type Judged } from './exhibit.ts';

/** A problem that a person typed, as the model would read it. */
export interface Typed {
	readonly item: Item;
	readonly view: View;
	readonly prompt: string;
}

/** The typed problem, or one sentence that says how to type one. */
export function readTyped(
	environment: Environment,
	text: string,
): Typed | { readonly error: string } {
	const parsed = environment.words.parse(text);
	if ('error' in parsed) return parsed;
	const { item } = parsed;
	const [view] = environment.tasks.views(item, 1, random(0));
	if (!view) return { error: 'This task has no written form; type another.' };
	return { item, view, prompt: shownPrompt(environment.open(item, view).first()) };
}

/**
 * The verdict on a typed answer. It may be typed as the model writes it, with its working, or as the answer alone; one that
 * can be read in neither way is malformed for the reason that the first has.
 */
export async function judgeTyped(
	environment: Environment,
	{ item, view }: Typed,
	text: string,
): Promise<Judged> {
	const typed = completionOf(environment, { text: text.trim(), stopReason: 'stop' });
	const asWritten = await judgeCompletion(environment, item, view, typed);
	if (asWritten.verdict.kind !== 'malformed' || !environment.answers) return asWritten;
	try {
		const asAnswer = await judge(environment, item, view, text.trim());
		return asAnswer.verdict.kind === 'malformed' ? asWritten : asAnswer;
	} catch {
		// An answer of another kind than the environment writes.
		return asWritten;
	}
}
