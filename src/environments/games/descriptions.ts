/** @file Objects of four attributes and descriptions of them: which objects a description fits, and the shortest that fits one alone. */
import type { Random } from '#base/random.ts';

/** Values of each attribute, in the order in which they are said. */
export const attributes: readonly (readonly string[])[] = [
	['tiny', 'small', 'large', 'huge'],
	['red', 'blue', 'green', 'yellow', 'black', 'white'],
	['plain', 'striped', 'spotted', 'checked'],
	['ball', 'cube', 'cup', 'star', 'ring', 'cone'],
];
/** Shortest descriptions have this many words at least, so that no single word is right by chance. */
const fewestWords = 2;

/** The words of attributes in a text, each once, in the order in which they are said. */
export function wordsIn(text: string): readonly string[] {
	const said = new Set(text.toLowerCase().match(/[a-z]+/g) ?? []);
	return attributes.flat().filter((word) => said.has(word));
}

/** True of `small red striped ball`: one value of each attribute, in order. */
export function isObject(text: string): boolean {
	const words = text.split(' ');
	return (
		words.length === attributes.length &&
		words.every((word, i) => attributes[i]?.includes(word) ?? false)
	);
}

/** Places of the objects, from 1, that have every word. */
export const fitting = (objects: readonly string[], words: readonly string[]): readonly number[] =>
	objects.flatMap((object, i) =>
		words.every((word) => object.split(' ').includes(word)) ? [i + 1] : [],
	);

/** Every description of an object, the shortest first. */
function descriptionsOf(object: string): readonly (readonly string[])[] {
	const words = object.split(' ');
	return Array.from({ length: 2 ** words.length - 1 }, (_, mask) =>
		words.filter((_word, i) => ((mask + 1) >> i) & 1),
	).sort((a, b) => a.length - b.length);
}

/** The first of the shortest descriptions that fit the object at this place, from 1, and no other. */
export function shortest(objects: readonly string[], target: number): readonly string[] {
	const alone = descriptionsOf(objects[target - 1] ?? '').find(
		(words) => fitting(objects, words).length === 1,
	);
	return alone ?? [];
}

const drawObject = (random: Random): string =>
	attributes.map((values) => random.pick(values)).join(' ');

/** The object with two of its attributes drawn anew. */
function likeness(object: string, random: Random): string {
	const changed = random.shuffle(attributes.map((_, i) => i)).slice(0, fewestWords);
	return object
		.split(' ')
		.map((word, i) => (changed.includes(i) ? random.pick(attributes[i] ?? []) : word))
		.join(' ');
}

/** Different objects, among them one that no single word tells from the others. */
export function drawScene(
	count: number,
	random: Random,
): { readonly objects: readonly string[]; readonly target: number } {
	for (;;) {
		const meant = drawObject(random);
		const others = Array.from({ length: count - 1 }, () => likeness(meant, random));
		const objects = random.shuffle([meant, ...others]);
		const target = objects.indexOf(meant) + 1;
		const isNew = new Set(objects).size === count;
		if (isNew && shortest(objects, target).length >= fewestWords) return { objects, target };
	}
}
