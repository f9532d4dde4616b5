/** @file Faults of translations: a word left out, one too many, words in the wrong order, a wrong ending, another word. */
import { placeOf, spoilBy, type Faults, type Spoil } from '../facets/faults.ts';
import type { Item } from '../item.ts';

const sorted = (words: readonly string[]): string => [...words].sort().join(' ');
const stemsOf = (words: readonly string[]): string => words.map((word) => word.charAt(0)).join('');

function wayOf(right: readonly string[], said: readonly string[]): string {
	if (said.length !== right.length) return said.length < right.length ? 'leaves-out' : 'goes-on';
	if (sorted(said) === sorted(right)) return 'wrong-order';
	return stemsOf(said) === stemsOf(right) ? 'wrong-ending' : 'another';
}

/** The faults of translations whose words are a stem and an ending; `solve` is the right one. */
export function translationFaults(solve: (item: Item) => string): Faults {
	const find: Faults['find'] = (item, answer) => {
		if (answer === solve(item)) return null;
		const [right, said] = [solve(item).split(' '), answer.split(' ')];
		let first = 0;
		while (first < right.length && right[first] === said[first]) first++;
		return { way: wayOf(right, said), at: `at ${placeOf(first + 1, 'word')}` };
	};
	const changed =
		(change: (words: string[], at: number) => void, fewest = 1): Spoil =>
		(_item, answer, random) => {
			const words = answer.split(' ');
			if (words.length < fewest) return [];
			change(words, random.integer(0, words.length - fewest));
			return [words.join(' ')];
		};
	const leaveOut = changed((words, at) => void words.splice(at, 1), 2);
	const swap = changed((words, at) => {
		words.splice(at, 2, words[at + 1] ?? '', words[at] ?? '');
	}, 2);
	const ending: Spoil = (item, answer, random) =>
		changed((words, at) => {
			words[at] = (words[at] ?? '').charAt(0) + random.pick(['a', 'e', 'o', 'u']);
		})(item, answer, random);
	return {
		ways: {
			'leaves-out': 'leaves out a word',
			'goes-on': 'writes a word too many',
			'wrong-order': 'writes the right words in the wrong order',
			'wrong-ending': 'gives a word the wrong ending',
			another: 'writes another word',
		},
		find,
		spoil: spoilBy(find, [leaveOut, swap, ending]),
	};
}
