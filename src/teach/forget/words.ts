/** @file What a comparison of before and after says of the rows left out; only what was measured. */
import type { Outcome } from '#chat/audit/report.ts';

/** A row left out, under both adapters. */
export interface ForgottenText {
	readonly before: Outcome['kind'];
	readonly after: Outcome['kind'];
	/** Is it said to the prompt that the adapter before said it to? Null if there was none. */
	readonly retried: boolean | null;
}

/** It was given away before; now neither that prompt nor the audit brings it out. */
const isGone = ({ before, after, retried }: ForgottenText): boolean =>
	before === 'memorised' &&
	retried === false &&
	(after === 'not-suspected' || after === 'not-found');
const comesOut = ({ after, retried }: ForgottenText): boolean =>
	after === 'memorised' || retried === true;

/** What was seen of one row, as a sentence. */
export function forgottenWords(text: ForgottenText): string {
	if (comesOut(text)) return 'It still comes out.';
	if (isGone(text))
		return text.after === 'not-found'
			? 'It no longer comes out: the prompt that brought it no longer does, and the same search finds no other.'
			: 'It no longer comes out: the prompt that brought it no longer does, and the audit no longer suspects it.';
	if (text.before === 'memorised') return 'Whether it still comes out could not be judged.';
	return 'It was not found before either, so there is nothing to show.';
}

/** One sentence about all of them. */
export function forgottenVerdict(texts: readonly ForgottenText[]): string {
	const out = texts.filter(comesOut).length;
	const given = texts.filter(({ before }) => before === 'memorised').length;
	const gone = texts.filter(isGone).length;
	const many = (n: number): string => (n === 1 ? 'one text' : `${n} texts`);
	if (out > 0)
		return `Of ${many(texts.length)} left out, ${out} still ${out === 1 ? 'comes' : 'come'} out.`;
	if (given === 0)
		return `${texts.length === 1 ? 'The text left out was' : `None of ${many(texts.length)} left out was`} ${texts.length === 1 ? 'not ' : ''}given away before; the audit has nothing to show.`;
	if (gone === given)
		return `${gone === 1 ? 'The text' : `All ${gone} texts`} that it gave away no longer ${gone === 1 ? 'comes' : 'come'} out.`;
	if (gone === 0)
		return `Whether ${given === 1 ? 'the text' : `the ${given} texts`} that it gave away still ${given === 1 ? 'comes' : 'come'} out could not be judged.`;
	return `${gone} of ${many(given)} given away before no longer come out; of the others nothing can be said.`;
}
