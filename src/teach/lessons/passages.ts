/** @file Passages of running text, a sentence each with the one before it in view, and the spans of it that can be an answer. */
import { plainText, type DataRow } from '#dataset/row.ts';

/** A sentence of a text row. */
export interface Passage {
	readonly row: DataRow;
	/** The sentence. */
	readonly text: string;
	/** With the sentence before it, if it leans on it (`she`, `it`). */
	readonly inView: string;
	/** Stretches of the sentence that can be an answer, shortest first from each word. */
	readonly spans: readonly string[];
}

/** Sentences of fewer words say too little to ask about. */
const fewestWords = 4;
/** Words of an answer. */
const longestSpan = 3;

const word = /[\p{L}\p{N}](?:[\p{L}\p{N}'’.\-]*[\p{L}\p{N}])?/gu;
/** Words that alone are no answer, and that none begins or ends with. */
export const functionWords: ReadonlySet<string> = new Set(
	(
		'a an the and or but of to in on at by for from with as is are was were be been has have had do does did will must ' +
		'can i we he she it they you me him her us them my our his its their your this that there here not no so than then ' +
		'when who which what where how if after before into near off again because'
	).split(' '),
);
/** Words that stand for something said before. */
export const pronouns: ReadonlySet<string> = new Set(
	'he she it they him her them his hers its their theirs this that these those'.split(' '),
);

export const wordsOf = (text: string): readonly string[] => text.match(word) ?? [];

const isFunctionWord = (one: string): boolean => functionWords.has(one.toLowerCase());

/** Ends of sentences, not those of the usual abbreviations. */
const sentenceEnd =
	/(?<=(?<!\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nr|vs|ca|e\.g|i\.e))[.!?…]["'”’)]*)\s+|\n+/;

/** Passages of rows of plain text, in order; other rows have none. */
export const passagesOf = (rows: readonly DataRow[]): readonly Passage[] =>
	rows.flatMap((row) => {
		const text = plainText(row.lesson);
		if (text === undefined) return [];
		const sentences = text.split(sentenceEnd).map((one) => one.trim());
		return sentences.flatMap((one, i): readonly Passage[] => {
			if (wordsOf(one).length < fewestWords) return [];
			const spans = spansOf(one);
			if (spans.length === 0) return [];
			const before = sentences[i - 1] ?? '';
			const leans = wordsOf(one).some((each) => pronouns.has(each.toLowerCase()));
			const inView = leans && before !== '' ? `${before} ${one}` : one;
			return [{ row, text: one, inView, spans }];
		});
	});

/** Runs of words within a clause, without function words but for `of`; each once. */
export function spansOf(sentence: string): readonly string[] {
	const spans = new Set<string>();
	for (const clause of sentence.split(/(?<=[,;:!?.])\s+/)) {
		const words = [...clause.matchAll(word)];
		for (const [i, first] of words.entries())
			for (let n = 1; n <= longestSpan; n++) {
				const run = words.slice(i, i + n);
				const last = run[n - 1];
				if (!last || isFunctionWord(first[0]) || isFunctionWord(last[0])) continue;
				if (run.some(([one]) => isFunctionWord(one) && one !== 'of')) continue;
				spans.add(clause.slice(first.index, last.index + last[0].length));
			}
	}
	return [...spans];
}

/** The words of `part` stand in `text` in the same order, next to each other. */
export const holdsWords = (text: string, part: string): boolean => {
	const plain = (one: string): string => ` ${wordsOf(one).join(' ').toLowerCase()} `;
	return plain(text).includes(plain(part));
};

const numbers =
	/\d|\b(?:no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|\w+teen|\w+ty|hundred|thousand|million|half)\b/i;

export const namesNumber = (text: string): boolean => numbers.test(text);
