/** @file Terms of the field, each explained in a sentence or two with its section of the survey. docs/GLOSSARY.md lists them too. */
import { language } from '../language/language.svelte.ts';
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

/** A term in the language shown; its section is that of the survey in any. */
export function termOf(name: TermName): Term {
	const said = language.learn?.terms?.[name];
	return said ? { ...terms[name], ...said } : terms[name];
}

interface Names {
	readonly byName: ReadonlyMap<string, TermName>;
	readonly anyName: RegExp;
}
const found = new Map<string, Names>();

/** Every form of every term in the language shown. */
function namesNow(): Names {
	const known = found.get(language.tag);
	if (known) return known;
	const byName = new Map(
		(Object.keys(terms) as TermName[]).flatMap((term) =>
			termOf(term).names.map((name) => [name, term] as const),
		),
	);
	// The longest first: `catastrophic forgetting` before `forgetting`.
	const any = [...byName.keys()].sort((a, b) => b.length - a.length).join('|');
	// Chinese and Japanese have no spaces: only letters of ours make a name part of a word.
	const letter = language.isEnglish ? String.raw`\p{L}-` : 'A-Za-z-';
	const names = { byName, anyName: new RegExp(`(?<![${letter}])(${any})(?![${letter}])`, 'gu') };
	found.set(language.tag, names);
	return names;
}

/** The text in pieces, with each term marked where it occurs first. */
export function piecesOf(text: string): readonly Piece[] {
	const { byName, anyName } = namesNow();
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
