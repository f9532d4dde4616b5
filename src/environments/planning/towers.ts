/** @file Towers of blocks: a state of the blocks world, moves in it, and the plan that takes all down and builds anew. */
import type { Random } from '#base/random.ts';
import { drawLetters } from '../strings/rotation.ts';

/** Blocks from the table up, a tower each. */
export type State = readonly string[];

/** One block is put onto another, or onto the table. */
export interface Move {
	readonly block: string;
	readonly onto: string;
}
export const table = '-';

/** Fewest and most blocks. */
export const [fewestBlocks, mostBlocks] = [2, 20];

/** The state out of text such as `ab c`; undefined if it is none. */
export function readState(text: string): State | undefined {
	const blocks = text.replaceAll(' ', '');
	const isRight =
		/^[a-z]+(?: [a-z]+)*$/.test(text) &&
		new Set(blocks).size === blocks.length &&
		blocks.length <= mostBlocks;
	return isRight ? text.split(' ') : undefined;
}

export const blocksOf = (state: State): string => [...state.join('')].sort().join('');
/** Equal for equal states, in whatever order the towers are named. */
export const keyOfState = (state: State): string => [...state].sort().join(' ');

/** Carries out a plan: the state after it, or the first move that cannot be made, from 1. */
export function carryOut(start: State, plan: readonly Move[]): State | { readonly stuck: number } {
	let state = [...start];
	for (const [i, { block, onto }] of plan.entries()) {
		const from = state.find((tower) => tower.endsWith(block));
		const to = state.find((tower) => tower.endsWith(onto));
		if (from === undefined || from === to || (onto === table ? from === block : to === undefined))
			return { stuck: i + 1 };
		const rest = state.filter((tower) => tower !== from && tower !== to);
		const left = from.slice(0, -1);
		state = [...rest, ...(left === '' ? [] : [left]), (to ?? '') + block];
	}
	return state;
}

/** Takes every tower down, the last first, then builds those of the goal: the text is read leftwards, then rightwards. */
export function planFor(start: State, goal: State): readonly Move[] {
	const down = start
		.toReversed()
		.flatMap((tower) => [...tower.slice(1)].reverse().map((block) => ({ block, onto: table })));
	const up = goal.flatMap((tower) =>
		[...tower.slice(1)].map((block, i) => ({ block, onto: tower.charAt(i) })),
	);
	return [...down, ...up];
}

/** Most towers of a state with `n` blocks. */
const mostTowers = (n: number): number => Math.ceil(n / 3);

function drawState(blocks: readonly string[], random: Random): State {
	const count = random.integer(1, mostTowers(blocks.length));
	const cuts = random
		.shuffle(Array.from({ length: blocks.length - 1 }, (_, i) => i + 1))
		.slice(0, count - 1)
		.sort((a, b) => a - b);
	const row = random.shuffle(blocks);
	return [0, ...cuts].map((from, i) => row.slice(from, cuts[i] ?? row.length).join(''));
}

/** Two different states of the same n blocks. */
export function drawProblem(n: number, random: Random): { readonly start: State; goal: State } {
	const blocks = drawLetters(n, random);
	const start = drawState(blocks, random);
	let goal = drawState(blocks, random);
	while (keyOfState(goal) === keyOfState(start)) goal = drawState(blocks, random);
	return { start, goal };
}

/** n! / k! · C(n − 1, k − 1), the states of n blocks in k towers (Lah numbers), summed. */
function statesOf(n: number): number {
	let count = 0;
	let ofThese = 1;
	for (let i = 2; i <= n; i++) ofThese *= i;
	for (let k = 1; k <= mostTowers(n); k++) {
		count += ofThese;
		ofThese *= (n - k) / (k * (k + 1));
	}
	return count;
}

/** How many problems have n blocks out of 26. */
export function countProblems(n: number): number {
	let choices = 1;
	for (let i = 0; i < n; i++) choices *= (26 - i) / (i + 1);
	return Math.round(choices * statesOf(n) * (statesOf(n) - 1));
}
