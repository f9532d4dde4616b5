/**
 * @file Transitive order: who is smaller than whom is told of neighbours only, in any sequence and from either side; the
 * answer is all names, the smallest first. Difficulty is the number of names.
 *
 * `c<a f>a b<c=` → `bcaf$`: the smallest is the one that no fact calls larger, and each fact found leads to the next.
 * Views shuffle the facts and rename everyone.
 */
import type { Random } from '#base/random.ts';
import { end, letters } from '../alphabet.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { oneOrder } from '../chance.ts';
import { singleTurn } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { drawLetters, drawShifts, rotated, shiftOf } from '../strings/rotation.ts';
import { sequenceFaults } from '../strings/sequence-faults.ts';
import { arranged, drawOrders } from '../strings/shuffled.ts';

const [fewest, most] = [2, 20];
const factPattern = /^[a-z][<>][a-z]$/;

/** All names of a chain of facts, the smallest first; undefined if they do not make one. */
function chainOf(facts: readonly string[]): string | undefined {
	if (!facts.every((fact) => factPattern.test(fact))) return undefined;
	const above = new Map<string, string>();
	for (const [first = '', sign, second = ''] of facts) {
		const [small, large] = sign === '<' ? [first, second] : [second, first];
		if (above.has(small)) return undefined;
		above.set(small, large);
	}
	const larger = new Set(above.values());
	let at = [...above.keys()].find((name) => !larger.has(name));
	let chain = '';
	for (; at !== undefined && chain.length <= facts.length; at = above.get(at)) chain += at;
	return chain.length === facts.length + 1 && at === undefined ? chain : undefined;
}

/** The facts of an item; items may come from a file, so wrong ones are refused. */
function factsOf(item: Item): readonly string[] {
	const facts = typeof item['facts'] === 'string' ? item['facts'].split(' ') : [];
	const chain = chainOf(facts);
	if (chain === undefined || chain.length > most)
		throw new TypeError(`Facts must put ${fewest} to ${most} names into one order.`);
	return facts;
}

const solve = (item: Item): string => chainOf(factsOf(item)) ?? '';

function sample(n: number, random: Random): Item {
	const names = drawLetters(n, random);
	const facts = names
		.slice(1)
		.map((large, i) => [names[i] ?? '', large] as const)
		.map(([small, large]) => (random.next() < 0.5 ? `${small}<${large}` : `${large}>${small}`));
	return { facts: random.shuffle(facts).join(' ') };
}

/** Rows of n different letters; the facts of a row count as one problem however they are told. */
const space = (n: number): number => {
	let count = 1;
	for (let i = 0; i < n; i++) count *= letters.length - i;
	return count;
};

const tasks = defineTasks({
	difficulty: { min: fewest, max: most },
	sample,
	space,
	keyOf: (item) => `order/${solve(item)}`,
	difficultyOf: (item) => factsOf(item).length + 1,
	views(_item, count, random) {
		const orders = drawOrders(count, random);
		return drawShifts(count, random).map((shift, i) => ({ shift, order: orders[i] ?? 0 }));
	},
});

const answers: AnswerFormat = {
	endMark: end,
	read(item, view, completion) {
		factsOf(item);
		const said = /^([a-z]+)\$$/.exec(completion)?.[1];
		if (said === undefined) return { malformed: 'it is not a row of names with an end mark' };
		if (said.length > most) return { malformed: `more than ${most} names` };
		return { answer: rotated(said, -shiftOf(view)) };
	},
	write: (_item, view, answer) => rotated(answer, shiftOf(view)) + end,
};

const promptOf = (item: Item, view: View): string =>
	`${rotated(arranged(factsOf(item), view).join(' '), shiftOf(view))}=`;

function parse(text: string): { item: Item } | { error: string } {
	const facts =
		text.length > 400
			? []
			: text
					.trim()
					.toLowerCase()
					.split(/[\s,]+/);
	const chain = chainOf(facts);
	return chain !== undefined && chain.length <= most
		? { item: { facts: facts.join(' ') } }
		: { error: 'Type facts about neighbours that put all into one order, like c<a f>a b<c.' };
}

const reference: Reference = { solve };

export const order = defineEnvironment({
	name: 'order',
	title: 'Order',
	ability: 'reasoning',
	about:
		'Puts names in order out of shuffled facts about two of them; each name more is a step harder.',
	papers: ['https://arxiv.org/abs/1502.05698', 'https://arxiv.org/abs/2210.01240'],
	knobs: {},
	create: () =>
		({
			name: 'order',
			tasks,
			open: (item, view) => singleTurn(promptOf(item, view)),
			maxTokens: (n) => ({ prompt: 4 * (n - 1), answer: n + 1 }),
			chance: { of: 'the names in any order', share: oneOrder },
			score: scoreByReference(answers, reference),
			answers,
			reference,
			faults: sequenceFaults(solve, letters, 'name'),
			words: {
				title: 'Order',
				noun: ['group', 'groups'],
				verb: 'rank',
				unit: 'names',
				notation: 'a<b says that a is smaller than b. The answer is all names, the smallest first.',
				show: (item) => factsOf(item).join(' '),
				parse,
			},
		}) satisfies Environment,
});
