/** @file Terms of the field, each explained in a sentence or two with its section of the survey. docs/GLOSSARY.md lists them too. */
import all from './terms.json' with { type: 'json' };

export type TermName = keyof typeof all;

export interface Term {
	/** Forms in which it occurs in a text; the first is its heading. */
	readonly names: readonly string[];
	/** Section of the survey. */
	readonly section: string;
	readonly says: string;
}

export const terms: Readonly<Record<TermName, Term>> = all;

/** A piece of a text, and the term that it is. */
export interface Piece {
	readonly text: string;
	readonly term?: TermName;
}

const byName: ReadonlyMap<string, TermName> = new Map(
	(Object.keys(terms) as TermName[]).flatMap((term) =>
		terms[term].names.map((name) => [name, term] as const),
	),
);
/** The longest first: `catastrophic forgetting` before `forgetting`. */
const anyName = new RegExp(
	`(?<![\\p{L}-])(${[...byName.keys()].sort((a, b) => b.length - a.length).join('|')})(?![\\p{L}-])`,
	'gu',
);

/** The text in pieces, with each term marked where it occurs first. */
export function piecesOf(text: string): readonly Piece[] {
	const pieces: Piece[] = [];
	const seen = new Set<TermName>();
	let at = 0;
	for (const match of text.matchAll(anyName)) {
		const term = byName.get(match[0]);
		if (term === undefined || seen.has(term)) continue;
		seen.add(term);
		if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
		pieces.push({ text: match[0], term });
		at = match.index + match[0].length;
	}
	if (at < text.length) pieces.push({ text: text.slice(at) });
	return pieces;
}
