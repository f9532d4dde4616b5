/**
 * @file Walks over a map that is only seen in part: the simulator, and an explorer that goes by what it has seen.
 *
 * The explorer takes every square that it has not seen for free, goes a shortest way under that assumption, and plans
 * anew after each step (the free-space assumption of Koenig & Likhachev's D* Lite, 2002).
 */
import { around, bestMove, border, distancesTo, isMove, stepFrom, type Field } from './map.ts';

/** Where commands lead, and whether the goal was on the way; a letter that is no command leads nowhere. */
export function walk(
	field: Field,
	commands: string,
): { readonly at: number; readonly isThere: boolean } {
	let at = field.start;
	for (const command of commands) {
		if (isMove(command)) at = stepFrom(field, at, command);
		if (at === field.goal) return { at, isThere: true };
	}
	return { at, isThere: false };
}

/** The commands of the explorer, at most so many. */
export function explore(field: Field, most: number): string {
	const known = border();
	let at = field.start;
	let commands = '';
	while (at !== field.goal && commands.length < most) {
		for (const step of around) if (field.walls[at + step] !== 0) known[at + step] = 1;
		const command = bestMove(at, distancesTo(field.goal, known));
		if (command === null) break;
		at = stepFrom(field, at, command);
		commands += command;
	}
	return commands;
}
