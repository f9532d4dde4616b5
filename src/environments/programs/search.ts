/** @file Search in the list language: an input that gives an output, and the shortest program behind pairs of both. */
import { derive, random } from '#base/random.ts';
import { letters, longestList, operations, run, type List } from './language.ts';

/** Pairs of input and output. */
export interface Pairs {
	readonly inputs: readonly List[];
	readonly outputs: readonly List[];
}

/** Longest program that is looked for: beyond, there are too many. */
export const longestFound = 4;

/** Lists looked at before an input counts as not to be found. */
const patience = 20_000;

/**
 * The lists before each operation, from the last operation back to the first, whose list is an input that gives `output`;
 * undefined if none is found. The simplest way back is tried first.
 */
export function wayBack(program: string, output: List): readonly List[] | undefined {
	let looked = 0;
	const back = (at: number, list: List): readonly List[] | undefined => {
		if (at < 0) return [];
		for (const before of operations[program.charAt(at)]?.undo(list) ?? []) {
			if (++looked > patience) return undefined;
			if (before.length > longestList) continue;
			const rest = back(at - 1, before);
			if (rest) return [before, ...rest];
		}
		return undefined;
	};
	return back(program.length - 1, output);
}

/** Every program of `length` operations that turns each input into its output, in the order of their letters. */
function* programsFor({ inputs, outputs }: Pairs, length: number): Generator<string> {
	const go = function* (program: string, lists: readonly List[]): Generator<string> {
		if (program.length === length) {
			if (lists.every((list, i) => list === outputs[i])) yield program;
			return;
		}
		for (const letter of letters)
			yield* go(
				program + letter,
				lists.map((list) => operations[letter]?.apply(list) ?? list),
			);
	};
	yield* go('', inputs);
}

/** What explains pairs: the first of the shortest programs, and whether all of these do the same elsewhere. */
export interface Explanation {
	readonly program: string;
	readonly isClear: boolean;
}

/** Searching takes milliseconds, and is asked for over and over again of the same problems. */
const found = new Map<string, Explanation | null>();
const remembered = 5_000;

/** The explanation of pairs; null if no program of up to `longestFound` operations fits. */
export function explain(pairs: Pairs): Explanation | null {
	const key = keyOf(pairs);
	const known = found.get(key);
	if (known !== undefined) return known;
	if (found.size >= remembered) found.clear();
	const explanation = shortest(pairs);
	found.set(key, explanation);
	return explanation;
}

function shortest(pairs: Pairs): Explanation | null {
	for (let length = 1; length <= longestFound; length++) {
		const [program, ...rest] = programsFor(pairs, length);
		if (program === undefined) continue;
		const isClear = rest.every((other) => doSame(program, other, hiddenInputs(pairs)));
		return { program, isClear };
	}
	return null;
}

export const keyOf = ({ inputs, outputs }: Pairs): string =>
	inputs.map((input, i) => `${input}>${outputs[i] ?? ''}`).join();

/** Do two programs turn all of these inputs into the same? */
export const doSame = (a: string, b: string, inputs: readonly List[]): boolean =>
	inputs.every((input) => {
		const out = run(a, input);
		return out !== undefined && out === run(b, input);
	});

/** Inputs that nobody is shown, on which a program must do what the explanation does. */
export function hiddenInputs(pairs: Pairs): readonly List[] {
	const stream = random(derive(7, 'hidden', keyOf(pairs)));
	return Array.from({ length: 3 }, () => drawList(stream.integer(3, 4), stream));
}

/** `length` random digits. */
export const drawList = (
	length: number,
	stream: { integer(from: number, to: number): number },
): List => Array.from({ length }, () => String(stream.integer(0, 9))).join('');
