/** @file The pairs of lists that a prompt shows digit beside digit. */
import type { Pairs } from '#environments/programs/search.ts';

/** Of `a354b521c165d443;a132b221~` the lists `3514` and `12`, and what came out. */
export function pairsIn(prompt: string): Pairs {
	const pairs = (prompt.split('~')[0] ?? '').split(';');
	const list = (pair: string, row: 1 | 2): string =>
		(pair.match(/[a-p][0-9.]{3}/g) ?? [])
			.map((place) => place.charAt(row))
			.join('')
			.replaceAll('.', '');
	return {
		inputs: pairs.map((pair) => list(pair, 1)),
		outputs: pairs.map((pair) => list(pair, 2)),
	};
}
