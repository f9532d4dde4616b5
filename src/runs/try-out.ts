/** @file One typed task, answered by the base model and by policies trained from it, judged by the environment. */
import { inTurn } from '#base/concurrency/in-turn.ts';
import { random } from '#base/random.ts';
import type { Environment } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';
import type { Files, RunRecord } from '#storage/runs/store.ts';
import { loadAdapter } from './stored/codec.ts';
import { SessionFailure } from '#base/failure.ts';
import { readSavedState } from './stored/saved-state.ts';
import type { Adapter } from '#model/adapter.ts';
import { openAdapterFile } from './stored/adapter-files.ts';
import { greedyAnswer } from './inside/greedy-answer.ts';
import type { RecordedPolicies, TryAnswer } from './session.ts';
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
	const ask = (adapter: Adapter | null) =>
		greedyAnswer(environment, { item, view }, engine, adapter);
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
	!reference || reference.isRight || reference.isExample ? null : reference.solve(item);
