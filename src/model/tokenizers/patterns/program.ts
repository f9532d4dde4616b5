/**
 * @file Matcher of regular expressions that never looks at one place twice: backtracking with a memory of what failed.
 *
 * Without backreferences the outcome at an instruction and a position does not depend on the way there, so a second visit
 * fails at once (Davis, Servant & Lee 2021). Each search takes at most instructions × characters steps. Matches are those
 * of JavaScript: the first alternative, the longest repetition unless it is lazy.
 */
import type { Node } from './syntax.ts';

type Instruction =
	| { readonly kind: 'character'; readonly has: (point: number) => boolean }
	/** Tries the first, then the second. */
	| { readonly kind: 'split'; first: number; second: number }
	| { readonly kind: 'jump'; to: number }
	| { readonly kind: 'look'; readonly program: Program; readonly isNegative: boolean }
	| { readonly kind: 'edge'; readonly at: 'start' | 'end' };

/** A compiled expression; a match is at the instruction after the last. */
export interface Program {
	readonly instructions: readonly Instruction[];
	/** Reads from right to left: the inside of a lookbehind. */
	readonly isBackward: boolean;
}

const largest = 5000;

/** Compiles a syntax tree; `refuse` throws, given what is not supported. */
export function compile(node: Node, refuse: (what: string) => never, isBackward = false): Program {
	const instructions: Instruction[] = [];
	const put = <T extends Instruction>(instruction: T): T => {
		if (instructions.length >= largest) refuse('too many repetitions');
		instructions.push(instruction);
		return instruction;
	};
	const split = (part: () => void, isLazy: boolean): { readonly end: () => void } => {
		const fork = put({ kind: 'split', first: 0, second: 0 });
		const begin = instructions.length;
		part();
		return {
			end: () => {
				const after = instructions.length;
				[fork.first, fork.second] = isLazy ? [after, begin] : [begin, after];
			},
		};
	};
	const lay = (part: Node): void => {
		switch (part.kind) {
			case 'character':
				put({ kind: 'character', has: membership(part.source) });
				return;
			case 'sequence':
				for (const item of isBackward ? part.parts.toReversed() : part.parts) lay(item);
				return;
			case 'choice': {
				const jumps: { to: number }[] = [];
				part.options.forEach((option, i) => {
					if (i === part.options.length - 1) return lay(option);
					const { end } = split(() => {
						lay(option);
						jumps.push(put({ kind: 'jump', to: 0 }));
					}, false);
					end();
				});
				for (const jump of jumps) jump.to = instructions.length;
				return;
			}
			case 'repeat': {
				for (let i = 0; i < part.min; i++) {
					const before = instructions.length;
					lay(part.part);
					// Nothing, however often, is nothing.
					if (instructions.length === before) return;
				}
				if (part.max === Infinity) {
					const start = instructions.length;
					split(() => {
						lay(part.part);
						put({ kind: 'jump', to: start });
					}, part.isLazy).end();
					return;
				}
				const ends: (() => void)[] = [];
				for (let i = part.min; i < part.max; i++)
					ends.push(
						split(() => {
							lay(part.part);
						}, part.isLazy).end,
					);
				for (const end of ends) end();
				return;
			}
			case 'look':
				put({
					kind: 'look',
					program: compile(part.part, refuse, part.isBehind),
					isNegative: part.isNegative,
				});
				return;
			case 'edge':
				put({ kind: 'edge', at: part.at });
		}
	};
	lay(node);
	return { instructions, isBackward };
}

/** Membership of a class, escape or literal, asked of JavaScript once per character. */
function membership(source: string): (point: number) => boolean {
	const literal = source.codePointAt(0) ?? 0;
	const isLiteral = String.fromCodePoint(literal) === source && !'.[\\'.includes(source);
	if (isLiteral) return (point) => point === literal;
	const expression = new RegExp(`^${source}$`, 'u');
	const known = new Map<number, boolean>();
	return (point) => {
		const before = known.get(point);
		if (before !== undefined) return before;
		const is = expression.test(String.fromCodePoint(point));
		known.set(point, is);
		return is;
	};
}

/** Steps between two payments. */
const instalment = 512;
/** Places remembered by one search: some 80 MB. */
const mostFailed = 1 << 21;

/**
 * The end of the first match at or after `from`, and its start; undefined without one. `spend` is told of the steps
 * taken; `isSticky` allows a match at `from` alone.
 */
export function search(
	program: Program,
	text: string,
	from: number,
	isSticky: boolean,
	spend: (steps: number) => void,
): readonly [start: number, end: number] | undefined {
	const failed = new Set<number>();
	for (let start = from; start <= text.length; start++) {
		// A match does not begin inside a character.
		if (start > from && isInside(text, start)) continue;
		const end = run(program, text, start, failed, spend);
		if (end >= 0) return [start, end];
		if (isSticky) return undefined;
	}
	return undefined;
}

const isInside = (text: string, at: number): boolean => {
	const [before, here] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
	return before >= 0xd800 && before <= 0xdbff && here >= 0xdc00 && here <= 0xdfff;
};

/** The other end of a match that begins at `start`, or −1. */
function run(
	{ instructions, isBackward }: Program,
	text: string,
	start: number,
	failed: Set<number>,
	spend: (steps: number) => void,
): number {
	const width = text.length + 1;
	const pending = [0, start];
	let steps = 0;
	for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
		let pc = pending.pop() ?? 0;
		for (let isOpen = true; isOpen;) {
			if (++steps === instalment) {
				spend(steps);
				steps = 0;
			}
			const instruction = instructions[pc];
			if (!instruction) {
				spend(steps);
				return at;
			}
			switch (instruction.kind) {
				case 'character': {
					const point = isBackward ? pointBefore(text, at) : text.codePointAt(at);
					if (point === undefined || !instruction.has(point)) isOpen = false;
					else {
						at += (point > 0xffff ? 2 : 1) * (isBackward ? -1 : 1);
						pc++;
					}
					break;
				}
				case 'split': {
					const key = pc * width + at;
					if (failed.has(key)) isOpen = false;
					else {
						failed.add(key);
						if (failed.size > mostFailed) spend(Infinity);
						pending.push(instruction.second, at);
						pc = instruction.first;
					}
					break;
				}
				case 'jump':
					pc = instruction.to;
					break;
				case 'look': {
					// What failed inside depends on where it began.
					const found = run(instruction.program, text, at, new Set(), spend) >= 0;
					if (found === instruction.isNegative) isOpen = false;
					else pc++;
					break;
				}
				case 'edge':
					if (at === (instruction.at === 'start' ? 0 : text.length)) pc++;
					else isOpen = false;
			}
		}
	}
	spend(steps);
	return -1;
}

function pointBefore(text: string, at: number): number | undefined {
	if (at <= 0) return undefined;
	return text.codePointAt(at >= 2 && isInside(text, at - 1) ? at - 2 : at - 1);
}
