/**
 * @file Near-duplicates: MinHash over triples of words by one permutation (Li, Owen & Zhang 2012), candidates by bands
 * (locality-sensitive hashing, Indyk & Motwani 1998), groups by union-find.
 */
import { hash32 } from '#base/random.ts';
import { noPause, type Pause } from './pause.ts';

const bins = 32;
const rowsPerBand = 4;
/** Share of equal bins from which two texts count as alike. */
const alike = 0.8;
/** Characters of a text that are compared. */
const compared = 20_000;

/** For each text the index of the first of its group: its own if it is like none before it. */
export async function duplicateGroups(
	texts: readonly string[],
	pause: Pause = noPause,
): Promise<readonly number[]> {
	const parent = texts.map((_, i) => i);
	const find = (i: number): number => {
		let root = i;
		while (parent[root] !== root) root = parent[root] ?? root;
		for (let at = i; at !== root;) {
			const next = parent[at] ?? root;
			parent[at] = root;
			at = next;
		}
		return root;
	};
	const join = (a: number, b: number): void => {
		const [x, y] = [find(a), find(b)];
		parent[Math.max(x, y)] = Math.min(x, y);
	};
	const buckets = new Map<string, number>();
	const sketches: Sketch[] = [];
	for (const [i, text] of texts.entries()) {
		await pause(i);
		sketches.push(sketchOf(text));
	}
	sketches.forEach((sketch, i) => {
		for (const key of keysOf(sketch)) {
			const other = buckets.get(key);
			if (other === undefined) buckets.set(key, i);
			else if (areAlike(sketch, sketches[other])) join(i, other);
		}
	});
	return parent.map((_, i) => find(i));
}

/** The text itself where it is short, else the least hash in each bin. */
type Sketch = string | Int32Array;

const empty = -1;

function sketchOf(text: string): Sketch {
	const words =
		text
			.slice(0, compared)
			.toLowerCase()
			.match(/[\p{L}\p{N}]+/gu) ?? [];
	if (words.length < 8) return words.join(' ');
	const least = new Int32Array(bins).fill(empty);
	for (let i = 0; i + 2 < words.length; i++) {
		const hash = hash32(`${words[i] ?? ''} ${words[i + 1] ?? ''} ${words[i + 2] ?? ''}`);
		const bin = hash % bins;
		const value = Math.floor(hash / bins) & 0x7fffffff;
		const held = least[bin] ?? empty;
		if (held === empty || value < held) least[bin] = value;
	}
	return densified(least);
}

/** An empty bin borrows from the next that is not (Shrivastava & Li 2014). */
function densified(least: Int32Array): Int32Array {
	const full = least.slice();
	for (let i = 0; i < bins; i++)
		for (let step = 1; full[i] === empty && step < bins; step++) {
			const other = least[(i + step) % bins] ?? empty;
			if (other !== empty) full[i] = (other + step) & 0x7fffffff;
		}
	return full;
}

function keysOf(sketch: Sketch): readonly string[] {
	if (typeof sketch === 'string') return sketch === '' ? [] : [`= ${sketch}`];
	return Array.from({ length: bins / rowsPerBand }, (_, band) => {
		const from = band * rowsPerBand;
		return `${band} ${sketch.subarray(from, from + rowsPerBand).join(' ')}`;
	});
}

function areAlike(a: Sketch, b: Sketch | undefined): boolean {
	if (typeof a === 'string' || typeof b === 'string' || b === undefined) return a === b;
	let equal = 0;
	a.forEach((value, i) => {
		if (value === b[i]) equal++;
	});
	return equal >= alike * bins;
}
