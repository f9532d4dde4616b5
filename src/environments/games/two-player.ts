/**
 * @file An environment out of the rules of a game: one move in a position as a question with an exact answer, and the
 * whole game between two seats.
 *
 * Asked are sharp positions only, in which half of the moves or more throw the value away. In a game every position comes
 * up, and each is an item: whoever learns from games can tell which are held out.
 */
import { hash32 } from '#base/random.ts';
import { end } from '../alphabet.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import type { Chance } from '../chance.ts';
import { singleTurn } from '../dialogue.ts';
import type { Game, Moves, Play } from '../facets/game.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference, type Reward } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { isSharp, rightMoves, type Rules } from './rules.ts';

/** The seat that moves in the position of the item, and the other one. */
const seats = ['first', 'second'] as const;
type Seat = (typeof seats)[number];

export const asksKnob = {
	kind: 'choice',
	label: 'Asks for',
	help: 'best: a move that keeps the exact value of the position; legal: any move that the rules allow.',
	default: 'best',
	options: ['best', 'legal'],
} as const;
export type Asks = (typeof asksKnob.options)[number];

/** Kind of a position by its value. */
const kinds = new Map([
	[1, 'win'],
	[1 / 2, 'hold'],
	[0, 'lost'],
]);

/** The facets of an environment that follow from the rules. */
export function twoPlayer<P>(name: string, rules: Rules<P>, asks: Asks) {
	const right = (item: Item): readonly string[] => {
		const position = rules.read(item);
		return asks === 'best' ? rightMoves(rules, position) : rules.moves(position);
	};
	const reference: Reference = {
		// Any of them, the same for the same item: always the first would be a habit that the game does not ask for.
		solve(item) {
			const moves = right(item);
			const chosen = rules.choose?.(moves);
			if (chosen !== undefined) return chosen;
			return moves[hash32(JSON.stringify(item)) % moves.length] ?? '';
		},
		isRight: (item, answer) => right(item).includes(answer),
	};
	const answers = answersOf(rules);
	const game: Game = {
		seats,
		open: (item) => playOf(rules, answers, rules.read(item)),
	};
	return {
		tasks: tasksOf(name, rules),
		open: (item: Item, view: View) => singleTurn(promptOf(rules, rules.read(item), view)),
		chance: {
			of: 'any move that the rules allow',
			share: (n) => (asks === 'best' ? rules.guessed(n) : 1),
		} satisfies Chance,
		score: scoreByReference(answers, reference),
		...{ answers, reference, game },
	};
}

const tasksOf = <P>(name: string, rules: Rules<P>) =>
	defineTasks({
		difficulty: rules.difficulty,
		space: rules.space,
		sample(n, random) {
			for (let attempt = 0; attempt < 100_000; attempt++) {
				const position = rules.sample(n, random);
				if (isSharp(rules, position)) return rules.itemOf(position);
			}
			throw new RangeError(`No position of difficulty ${n} leaves a choice; choose another.`);
		},
		keyOf: (item) => `${name}/${rules.keyOf(rules.read(item))}`,
		difficultyOf: (item) => rules.difficultyOf(rules.read(item)),
		kindOf: (item) => kinds.get(rules.value(rules.read(item))) ?? 'lost',
		views(_item, count, random) {
			const views = new Map([[JSON.stringify(rules.plain), rules.plain]]);
			for (let draw = 0; draw < 4 * count && views.size < count; draw++) {
				const view = rules.drawView(random);
				views.set(JSON.stringify(view), view);
			}
			return [...views.values()];
		},
	});

/** The position twice, so that a model that reads from left to right sees all of it from each of its parts. */
function promptOf<P>(rules: Rules<P>, position: P, view: View): string {
	const text = rules.write(position, view);
	return `${text}/${text}?`;
}

const answersOf = <P>(rules: Rules<P>): AnswerFormat => ({
	endMark: end,
	read(item, view, completion) {
		const legal = rules.moves(rules.read(item));
		if (!completion.endsWith(end)) return { malformed: 'no end mark' };
		const said = completion.slice(0, -end.length);
		const text = rules.working ? rules.working.after(said) : said;
		if (text === undefined) return { malformed: 'there is no working' };
		const move = rules.readMove(text, view);
		if (move === undefined) return { malformed: 'it is no move' };
		return legal.includes(move) ? { answer: move } : { malformed: 'the rules forbid it' };
	},
	write: (item, view, answer) =>
		(rules.working?.write(rules.read(item), view) ?? '') + rules.writeMove(answer, view) + end,
});

/** A game under way. A move that the rules forbid, or that cannot be read, loses at once. */
function playOf<P>(rules: Rules<P>, answers: AnswerFormat, start: P): Play {
	let position = start;
	let turn = 0;
	/** Result for the seat whose turn it is; undefined while the game goes on. */
	let result: number | undefined;
	const mover = (): Seat => (turn % 2 === 0 ? 'first' : 'second');
	const asked = <T>(of: () => T): Moves<T> => (result === undefined ? { [mover()]: of() } : {});
	const prompts = () => asked(() => promptOf(rules, position, rules.plain));
	return {
		first: prompts,
		positions: () => asked(() => ({ item: rules.itemOf(position), view: rules.plain })),
		next(replies) {
			const said = replies[mover()]?.content ?? '';
			const completion = said.endsWith(end) ? said : said + end;
			const read = answers.read(rules.itemOf(position), rules.plain, completion);
			if ('malformed' in read) result = 0;
			else {
				position = rules.after(position, read.answer);
				turn++;
				if (rules.moves(position).length === 0) result = rules.value(position);
			}
			return Promise.resolve(prompts());
		},
		rewards() {
			const of = (seat: Seat): { readonly outcome: Reward } => {
				if (result === undefined)
					return { outcome: { unjudged: 'the game was not played to its end' } };
				return { outcome: { value: seat === mover() ? result : 1 - result, weight: 1 } };
			};
			return Promise.resolve({ first: of('first'), second: of('second') });
		},
	};
}
