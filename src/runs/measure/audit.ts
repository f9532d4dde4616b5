/**
 * @file Audit of the loop's labels by the environment's verifier; for people only, the loop never reads it.
 * The cells never see it.
 */
import { inTurn } from '#base/concurrency/in-turn.ts';
import type { Prompt } from '#base/prompt.ts';
import { isRight } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';
import { verdictOf } from '#loop/rollout/ask.ts';
import type { Example } from '#loop/example.ts';
import { afterEachTurn, completionOf, promptOf, type Rollout } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import type { TruthRow } from '#storage/runs/store.ts';
import type { ExperienceRow, Verdict } from '../stored/row.ts';

/** The answer that an experience stands for: the one its feedback is about, else its first rollout's. */
export const answerOf = (experience: Experience): string | null =>
	experience.feedback.kind === 'scored'
		? experience.feedback.answer
		: (experience.rollouts[0]?.answer ?? null);

/**
 * Is this answer of an experience true? Without a reference the environment scores the rollout that gave it. What nobody
 * can judge is `unjudged`, never `wrong`.
 */
async function judge(
	environment: Environment,
	{ task, rollouts }: Experience,
	answer: string | null,
): Promise<Verdict> {
	const { reference } = environment;
	try {
		if (!reference || reference.isExample) {
			const rollout = rollouts.find((one) => one.answer === answer);
			return rollout ? (await verdictOf(environment, task, rollout)).kind : 'unjudged';
		}
		// Asked even if there is no answer: a task that nobody can judge counts on neither side.
		const right = isRight(reference, task.item, answer ?? '');
		if (answer === null) return 'malformed';
		return right ? 'correct' : 'wrong';
	} catch {
		return 'unjudged';
	}
}

/** An experience as a row of the table, with its verdict; what a person or an update did to `before` stays. */
export async function rowOf(
	runId: string,
	experience: Experience,
	environment: Environment,
	before?: ExperienceRow,
): Promise<ExperienceRow<Experience>> {
	const { task, feedback, fate } = experience;
	const answer = answerOf(experience);
	return {
		runId,
		id: experience.id,
		t: experience.t,
		difficulty: task.difficulty,
		stratum: task.stratum,
		text: task.text,
		answer,
		expected: truthOf(environment, task.item),
		verdict: await judge(environment, experience, answer),
		score: feedback.kind === 'scored' ? feedback.score : null,
		fate: fate.kind,
		reason: fate.kind === 'set-aside' ? fate.reason : '',
		rejected: before?.rejected ?? false,
		trainedIn: before?.trainedIn ?? [],
		...(before?.training && { training: before.training }),
		payload: experience,
	};
}

/** The truth meter of one round: labels before the filter and what was kept of them. */
export async function measureTruth(
	t: number,
	experiences: readonly Experience[],
	environment: Environment,
): Promise<TruthRow> {
	const kept = experiences.filter((e) => e.fate.kind === 'kept');
	// One after the other: a scorer may be busy with each.
	const before = tally(await inTurn(experiences, (e) => judge(environment, e, answerOf(e))));
	const after = tally(await inTurn(kept, (e) => judgeKept(environment, e)));
	const scores = kept.flatMap((e) => (e.feedback.kind === 'scored' ? [e.feedback.score] : []));
	return {
		t,
		asked: experiences.length,
		kept: kept.length,
		correct: after.correct,
		judged: after.judged,
		believed: scores.length === 0 ? 0 : scores.reduce((sum, s) => sum + s, 0) / scores.length,
		correctBefore: before.correct,
		judgedBefore: before.judged,
	};
}

/** True only if every example that the experience gives to training is true. */
async function judgeKept(environment: Environment, experience: Experience): Promise<Verdict> {
	if (experience.fate.kind !== 'kept') return 'unjudged';
	const verdicts = await inTurn(experience.fate.examples, (e) =>
		judgeExample(environment, experience, e),
	);
	return (
		verdicts.find((v) => v === 'wrong' || v === 'malformed') ??
		verdicts.find((v) => v === 'unjudged') ??
		(verdicts.length > 0 ? 'correct' : 'unjudged')
	);
}

async function judgeExample(
	environment: Environment,
	experience: Experience,
	example: Example,
): Promise<Verdict> {
	switch (example.kind) {
		case 'answer':
			return judge(environment, experience, example.answer);
		case 'text':
			return judgeText(environment, experience, example);
		// A pair's label is the claim that its chosen side is right.
		case 'pair':
			return judgeText(environment, experience, { ...example, ...example.chosen });
		default:
			return example satisfies never;
	}
}

/** True if it ended a rollout that was right, or was said on the way to one. */
async function judgeText(
	environment: Environment,
	experience: Experience,
	{ prompt, completion }: { readonly prompt: Prompt; readonly completion: string },
): Promise<Verdict> {
	const { task, rollouts } = experience;
	const isSaid = (one: Rollout): boolean =>
		afterEachTurn(one).some(
			(part) => completionOf(part) === completion && isEqual(promptOf(part), prompt),
		);
	// The view in which the completion was written is the rollout's.
	const ended = rollouts.filter((one) => completionOf(one) === completion);
	const sayers = rollouts.filter(isSaid);
	const candidates = sayers.length > 0 ? sayers : ended.slice(0, 1);
	if (candidates.length === 0) return judge(environment, experience, answerOf(experience));
	const verdicts = await inTurn(
		candidates,
		async (one) => (await verdictOf(environment, task, one)).kind,
	);
	return verdicts.find((kind) => kind === 'correct') ?? verdicts[0] ?? 'unjudged';
}

const isEqual = (a: Prompt, b: Prompt): boolean => JSON.stringify(a) === JSON.stringify(b);

function tally(verdicts: readonly Verdict[]): { correct: number; judged: number } {
	const judged = verdicts.filter((v) => v !== 'unjudged');
	return { correct: judged.filter((v) => v === 'correct').length, judged: judged.length };
}

/** Empty if many answers are right, or none is known to be. */
function truthOf(environment: Environment, item: Item): string {
	const { reference } = environment;
	if (!reference || reference.isRight) return '';
	try {
		return reference.solve(item);
	} catch {
		return '';
	}
}
