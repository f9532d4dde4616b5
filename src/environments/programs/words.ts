/** @file Problems of the list language as people read and type them. */
import type { Item } from '../item.ts';
import { letters, operations, run } from './language.ts';
import { mostOperations, problemOf } from './items.ts';
import { explain, wayBack } from './search.ts';

const nameOf = (letter: string): string => operations[letter]?.name ?? letter;
const byName = new Map(Array.from(letters, (letter) => [nameOf(letter), letter] as const));

/** `reverse, add 1: 3514 → ?`, `reverse, add 1: ? → 5264`, `?: 3514 → 5264; 12 → 32` */
export function show(item: Item): string {
	const problem = problemOf(item);
	if (problem.mode === 'induction')
		return `?: ${problem.inputs.map((input, i) => `${input} → ${problem.outputs[i] ?? ''}`).join('; ')}`;
	const program = Array.from(problem.program, nameOf).join(', ');
	return problem.mode === 'deduction'
		? `${program}: ${problem.input} → ?`
		: `${program}: ? → ${problem.output}`;
}

const error = `Type operations and a list, like reverse, add 1: 3514 → ?, or pairs, like ?: 3514 → 4153; 12 → 21.`;
const unknown = 'Nobody can know the answer to this; type another problem.';

/** Undoes `show`; `->` is as good as `→`. A problem without an answer is refused. */
export function parse(text: string): { item: Item } | { error: string } {
	if (text.length > 400) return { error };
	const [before = '', after = '', ...more] = text.trim().replaceAll('->', '→').split(':');
	const pairs = after.split(';').map((pair) => pair.split('→').map((side) => side.trim()));
	if (more.length > 0 || pairs.length > 4 || pairs.some((pair) => pair.length !== 2))
		return { error };
	const isList = (side: string | undefined): boolean => /^[0-9]{0,12}$/.test(side ?? '?');
	if (before.trim() === '?') {
		const inputs = pairs.map(([input = '']) => input);
		const outputs = pairs.map(([, output = '']) => output);
		if (![...inputs, ...outputs].every(isList)) return { error };
		return explain({ inputs, outputs })
			? { item: { mode: 'induction', inputs, outputs } }
			: { error: unknown };
	}
	const program = before
		.split(',')
		.map((name) => byName.get(name.trim().toLowerCase()) ?? '?')
		.join('');
	const [[input = '', output = ''] = []] = pairs;
	if (program.includes('?') || program.length > mostOperations || pairs.length > 1)
		return { error };
	if (output === '?' && isList(input))
		return run(program, input) === undefined
			? { error: unknown }
			: { item: { mode: 'deduction', program, input } };
	if (input !== '?' || !isList(output)) return { error };
	return wayBack(program, output)
		? { item: { mode: 'abduction', program, output } }
		: { error: unknown };
}
