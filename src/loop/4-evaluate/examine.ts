/** @file The examination of one difficulty: held-out problems, the verifier, right answers out of n. */
import { derive, random } from '#base/random.ts';
import type { Environment, EnvironmentFor } from '#environments/environment.ts';
import type { Verdict } from '#environments/score.ts';
import { kindOf } from '#environments/tasks.ts';
import { ask, questionOf, verdictOf, type Question } from '#loop/rollout/ask.ts';
import { reminded } from '#loop/policy/recall.ts';
import { drawItems } from '#loop/draw.ts';
import { reportStep } from '#loop/report.ts';
import { passShares } from './pass-at-k.ts';
import { completionOf, type Rollout } from '#loop/rollout/rollout.ts';
import type { Context, FaultScore, ScoreCell, ShownAnswer, Task } from '#loop/types.ts';

/** Shares of right answers, of the strata where anything could be judged. */
export const sharesOf = (cells: readonly ScoreCell[]): readonly number[] =>
	cells.filter(({ n }) => n > 0).map(({ correct, n }) => correct / n);

export interface ExamineOptions {
	readonly describe?: Describe | undefined;
	/** Cases of external memory before each question; none unless told. */
	readonly recalled?: number;
	/** Answers that are sampled to each question beside the greedy one; none unless told. */
	readonly tries?: number;
}

/**
 * Asks up to `count` held-out problems of each stratum, one greedy answer in the plain view. Neither round nor
 * policy is in the seed: it is the same examination every time.
 */
export async function examine(
	difficulty: number,
	count: number,
	context: Context<'score'>,
	cell: string,
	{ describe, recalled = 0, tries = 0 }: ExamineOptions = {},
): Promise<readonly ScoreCell[]> {
	const { world, t, policy } = context;
	const { environment } = world;
	const asRecalled = (question: Question): Question => {
		if (recalled === 0) return question;
		const { task } = question;
		const ties = random(derive(world.seed, 'recalled', task.id));
		const { memory } = policy;
		const { prompt } = reminded(question.prompt, task, memory, environment, recalled, ties);
		return { ...question, prompt };
	};
	const questions = environment.tasks.strata
		.flatMap((stratum) => heldOutQuestions(environment, world.seed, { difficulty, stratum, count }))
		.map(asRecalled);
	reportStep(context, cell, 0, questions.length);
	const rollouts = await ask(questions, context, {
		temperature: 0,
		purpose: 'examination',
		onProgress: (done) => reportStep(context, cell, done, questions.length),
	});
	const examined: Examined[] = [];
	for (const [i, { task }] of questions.entries()) {
		const rollout = rollouts[i];
		if (rollout)
			examined.push({
				...{ task, rollout },
				verdict: await verdictOf(environment, task, rollout, world.signal),
			});
	}
	const rows: ScoreCell[] = [];
	for (const stratum of environment.tasks.strata) {
		const own = examined.filter(({ task }) => task.stratum === stratum);
		const asked = questions.filter(({ task }) => task.stratum === stratum);
		const pass = tries > 0 && asked.length > 0 ? await passShares(asked, tries, context) : null;
		const row: ScoreCell = {
			...{ difficulty, stratum, ...countOf(own), ...detailsOf(own, environment, describe) },
			...(pass && { pass }),
		};
		if (row.n > 0) world.report({ kind: 'examined', t, cell: row });
		rows.push(row);
	}
	return rows;
}

/** Up to `count` held-out problems of one difficulty and stratum, in the plain view: the same for a seed every time. */
export function heldOutQuestions(
	environment: EnvironmentFor<never>,
	seed: number,
	{ difficulty, stratum, count }: HeldOutSet,
): readonly Question[] {
	const stream = random(derive(seed, 'examination', difficulty, stratum));
	const items = drawItems(environment, 'held-out', difficulty, count, stream, stratum);
	return items.flatMap((item) => {
		const text = environment.words.show(item);
		const task = { id: text, item, difficulty, stratum, text };
		return environment.tasks
			.views(item, 1, stream)
			.map((view) => questionOf(environment, task, view));
	});
}

/** Which held-out problems are asked. */
export interface HeldOutSet {
	readonly difficulty: number;
	readonly stratum: string;
	readonly count: number;
}

/** A wrong answer of an examination. */
export interface Examined {
	readonly task: Task;
	readonly rollout: Rollout;
	readonly verdict: Verdict;
}

/** What is wrong with it, and where. */
export type Describe = (wrong: Examined) => Pick<FaultScore, 'fault' | 'at'>;

/** A fault of the verifier is left out of n; it is not a wrong answer. */
const countOf = (own: readonly Examined[]): { readonly correct: number; readonly n: number } => ({
	correct: own.filter(({ verdict }) => verdict.kind === 'correct').length,
	n: own.filter(({ verdict }) => verdict.kind !== 'unjudged').length,
});

/** Answers of each stratum that are kept to be read, and their longest text. */
const shownAnswers = 3;
const shownCharacters = 400;

const outcomeMarks = { correct: '+', wrong: '-', malformed: '-', unjudged: '?' } as const;

const shownOf = ({ task, rollout, verdict }: Examined): ShownAnswer => {
	const said = completionOf(rollout);
	const answer = said.length > shownCharacters ? `${said.slice(0, shownCharacters)} …` : said;
	return { task: task.text, answer, verdict: verdict.kind };
};

/** Why answers could not be read, how each kind of task went, and some answers. */
function detailsOf(
	own: readonly Examined[],
	{ tasks, chat }: Pick<Environment, 'tasks' | 'chat'>,
	describe?: Describe,
): Omit<ScoreCell, 'difficulty' | 'stratum' | 'correct' | 'n'> {
	const reasons = own.flatMap(({ verdict }) =>
		verdict.kind === 'malformed' ? [verdict.reason] : [],
	);
	const malformed = Object.fromEntries(
		[...new Set(reasons)].map((reason) => [reason, reasons.filter((r) => r === reason).length]),
	);
	const kindOfTask = ({ task }: Examined): string => kindOf(tasks, task.item);
	const kinds = tasks.kindOf ? [...new Set(own.map(kindOfTask))].sort() : [];
	const faults = describe ? faultsOf(own, describe) : [];
	return {
		...(faults.length > 0 && { faults }),
		...(chat && reasons.length > 0 && { malformed }),
		...(own.length > 0 && {
			outcomes: own.map(({ verdict }) => outcomeMarks[verdict.kind]).join(''),
			...(chat && { shown: own.slice(0, shownAnswers).map(shownOf) }),
		}),
		...(kinds.length > 0 && {
			kinds: kinds.map((kind) => ({
				kind,
				...countOf(own.filter((one) => kindOfTask(one) === kind)),
			})),
		}),
	};
}

/** Wrong answers by what is wrong with them, the most frequent first; those that nobody could judge are none. */
function faultsOf(own: readonly Examined[], describe: Describe): readonly FaultScore[] {
	const found = new Map<string, FaultScore>();
	for (const one of own) {
		if (one.verdict.kind === 'correct' || one.verdict.kind === 'unjudged') continue;
		const fault = describe(one);
		const key = JSON.stringify([fault.fault, fault.at]);
		found.set(key, { ...fault, n: (found.get(key)?.n ?? 0) + 1 });
	}
	return [...found.values()].sort((a, b) => b.n - a.n || (a.fault < b.fault ? -1 : 1));
}
