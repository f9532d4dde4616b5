/** @file Sets of Unicode characters as sorted, disjoint ranges of code points; surrogates are never in one. */

/** Both ends belong to the range. */
export type Ranges = readonly (readonly [from: number, to: number])[];

const last = 0x10ffff;

/** Sorted, merged ranges without surrogates, which UTF-8 cannot encode. */
export function ranges(parts: Ranges): Ranges {
	const sorted = parts
		.flatMap(([from, to]): Ranges => [
			[from, Math.min(to, 0xd7ff)],
			[Math.max(from, 0xe000), to],
		])
		.filter(([from, to]) => from <= to)
		.sort((a, b) => a[0] - b[0]);
	const joined: [number, number][] = [];
	for (const [from, to] of sorted) {
		const before = joined.at(-1);
		if (before && from <= before[1] + 1) before[1] = Math.max(before[1], to);
		else joined.push([from, to]);
	}
	return joined;
}

/** Every character that is not in the set. */
export function complement(set: Ranges): Ranges {
	const gaps: [number, number][] = [];
	let from = 0;
	for (const [a, b] of set) {
		gaps.push([from, a - 1]);
		from = b + 1;
	}
	return ranges([...gaps, [from, last]]);
}

/** The characters that are in both sets. */
export function intersect(a: Ranges, b: Ranges): Ranges {
	const both: [number, number][] = [];
	for (let i = 0, j = 0; ;) {
		const [left, right] = [a[i], b[j]];
		if (!left || !right) return both;
		const [from, to] = [Math.max(left[0], right[0]), Math.min(left[1], right[1])];
		if (from <= to) both.push([from, to]);
		if (left[1] < right[1]) i++;
		else j++;
	}
}

/** All characters. */
export const everything: Ranges = ranges([[0, last]]);

const known = new Map<string, Ranges>([
	['\\d', [[48, 57]]],
	[
		'\\w',
		[
			[48, 57],
			[65, 90],
			[95, 95],
			[97, 122],
		],
	],
]);

/** Character set of an escape such as `\s` or `\p{L}`: every character is tested against JavaScript's own, once. */
export function classOf(escape: string): Ranges {
	const before = known.get(escape);
	if (before) return before;
	const opposite = known.get(escape.replace(/^\\[DWSP]/, (letters) => letters.toLowerCase()));
	const found = opposite ? complement(opposite) : probe(escape);
	known.set(escape, found);
	return found;
}

function probe(escape: string): Ranges {
	const expression = new RegExp(`^${escape}$`, 'u');
	const found: [number, number][] = [];
	for (const [from, to] of everything)
		for (let point = from; point <= to; point++) {
			if (!expression.test(String.fromCodePoint(point))) continue;
			const before = found.at(-1);
			if (before?.[1] === point - 1) before[1] = point;
			else found.push([point, point]);
		}
	return found;
}
