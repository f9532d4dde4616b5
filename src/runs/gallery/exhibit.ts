/** @file Exhibits of an environment: real training items, easy and hard, with a right answer, a near miss and what the verifier says. */
import { shownPrompt } from '#base/prompt.ts';
import { derive, random } from '#base/random.ts';
import { readAnswer, writeAnswer } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import type { Item, View } from '#environments/item.ts';
import type { Verdict } from '#environments/score.ts';

/** One problem as it is asked, with answers and verdicts if it is over after one answer. */
export interface Exhibit {
	readonly difficulty: number;
	readonly item: Item;
	readonly shown: string;
	readonly prompt: string;
	readonly right?: Judged;
	readonly miss?: Judged;
}

export interface Judged {
	readonly completion: string;
	readonly verdict: Verdict;
	/** What is wrong, in words, if the environment knows. */
	readonly fault?: string;
}

/** Draws of other problems, after which no near miss is shown. */
const tries = 100;

/** An easy and a hard difficulty: the lowest, and half way up. */
const difficultiesOf = ({ tasks }: Environment): readonly number[] => {
	const { min, max } = tasks.difficulty;
	return [...new Set([min, Math.ceil((min + max) / 2)])];
};

/** An answer in canonical form, written as the model would, and judged. */
export const judge = (
	environment: Environment,
	item: Item,
	view: View,
	answer: string,
): Promise<Judged> =>
	judgeCompletion(environment, item, view, writeAnswer(environment, item, view, answer));

/** A completion with its end mark, judged; a wrong answer with its first wrong step. */
export async function judgeCompletion(
	environment: Environment,
	item: Item,
	view: View,
	completion: string,
): Promise<Judged> {
	const { verdict } = await environment.score({ item, view, completion, stopReason: 'stop' });
	const read = readAnswer(environment, item, view, completion);
	const fault = 'answer' in read ? environment.faults?.find(item, read.answer) : null;
	const words = fault && environment.faults?.ways[fault.way];
	return {
		completion,
		verdict,
		...(fault && words !== undefined && { fault: `${words}${fault.at ? ` ${fault.at}` : ''}` }),
	};
}

/** An answer spoilt in a known way, else that to another problem of this difficulty; undefined if all are right. */
async function nearMiss(
	environment: Environment,
	item: Item,
	view: View,
	right: string,
): Promise<Judged | undefined> {
	const { tasks, faults, reference } = environment;
	const stream = random(derive(2, tasks.keyOf(item)));
	for (let i = 0; i < tries; i++) {
		const answer =
			faults?.spoil(item, right, stream)?.answer ??
			reference?.solve(tasks.draw(tasks.difficultyOf(item), stream));
		if (answer === undefined) return undefined;
		const judged = await judge(environment, item, view, answer);
		if (judged.verdict.kind !== 'correct') return judged;
	}
	return undefined;
}

/** One training item of a difficulty. */
export async function exhibit(environment: Environment, difficulty: number): Promise<Exhibit> {
	const { name, tasks, words, reference } = environment;
	const stream = random(derive(1, 'gallery', name, difficulty));
	const item = tasks.draw(difficulty, stream);
	const [view = {}] = tasks.views(item, 1, stream);
	const dialogue = environment.open(item, view);
	const asked = {
		...{ difficulty, item, shown: words.show(item) },
		prompt: shownPrompt(dialogue.first()),
	};
	if (!reference) return asked;
	const answer = reference.solve(item);
	const content = writeAnswer(environment, item, view, answer);
	if ((await dialogue.next({ role: 'assistant', content })) !== null) return asked;
	const miss = await nearMiss(environment, item, view, answer);
	return {
		...asked,
		right: await judge(environment, item, view, answer),
		...(miss && { miss }),
	};
}

/** Every environment at its default knobs, with an easy and a hard item. */
export const exhibitsOf = (environment: Environment): Promise<readonly Exhibit[]> =>
	Promise.all(difficultiesOf(environment).map((n) => exhibit(environment, n)));

/** The verdict in words: `correct`, `wrong: it drops a carry`, `malformed: no end mark`. */
export function verdictWords({ verdict, fault }: Pick<Judged, 'verdict' | 'fault'>): string {
	if (verdict.kind === 'wrong') return `wrong${fault === undefined ? '' : `: it ${fault}`}`;
	return 'reason' in verdict ? `${verdict.kind}: ${verdict.reason}` : verdict.kind;
}
