/** @file One typed task, answered by the base model and by policies trained from it, judged by the environment. */
import { inTurn } from '#base/concurrency/in-turn.ts';
import type { Prompt } from '#base/prompt.ts';
import { random } from '#base/random.ts';
import { completionOf as endedCompletion, readAnswer } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';
import { verdictOf } from '#loop/rollout/ask.ts';
import { completionOf, sampledTurn, type Rollout, type Turn } from '#loop/rollout/rollout.ts';
import type { Files, RunRecord } from '#storage/runs/store.ts';
import { loadAdapter } from './stored/codec.ts';
import { SessionFailure } from '#base/failure.ts';
import { readSavedState } from './stored/saved-state.ts';
import type { Adapter } from '#model/adapter.ts';
import { openAdapterFile } from './stored/adapter-files.ts';
import type { GivenAnswer, RecordedPolicies, TryAnswer } from './session.ts';
import type { SharedEngine } from '#platform/shared-engine.ts';

/** Adapters of a stored run's policy (none before it is trained), or of a recorded run's policies, earliest first. */
export async function adaptersOf(
	run: RunRecord | RecordedPolicies | null,
	files: Files,
): Promise<readonly Adapter[]> {
	if (!run) return [];
	if ('adapters' in run) return run.adapters.map(openAdapterFile);
	const adapter = await loadAdapter(readSavedState(run.state).policy, files);
	return adapter ? [adapter] : [];
}

/** Replies of one model to a task. */
const mostTurns = 16;

/** Generates the answers greedily, that of the base model first; without adapters it is `now`'s as well. */
export async function tryOut(
	text: string,
	environment: Environment,
	engine: SharedEngine,
	adapters: readonly Adapter[],
): Promise<TryAnswer> {
	const parsed = environment.words.parse(text);
	if ('error' in parsed) throw new SessionFailure('bad-task', parsed.error);
	const { item } = parsed;
	const [view] = environment.tasks.views(item, 1, random(0));
	if (!view) throw new SessionFailure('bad-task', 'This task has no written form; type another.');
	const { answer: maxTokens } = environment.maxTokens(environment.tasks.difficultyOf(item));
	/** Says whatever there is to say, until the environment says nothing more. */
	const ask = async (adapter: Adapter | null) => {
		const dialogue = environment.open(item, view);
		const turns: Turn[] = [];
		let stopReason: Rollout['stopReason'] = 'max-turns';
		for (let prompt: Prompt | null = dialogue.first(); prompt && turns.length < mostTurns;) {
			const generation = await engine.askWith(adapter, prompt, { maxTokens, temperature: 0 });
			stopReason = generation?.stopReason ?? 'aborted';
			if (!generation) break;
			const content = endedCompletion(environment, generation);
			turns.push(sampledTurn(generation, content, environment.chat === true));
			prompt = stopReason === 'stop' ? await dialogue.next({ role: 'assistant', content }) : null;
		}
		return judged(environment, item, { view, turns, stopReason });
	};
	const before = await ask(null);
	const trained = await inTurn(adapters, ask);
	return {
		task: environment.words.show(item),
		expected: expectedOf(environment, item),
		before,
		between: trained.slice(0, -1),
		now: trained.at(-1) ?? before,
	};
}

/** Null if many answers are right, or nobody knows one. */
const expectedOf = ({ reference }: Environment, item: Item): string | null =>
	!reference || reference.isRight ? null : reference.solve(item);

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
