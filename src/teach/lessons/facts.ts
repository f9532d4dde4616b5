/** @file Questions by rule beside the text that they are made of, as prepared rows: made anew whenever the text is prepared. */
import type { PreparedRow } from '#dataset/refine/prepared.ts';
import type { PrepareOptions, TextUse } from '#dataset/refine/prepare.ts';
import { plainText } from '#dataset/row.ts';
import { questionsByRule } from './by-rule.ts';
import { functionWords, passagesOf, wordsOf } from './passages.ts';
import { lessonRow } from './row.ts';

/** Sentences from which a text is too long to be learnt fact by fact. */
const mostSentences = 300;
/** Share of English function words that running English has at least. */
const leastEnglish = 0.2;

/** What is learnt of running text unless a person chooses: the facts of a few notes in English, else the text as it is. */
export function suitedUse(prepared: readonly PreparedRow[]): TextUse {
	const rows = prepared
		.map(({ row }) => row)
		.filter(({ lesson }) => plainText(lesson) !== undefined);
	const { length } = passagesOf(rows);
	if (length === 0 || length > mostSentences) return 'as-is';
	const words = rows.flatMap(({ lesson }) => wordsOf(plainText(lesson) ?? ''));
	const common = words.filter((one) => functionWords.has(one.toLowerCase())).length;
	return common / Math.max(1, words.length) < leastEnglish ? 'as-is' : 'facts';
}

/**
 * The rows, with questions of their running text if its facts are to be learnt. One wording of each fact is held back; what
 * keeps a text from being learnt keeps its questions.
 */
export function withFacts(
	prepared: readonly PreparedRow[],
	{ texts, excluded, validation }: PrepareOptions,
): readonly PreparedRow[] {
	if (texts !== 'facts') return prepared;
	return [...prepared, ...factRows(prepared, { excluded, validation })];
}

/** Questions of text that is now learnt otherwise, for an adapter that was trained on them. */
export function unusedFacts(
	prepared: readonly PreparedRow[],
	options: PrepareOptions,
): readonly PreparedRow[] {
	const here = new Set(prepared.map(({ id }) => id));
	return factRows(prepared, options).flatMap((one) =>
		here.has(one.id) ? [] : [{ ...one, left: one.left ?? 'form' }],
	);
}

/** The questions alone. */
function factRows(
	prepared: readonly PreparedRow[],
	{ excluded, validation }: Pick<PrepareOptions, 'excluded' | 'validation'>,
): readonly PreparedRow[] {
	const out = new Set(excluded);
	const asked = prepared.flatMap((text) =>
		questionsByRule(passagesOf([text.row])).map((one): PreparedRow => {
			const row = lessonRow(
				{ ...one, row: text.row, passage: one.passage.inView, check: 'kept', by: 'rule' },
				true,
			);
			const side = one.isHeldBack ? 'validation' : 'training';
			const reason = text.left === 'form' ? undefined : text.left;
			const left = out.has(row.id)
				? 'excluded'
				: (reason ?? (one.isHeldBack && validation === 0 ? 'form' : undefined));
			return { row, id: row.id, side, personal: text.personal, ...(left && { left }) };
		}),
	);
	// The same words in two notes are one row.
	const ids = new Set<string>();
	return asked.filter(({ id }) => ids.size < ids.add(id).size);
}
