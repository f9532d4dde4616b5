/**
 * @file Kuhn poker (1950), with 3 to 8 cards. Asked is the best response: whether to pass or to bet against somebody whose
 * habits are known, worked out exactly. The whole game is between two seats, zero-sum, each with a hidden card.
 *
 * With the cards 1 to 3, a 2, and an other who has bet, as it does with a 1 in one of three times and with a 3 always: a
 * call loses 2 three times and wins 2 once, a pass loses 1 four times, so both lose 4 and nothing is asked. Positions are
 * asked only where one move gains more. Difficulty is the number of cards.
 */
import { hash32, type Random } from '#base/random.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleMessage } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Game, Moves, Play } from '../facets/game.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference, type Reward } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { after, bestMove, fewestCards, histories, mostCards, moves, times } from './kuhn-rules.ts';
import type { History, Move, Position } from './kuhn-rules.ts';

const seats = ['first', 'second'] as const;
type Seat = (typeof seats)[number];
const strata = ['nothing', 'pass', 'bet'] as const;

const isWhole = (n: unknown, from: number, to: number): n is number =>
	typeof n === 'number' && Number.isInteger(n) && n >= from && n <= to;

/** The position of an item; items may come from a file, so a wrong one is refused. */
function positionOf({ deck, card, said, bets, calls }: Item): Position {
	const history = histories.find((one) => one === said);
	const size = isWhole(deck, fewestCards, mostCards) ? deck : 0;
	const isHabit = (habit: unknown): habit is readonly number[] =>
		Array.isArray(habit) &&
		(habit.length === 0 || habit.length === size) &&
		habit.every((n, i) => isWhole(n, 0, i + 1 === card ? 0 : times));
	if (size > 0 && history && isWhole(card, 1, size) && isHabit(bets) && isHabit(calls))
		if (bets.length === calls.length) return { deck: size, card, said: history, bets, calls };
	throw new TypeError(
		`A position has ${fewestCards} to ${mostCards} cards, one of them, what was said, and how often of ${times} times the other bets and calls with each.`,
	);
}

const itemOf = (position: Position): Item => ({ ...position });

/** Positions in which one move gains more; pass and bet are equally often the better one. */
function sample(deck: number, random: Random, stratum: string): Item {
	const wanted = random.pick(moves);
	for (;;) {
		const card = random.integer(1, deck);
		const habit = () =>
			Array.from({ length: deck }, (_, i) => (i + 1 === card ? 0 : random.integer(0, times)));
		const said = stratum as History;
		const position = { deck, card, said, bets: habit(), calls: habit() };
		if (bestMove(position) === wanted) return itemOf(position);
	}
}

/** What the better move depends on: who goes along with a bet matters only before one. */
const keyOf = (item: Item): string => {
	const { deck, card, said, bets, calls } = positionOf(item);
	const isFacing = said === 'bet' || said === 'pass-bet';
	return `kuhn-poker/${isFacing ? 'bet' : said}/${card}/${deck}/${bets.join('')}/${isFacing ? '' : calls.join('')}`;
};

const tasks = defineTasks({
	difficulty: { min: fewestCards, max: mostCards },
	strata,
	sample,
	// At most; those in which both moves gain the same are none.
	space: (deck, stratum) => deck * (times + 1) ** ((stratum === 'bet' ? 1 : 2) * (deck - 1)),
	keyOf,
	stratumOf(item) {
		const { said } = positionOf(item);
		return said === 'pass-bet' ? 'bet' : said;
	},
	difficultyOf: (item) => positionOf(item).deck,
	views: (_item, count) => [{ downwards: false }, { downwards: true }].slice(0, count),
});

const frequencies = ['never', 'one time in three', 'two times in three', 'always'] as const;
const spoken: Readonly<Record<History, string>> = {
	nothing: 'You move first.',
	pass: 'The other player has passed.',
	bet: 'The other player has bet.',
	'pass-bet': 'You have passed, and the other player has bet.',
};

function textOf(item: Item, { downwards }: View): string {
	if (typeof downwards !== 'boolean')
		throw new TypeError('A view of a position lists the cards downwards or not.');
	const { deck, card, said, bets, calls } = positionOf(item);
	const cards = Array.from({ length: deck }, (_, i) => i + 1).filter((one) => one !== card);
	if (downwards) cards.reverse();
	const habit = (name: string, often: readonly number[]): string =>
		`${name} ${cards.map((one) => `with a ${one} ${frequencies[often[one - 1] ?? 0] ?? ''}`).join(', ')}.`;
	return [
		`Two players have a card each, out of the cards 1 to ${deck}, and have put one chip into the pot. Who passes after a bet gives the pot up; a bet and going along with one cost one chip more. The higher card wins.`,
		`You have the ${card}.`,
		...(bets.length > 0
			? [habit('The other player bets', bets), habit('It goes along with a bet', calls)]
			: []),
		spoken[said],
		'Do you pass or bet? Answer with one word.',
	].join(' ');
}

const answers: AnswerFormat = {
	// A model's own end token; engines leave it out.
	endMark: '',
	read(item, _view, completion) {
		positionOf(item) satisfies Position;
		const words: readonly string[] = completion.toLowerCase().match(/[a-z]+/g) ?? [];
		const named = moves.filter((move) => words.includes(move));
		const [answer] = named;
		if (answer === undefined) return { malformed: 'it names no move' };
		return named.length > 1 ? { malformed: 'it names both moves' } : { answer };
	},
	write: (_item, _view, answer) => answer,
};

const reference: Reference = {
	solve: (item) => bestMove(positionOf(item)) ?? 'pass',
	isRight: (item, answer) => (bestMove(positionOf(item)) ?? answer) === answer,
};

/** The card of whoever does not move in the position of an item, the same for the same item. */
function dealt(item: Item, { deck, card }: Position): number {
	const rest = Array.from({ length: deck }, (_, i) => i + 1).filter((one) => one !== card);
	return rest[hash32(`deal/${JSON.stringify(item)}`) % rest.length] ?? 0;
}

/** A game under way; nobody is told of habits, and a move that cannot be read loses at once. */
function play(item: Item): Play {
	const start = positionOf(item);
	const cards: Readonly<Record<Seat, number>> = { first: start.card, second: dealt(item, start) };
	let { said } = start;
	let mover: Seat = 'first';
	/** Share of four chips that whoever was to move has won; undefined while the game goes on. */
	let result: number | undefined;
	const asked = <T>(of: (here: Item) => T): Moves<T> => {
		if (result !== undefined) return {};
		const own = { deck: start.deck, card: cards[mover], said, bets: [], calls: [] };
		return { [mover]: of(itemOf(own)) };
	};
	const plain = { downwards: false };
	const prompts = () => asked((here) => [{ role: 'user' as const, content: textOf(here, plain) }]);
	return {
		first: prompts,
		positions: () => asked((here) => ({ item: here, view: plain })),
		next(replies) {
			const read = answers.read(item, plain, replies[mover]?.content ?? '');
			if ('malformed' in read) result = 0;
			else {
				const other = mover === 'first' ? 'second' : 'first';
				const next = after(said, read.answer as Move, cards[mover] > cards[other]);
				if ('won' in next) result = (next.won + 2) / 4;
				else [said, mover] = [next.said, other];
			}
			return Promise.resolve(prompts());
		},
		rewards() {
			const of = (seat: Seat): { readonly outcome: Reward } => {
				if (result === undefined)
					return { outcome: { unjudged: 'the game was not played to its end' } };
				return { outcome: { value: seat === mover ? result : 1 - result, weight: 1 } };
			};
			return Promise.resolve({ first: of('first'), second: of('second') });
		},
	};
}
const game: Game = { seats, open: play };

const habitText = (habit: readonly number[], card: number): string =>
	habit.map((n, i) => (i + 1 === card ? '-' : n)).join(' ');

function show(item: Item): string {
	const { deck, card, said, bets, calls } = positionOf(item);
	const habits = `; bets ${habitText(bets, card)}; calls ${habitText(calls, card)}`;
	return `${card} of ${deck}, after ${said}${bets.length > 0 ? habits : ''}`;
}

const typed =
	/^([1-8]) of ([3-8]), after (nothing|pass|bet|pass-bet)(?:; bets ([-0-3 ]{5,20}); calls ([-0-3 ]{5,20}))?$/;

function parse(text: string): { item: Item } | { error: string } {
	const [, card, deck, said, bets, calls] =
		text.length > 100 ? [] : (typed.exec(text.trim()) ?? []);
	const habitOf = (habit: string | undefined): readonly number[] =>
		habit === undefined ? [] : habit.split(' ').map((n) => (n === '-' ? 0 : Number(n)));
	const item = {
		...{ deck: Number(deck), card: Number(card), said: said ?? '' },
		...{ bets: habitOf(bets), calls: habitOf(calls) },
	};
	try {
		if (text.trim() === show(item)) return { item };
	} catch {
		// The sentence below says what a position is.
	}
	return {
		error:
			'Type your card, what was said, and how often of three times the other bets and calls with each card, like 2 of 3, after bet; bets 1 - 3; calls 0 - 3.',
	};
}

export const kuhnPoker = defineEnvironment({
	name: 'kuhn-poker',
	title: 'Kuhn poker',
	ability: 'communication',
	about:
		'Passes or bets on a hidden card against somebody whose habits are known; each card more is a step harder.',
	papers: ['https://arxiv.org/abs/1603.01121', 'https://arxiv.org/abs/2506.24119'],
	knobs: {},
	create: () =>
		({
			name: 'kuhn-poker',
			tasks,
			chat: true,
			open: (item: Item, view: View) => singleMessage(textOf(item, view)),
			maxTokens: () => ({ prompt: 320, answer: 16 }),
			chance: { of: 'pass or bet', share: () => 1 / moves.length },
			score: scoreByReference(answers, reference),
			answers,
			reference,
			game,
			words: {
				title: 'Kuhn poker',
				noun: ['hand', 'hands'],
				verb: 'play',
				unit: 'cards',
				show,
				parse,
			},
		}) satisfies Environment,
});
