/** @file Answers that a sentence gives: its names, numbers, times and things, found by the form of their words. */
import { plainText } from '#dataset/row.ts';
import { functionWords, namesNumber, pronouns, type Passage } from './passages.ts';

export type AnswerKind = 'number' | 'time' | 'place' | 'name' | 'thing';

/** A stretch of a sentence that can be asked for. */
export interface Answer {
	readonly text: string;
	/** Index of its first character in the sentence. */
	readonly at: number;
	readonly kind: AnswerKind;
}

interface Word {
	readonly text: string;
	readonly at: number;
	/** After a comma, a colon or the beginning. */
	readonly opens: boolean;
}

const word = /[\p{L}\p{N}](?:[\p{L}\p{N}.,’'\-]*[\p{L}\p{N}])?/gu;
const determiners = new Set('a an the my his her its our their your this that some no'.split(' '));
const pointing = new Set('me him her us them you it i he she we they'.split(' '));
const ofPlace = new Set('in at from to near into through around'.split(' '));
const ofThings = new Set('with of behind under as for about from in on into by at'.split(' '));
const times =
	/^(?:january|february|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|spring|summer|autumn|winter|morning|evening|noon|midnight)$/i;
const units = /^(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|o’clock)$/i;

/** Verbs that a note begins with: `Met Anna Berg`. */
const deeds =
	/^(?:\p{L}+ed|met|saw|bought|sold|went|had|got|found|lost|read|wrote|made|took|gave|spoke|told|sent|ate|paid|began|drove|dinner|lunch|breakfast)$/iu;

const isCapital = ({ text }: Word): boolean => /^\p{Lu}/u.test(text);
const isFunction = ({ text }: Word): boolean => functionWords.has(text.toLowerCase());
const isNumber = ({ text }: Word): boolean => /^\p{N}/u.test(text) || namesNumber(text);

function wordsIn(sentence: string): readonly Word[] {
	return [...sentence.matchAll(word)].map(({ 0: raw, index }) => ({
		text: raw.replace(/[’']s$/, ''),
		at: index,
		opens: index === 0 || /[,;:–—(]\s*$/.test(sentence.slice(0, index)),
	}));
}

/** Answers of a sentence, those first that say most of it: numbers, times and names after its subject. */
export function answersOf(sentence: string): readonly Answer[] {
	const words = wordsIn(sentence);
	const found: (Answer & { readonly worth: number })[] = [];
	for (let i = 0; i < words.length;) {
		const run = runAt(words, i);
		if (run) {
			const [first, last] = [words[i], words[i + run.length - 1]];
			if (first && last && run.kind !== undefined)
				found.push({
					text: sentence.slice(first.at, last.at + last.text.length),
					...{ at: first.at, kind: run.kind, worth: worthOf(run.kind, i, words) },
				});
		}
		i += Math.max(1, run?.length ?? 1);
	}
	return found
		.sort((a, b) => b.worth - a.worth || b.at - a.at)
		.map(({ text, at, kind }) => ({ text, at, kind }));
}

/** Subjects are what a question names, so that they are asked for last. */
function worthOf(kind: AnswerKind, i: number, words: readonly Word[]): number {
	const isSubject = i === 0 || (i === 1 && determiners.has(words[0]?.text.toLowerCase() ?? ''));
	return (isSubject ? 0 : 2) + (kind === 'thing' ? 0 : 1);
}

/** The run of words that begins here; without a kind it is passed over. */
function runAt(
	words: readonly Word[],
	i: number,
): { readonly length: number; readonly kind?: AnswerKind } | undefined {
	const first = words[i];
	if (!first || isFunction(first)) return undefined;
	const before = words[i - 1]?.text.toLowerCase() ?? '';
	const next = words[i + 1];
	if (isNumber(first)) return numberRun(next);
	if (times.test(first.text) && i > 0) return { length: 1, kind: 'time' };
	if (isCapital(first)) {
		let length = 1;
		while (continues(words[i + length], isCapital) || isNumberAfter(words, i, length)) length++;
		// The first word of a sentence has a capital whatever it is.
		if (i === 0 && (length === 1 || deeds.test(first.text))) return { length: 1 };
		return { length, kind: ofPlace.has(before) ? 'place' : 'name' };
	}
	if (!determiners.has(before) && !ofThings.has(before)) return undefined;
	let length = 1;
	while (length < 3 && continues(words[i + length], (one) => !isCapital(one) && !isNumber(one)))
		length++;
	const after = words[i + length];
	// A verb before its object: `the chain cost 38 euros`.
	const isVerb =
		after &&
		(isNumber(after) ||
			isCapital(after) ||
			determiners.has(after.text) ||
			pointing.has(after.text));
	return { length: isVerb && !after.opens && length > 1 ? length - 1 : length, kind: 'thing' };
}

const continues = (one: Word | undefined, test: (one: Word) => boolean): boolean =>
	one !== undefined && !one.opens && !isFunction(one) && test(one);

/** `Mill Lane 12`. */
const isNumberAfter = (words: readonly Word[], i: number, length: number): boolean =>
	i > 0 &&
	continues(words[i + length], ({ text }) => /^\p{N}/u.test(text)) &&
	!times.test(words[i]?.text ?? '');

function numberRun(next: Word | undefined) {
	if (next && !next.opens && units.test(next.text)) return { length: 2, kind: 'time' } as const;
	if (next && !next.opens && times.test(next.text)) return { length: 2, kind: 'time' } as const;
	const isCounted = continues(next, (one) => !isCapital(one) && /s$/.test(one.text));
	return { length: isCounted ? 2 : 1, kind: 'number' } as const;
}

/**
 * Names that a question of a passage can name, and other words of it that say something, without those of the answer, each
 * once. A sentence that leans on others (`she`, `his`) has the names of those before it in its row too.
 */
export function keywordsOf(
	{ text, row }: Passage,
	answer: string,
): { readonly names: readonly string[]; readonly others: readonly string[] } {
	const given = new Set([...answer.matchAll(word)].map(([one]) => one.toLowerCase()));
	const own = keywordsIn(text);
	const whole = plainText(row.lesson) ?? '';
	const leans = wordsIn(text).some((one) => pronouns.has(one.text.toLowerCase()));
	const before = leans ? whole.slice(0, Math.max(0, whole.indexOf(text))) : '';
	const earlier = before.split(/(?<=[.!?])\s+/).flatMap((sentence) => keywordsIn(sentence).names);
	const without = (some: readonly string[]): readonly string[] => [
		...new Set(
			some.filter(
				(one) => ![...one.matchAll(word)].some(([part]) => given.has(part.toLowerCase())),
			),
		),
	];
	return { names: without([...earlier, ...own.names]), others: without(own.others) };
}

function keywordsIn(sentence: string) {
	const words = wordsIn(sentence);
	const [names, others]: [string[], string[]] = [[], []];
	for (let i = 0; i < words.length;) {
		const run = runAt(words, i);
		const length = Math.max(1, run?.length ?? 1);
		const some = words.slice(i, i + length);
		const isName = run?.kind === 'name' || run?.kind === 'place';
		if (some.some((one) => !isFunction(one)))
			(isName ? names : others).push(some.map((one) => one.text).join(' '));
		i += length;
	}
	return { names, others };
}
