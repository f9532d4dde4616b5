/**
 * @file Questions by rule: each sentence of running text is asked for two of its names, numbers and things, in several wordings
 * that share ever fewer words with it.
 *
 * A fact that is learnt in one wording is often not found by another (Allen-Zhu & Li 2023, arXiv 2309.14316); a model of 135
 * million parameters writes rewordings worse and slower than these rules. One wording is never trained on: it tells whether
 * the fact is known, or the sentence.
 */
import { hash32, random, type Random } from '#base/random.ts';
import { answersOf, keywordsOf, type Answer, type AnswerKind } from './answers.ts';
import type { Passage } from './passages.ts';

export interface RuleQuestion {
	readonly passage: Passage;
	readonly question: string;
	readonly answer: string;
	/** Held back from training, as a wording that the model has not seen. */
	readonly isHeldBack: boolean;
}

/** Answers of a sentence that are asked for. */
const perSentence = 2;

/** Words that ask for an answer of a kind. */
const askers: Readonly<Record<AnswerKind, readonly string[]>> = {
	number: ['how much or how many', 'what number', 'what amount', 'how much'],
	time: ['when', 'at what time', 'which day or month', 'what date'],
	place: ['where', 'which place', 'which town or place', 'what place'],
	name: ['who', 'what name', 'which name', 'who or what'],
	thing: ['what', 'which thing', 'what kind of thing', 'what exactly'],
};

/** Questions of the passages, in order; the same text has the same questions. */
export const questionsByRule = (passages: readonly Passage[]): readonly RuleQuestion[] =>
	passages.flatMap((passage) =>
		answersOf(passage.text)
			.slice(0, perSentence)
			.flatMap((answer) => wordingsOf(passage, answer)),
	);

function wordingsOf(passage: Passage, answer: Answer): readonly RuleQuestion[] {
	const draw = random(hash32(`${passage.inView}\n${answer.text}`));
	const [first = 'what', second = first, third = first, fourth = first] = draw.shuffle(
		askers[answer.kind],
	);
	const { names, others } = keywordsOf(passage, answer.text);
	const some = (count: number): string => listed(draw, names, others, count);
	// Nothing could be named in a question.
	if (names.length + others.length === 0) return [];
	const trained = [
		`Which words are missing here? ${withGap(passage, answer)}`,
		`${capital(first)}: ${some(3)}?`,
		`About ${some(1)}: ${second}?`,
		`Tell me ${third}. It is about ${some(2)}.`,
	];
	const row = (question: string, isHeldBack: boolean): RuleQuestion => ({
		...{ passage, question, answer: answer.text, isHeldBack },
	});
	return [
		...[...new Set(trained)].map((question) => row(question, false)),
		row(`Do you remember ${fourth}, for ${some(2)}?`, true),
	];
}

/** The passage in view without the answer, wherever it stands. */
const withGap = ({ inView }: Passage, { text }: Answer): string => inView.replaceAll(text, '…');

/** So many of the names and other words of a passage, in its order; a name is among them if there is one. */
function listed(
	draw: Random,
	names: readonly string[],
	others: readonly string[],
	count: number,
): string {
	const few = draw.shuffle(names).slice(0, Math.ceil(count / 2));
	const more = draw.shuffle(others).slice(0, Math.max(count - few.length, 0));
	const chosen = new Set([...few, ...more]);
	return [...names, ...others].filter((one) => chosen.has(one)).join(', ');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
