/** @file Syntax tree of regular expressions and JSON schemas. */
import { ranges, type Ranges } from './ranges.ts';

export type Syntax =
	/** One character of a set; an empty set matches nothing. */
	| { readonly kind: 'character'; readonly of: Ranges }
	| { readonly kind: 'sequence'; readonly parts: readonly Syntax[] }
	| { readonly kind: 'choice'; readonly options: readonly Syntax[] }
	/** `max` may be Infinity. The separator stands between two, not around them. */
	| {
			readonly kind: 'repeat';
			readonly part: Syntax;
			readonly min: number;
			readonly max: number;
			readonly separator?: Syntax;
	  }
	/** The parts in order, optional ones present or not, with a separator between any two that are. */
	| {
			readonly kind: 'listing';
			readonly parts: readonly { readonly part: Syntax; readonly optional: boolean }[];
			readonly separator: Syntax;
	  };

export const character = (of: Ranges): Syntax => ({ kind: 'character', of });
export const sequence = (...parts: readonly Syntax[]): Syntax => ({ kind: 'sequence', parts });
export const choice = (...options: readonly Syntax[]): Syntax => ({ kind: 'choice', options });
export const repeat = (part: Syntax, min: number, max: number, separator?: Syntax): Syntax => ({
	kind: 'repeat',
	part,
	min,
	max,
	...(separator ? { separator } : {}),
});
export const optional = (part: Syntax): Syntax => repeat(part, 0, 1);

/** Exactly this text. */
export const literal = (text: string): Syntax =>
	sequence(
		...Array.from(text, (point) => {
			const code = point.codePointAt(0) ?? 0;
			return character(ranges([[code, code]]));
		}),
	);
