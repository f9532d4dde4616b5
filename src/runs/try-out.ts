/** @file One typed task, answered by the base model and by a run's policy, judged by the environment. */
import { random } from '#base/random.ts';
import { completionOf as endedCompletion, readAnswer } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';
import { verdictOf } from '#loop/rollout/ask.ts';
import { completionOf, sampledTurn, type Rollout } from '#loop/rollout/rollout.ts';
import type { Files, RunRecord } from '#storage/runs/store.ts';
import { loadAdapter } from './stored/codec.ts';
import { SessionFailure } from '#base/failure.ts';
import { readSavedState } from './stored/saved-state.ts';
import type { TryAnswer } from './session.ts';
import type { SharedEngine } from '#platform/shared-engine.ts';

/** Generates both answers greedily; if `run` is null, twice with the base model. */
export async function tryOut(
	text: string,
	environment: Environment,
	engine: SharedEngine,
	run: RunRecord | null,
	files: Files,
): Promise<TryAnswer> {
	const parsed = environment.words.parse(text);
	if ('error' in parsed) throw new SessionFailure('bad-task', parsed.error);
	const { item } = parsed;
	const [view] = environment.tasks.views(item, 1, random(0));
	if (!view) throw new SessionFailure('bad-task', 'This task has no written form; type another.');
	const prompt = environment.open(item, view).first();
	const { answer: maxTokens } = environment.maxTokens(environment.tasks.difficultyOf(item));
	const ask = async (adapter: Awaited<ReturnType<typeof loadAdapter>>) => {
		const generation = await engine.askWith(adapter, prompt, { maxTokens, temperature: 0 });
		const turns = generation
			? [
					sampledTurn(
						generation,
						endedCompletion(environment, generation),
						environment.chat === true,
					),
				]
			: [];
		return judged(environment, item, {
			view,
			turns,
			stopReason: generation?.stopReason ?? 'aborted',
		});
	};
	const adapter = run && (await loadAdapter(readSavedState(run.state).policy, files));
	const before = await ask(null);
	return {
		task: environment.words.show(item),
		expected: expectedOf(environment, item),
		before,
		now: adapter ? await ask(adapter) : before,
	};
}

/** Null if many answers are right, or nobody knows one. */
const expectedOf = ({ reference }: Environment, item: Item): string | null =>
	!reference || reference.isRight ? null : reference.solve(item);

async function judged(
	environment: Environment,
	item: Item,
	rollout: Pick<Rollout, 'view' | 'turns' | 'stopReason'>,
): Promise<TryAnswer['now']> {
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
