/**
 * @file The truth, for people only: what the environment's verifier says of the labels that the loop believes.
 * The cells never see it.
 */
import type { Environment, Item } from '#environments/environment.ts';
import { isTrue, verify } from '#environments/environment.ts';
import type { Example } from '#loop/example.ts';
import type { Experience } from '#loop/types.ts';
import type { ExperienceRow, TruthRow } from '#storage/runs/store.ts';

/** The verifier's word on an experience, as its row keeps it. */
export type RowVerdict = ExperienceRow['verdict'];

/** The answer that an experience stands for: the one its feedback is about, else its first attempt's. */
export const answerOf = (experience: Experience): string | null =>
	experience.feedback.kind === 'scored'
		? experience.feedback.answer
		: (experience.attempts[0]?.answer ?? null);

/** Is this answer true? What the verifier cannot judge is `unjudged`, never `wrong`. */
export function judge(environment: Environment, item: Item, answer: string | null): RowVerdict {
	try {
		// Asked even where there is no answer: a task that nobody can judge counts on neither side.
		const isRight = isTrue(environment, item, answer ?? '');
		if (answer === null) return 'malformed';
		return isRight ? 'correct' : 'wrong';
	} catch {
		return 'unjudged';
	}
}

/** An experience as a row of the table, with its verdict; what a person or an update did to `before` stays. */
export function rowOf(
	runId: string,
	experience: Experience,
	environment: Environment,
	before?: ExperienceRow,
): ExperienceRow<Experience> {
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
		verdict: judge(environment, task.item, answer),
		score: feedback.kind === 'scored' ? feedback.score : null,
		fate: fate.kind,
		reason: fate.kind === 'set-aside' ? fate.reason : '',
		rejected: before?.rejected ?? false,
		trainedIn: before?.trainedIn ?? [],
		payload: experience,
	};
}

/** The truth meter of one round: labels before the filter and what was kept of them. */
export function measureTruth(
	t: number,
	experiences: readonly Experience[],
	environment: Environment,
): TruthRow {
	const before = tally(experiences.map((e) => judge(environment, e.task.item, answerOf(e))));
	const kept = experiences.filter((e) => e.fate.kind === 'kept');
	const after = tally(kept.map((e) => judgeKept(environment, e)));
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

/** True only where every example that the experience gives to training is true. */
function judgeKept(environment: Environment, experience: Experience): RowVerdict {
	if (experience.fate.kind !== 'kept') return 'unjudged';
	const verdicts = experience.fate.examples.map((e) => judgeExample(environment, experience, e));
	return (
		verdicts.find((v) => v === 'wrong' || v === 'malformed') ??
		verdicts.find((v) => v === 'unjudged') ??
		(verdicts.length > 0 ? 'correct' : 'unjudged')
	);
}

function judgeExample(
	environment: Environment,
	experience: Experience,
	example: Example,
): RowVerdict {
	switch (example.kind) {
		case 'answer':
			return judge(environment, example.item, example.answer);
		case 'text':
			return judgeText(environment, experience, example.completion);
		// What is believed of a pair is that its chosen side is right.
		case 'pair':
			return judgeText(environment, experience, example.chosen.completion);
		default:
			return example satisfies never;
	}
}

function judgeText(
	environment: Environment,
	experience: Experience,
	completion: string,
): RowVerdict {
	// The view in which the completion was written is the attempt's.
	const attempt = experience.attempts.find((a) => a.completion === completion);
	if (!attempt) return judge(environment, experience.task.item, answerOf(experience));
	return verify(environment, experience.task.item, attempt.view, completion).kind;
}

function tally(verdicts: readonly RowVerdict[]): { correct: number; judged: number } {
	const judged = verdicts.filter((v) => v !== 'unjudged');
	return { correct: judged.filter((v) => v === 'correct').length, judged: judged.length };
}

/** Empty where many answers are right, or none is known to be. */
function truthOf(environment: Environment, item: Item): string {
	if (environment.isRight) return '';
	try {
		return environment.solve(item);
	} catch {
		return '';
	}
}
