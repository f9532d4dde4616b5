/** @file The greedy answer of a policy to one task, with as many replies as the environment wants, judged by it. */
import type { Prompt } from '#base/prompt.ts';
import { completionOf as endedCompletion, readAnswer } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import type { Item, View } from '#environments/item.ts';
import { verdictOf } from '#loop/rollout/ask.ts';
import { completionOf, sampledTurn, type Rollout, type Turn } from '#loop/rollout/rollout.ts';
import type { Adapter } from '#model/adapter.ts';
import type { SharedEngine } from '#platform/shared-engine.ts';
import type { GivenAnswer } from '../session.ts';

/** Replies of one model to a task. */
const mostTurns = 16;

/** Says whatever there is to say, until the environment says nothing more. */
export async function greedyAnswer(
	environment: Environment,
	{ item, view }: { readonly item: Item; readonly view: View },
	engine: Pick<SharedEngine, 'askWith'>,
	adapter: Adapter | null,
	signal?: AbortSignal,
): Promise<GivenAnswer> {
	const { answer: maxTokens } = environment.maxTokens(environment.tasks.difficultyOf(item));
	const options = { maxTokens, temperature: 0, ...(signal && { signal }) };
	const dialogue = environment.open(item, view);
	const turns: Turn[] = [];
	let stopReason: Rollout['stopReason'] = 'max-turns';
	for (let prompt: Prompt | null = dialogue.first(); prompt && turns.length < mostTurns;) {
		const generation = await engine.askWith(adapter, prompt, options);
		stopReason = generation?.stopReason ?? 'aborted';
		if (!generation) break;
		const content = endedCompletion(environment, generation);
		turns.push(sampledTurn(generation, content, environment.chat === true));
		prompt = stopReason === 'stop' ? await dialogue.next({ role: 'assistant', content }) : null;
	}
	return judged(environment, item, { view, turns, stopReason });
}

async function judged(
	environment: Environment,
	item: Item,
	rollout: Pick<Rollout, 'view' | 'turns' | 'stopReason'>,
): Promise<GivenAnswer> {
	const { view } = rollout;
	const completion = completionOf(rollout);
	const verdict = await verdictOf(environment, { item }, rollout);
	const hasAnswer = verdict.kind === 'correct' || verdict.kind === 'wrong';
	const read = hasAnswer ? readAnswer(environment, item, view, completion) : null;
	return {
		answer: read && 'answer' in read ? read.answer : null,
		completion,
		correct: verdict.kind === 'unjudged' ? null : verdict.kind === 'correct',
	};
}
