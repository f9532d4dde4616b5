/** @file Nearest name to one that is not known, by edit distance, for "did you mean". */
import { distance } from 'fastest-levenshtein';

/** The name that needs the fewest changes, upper and lower case alike; undefined if each needs half of its letters. */
export function nearest(names: readonly string[], wanted: string): string | undefined {
	const [first] = names
		.map((name) => ({ name, far: distance(name.toLowerCase(), wanted.toLowerCase()) }))
		.filter(({ name, far }) => far <= Math.max(name.length, wanted.length) / 2)
		.sort((a, b) => a.far - b.far);
	return first?.name;
}
