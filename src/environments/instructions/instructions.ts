/**
 * @file Instructions in English with constraints that a program checks, after IFEval (Zhou et al. 2023); difficulty is
 * the number of constraints.
 *
 * Whether an answer keeps its constraints is exact; whether it is any good beside that, nobody here knows. An
 * instruction that ends in none of the known constraints, as a model may write it, cannot be judged.
 */
import type { Random } from '#base/random.ts';
import { defineEnvironment } from '../environment.ts';
import type { Environment, Item } from '../environment.ts';
import { checkDifficulty, checkStratum, drawFrom, isHeldOutKey } from '../held-out.ts';
import {
	countOf,
	drawConstraints,
	groupOf,
	groups,
	holds,
	partsOf,
	sayConstraint,
	splitConstraints,
	type Group,
} from './constraints.ts';
import { referenceAnswer } from './reference.ts';
import { requestForms, topics } from './words.ts';

const difficulty = { unit: 'constraints', min: 1, max: 3 } as const;
/** Longest request in characters. */
const longestRequest = 600;

interface Instruction {
	readonly request: string;
	readonly constraints: readonly string[];
}

/** The parts of an item; items may come from a file or a model, so a wrong one is refused. */
function partsOfItem(item: Item): Instruction {
	const { request, constraints } = item;
	if (typeof request !== 'string' || request.trim() === '' || request.length > longestRequest)
		throw new TypeError(`An instruction must have a request of 1 to ${longestRequest} characters.`);
	if (!Array.isArray(constraints) || constraints.length > difficulty.max)
		throw new TypeError(`An instruction must have up to ${difficulty.max} constraints.`);
	const read = constraints.map(String);
	for (const constraint of read) partsOf(constraint);
	return { request, constraints: read };
}

const textOf = ({ request, constraints }: Instruction): string =>
	[request, ...constraints.map(sayConstraint)].join(' ');

/** How many there are: exact for one constraint, a lower bound for more. */
function space(n: number, stratum: string): number {
	checkStratum(groups, stratum);
	return requestForms.length * topics.length * countOf(stratum as Group) * 10 ** (n - 1);
}

/** The order of constraints makes no other instruction. */
function keyOf(item: Item): string {
	const { request, constraints } = partsOfItem(item);
	return `instructions/${[request.toLowerCase(), ...[...constraints].sort()].join('/')}`;
}

/** One in eight; every group has far more than an examination asks for. */
const isHeldOut = (item: Item): boolean => isHeldOutKey(keyOf(item), Infinity);

function sample(n: number, random: Random, stratum: string): Item {
	const request = random.pick(requestForms).replace('%', random.pick(topics));
	return { request, constraints: drawConstraints(stratum as Group, n, random) };
}

/** Whether the answer keeps every constraint; throws where there is none to check. */
function isRight(item: Item, answer: string): boolean {
	const { constraints } = partsOfItem(item);
	if (constraints.length === 0)
		throw new Error('the instruction has no constraint that a program can check');
	return constraints.every((constraint) => holds(constraint, answer));
}

function parse(text: string): { item: Item } | { error: string } {
	const { request, constraints } = splitConstraints(text.slice(0, 4000));
	const item = { request, constraints };
	return request.length > longestRequest ||
		constraints.length > difficulty.max ||
		!/\p{L}{2}.*\p{L}/su.test(request)
		? {
				error: `Type an instruction of up to ${longestRequest} characters, such as: ${textOf({
					request: 'Describe a kite.',
					constraints: ['most-words 30'],
				})
					.replaceAll('. ', '; ')
					.replace(/\.$/, '')}.`,
			}
		: { item };
}

const create = (answerTokens: number): Environment => ({
	name: 'instructions',
	title: 'Instructions',
	noun: ['instruction', 'instructions'],
	verb: 'follow',
	difficulty,
	base: [1, 1],
	strata: groups,
	model: 'SmolLM2-135M-Instruct',
	chat: true,
	// A model's own end token; engines leave it out.
	endMark: '',
	maxTokens: () => ({ prompt: 256, answer: answerTokens }),
	draw(n, random, stratum, split = 'training') {
		checkDifficulty(difficulty, n);
		const kind = stratum ?? random.pick(groups);
		checkStratum(groups, kind);
		return drawFrom(split, () => sample(n, random, kind), isHeldOut);
	},
	space,
	keyOf,
	stratumOf: (item) => {
		const [first] = partsOfItem(item).constraints;
		return first === undefined ? 'free' : groupOf(first);
	},
	difficultyOf: (item) => Math.max(difficulty.min, partsOfItem(item).constraints.length),
	isHeldOut,
	views: () => [{ plain: true }],
	prompt: (item) => textOf(partsOfItem(item)),
	read(item, _view, completion) {
		partsOfItem(item);
		const answer = completion.trim();
		return answer === '' ? { malformed: 'it is empty' } : { answer };
	},
	write: (_item, _view, answer) => answer,
	solve: (item) => {
		const { constraints } = partsOfItem(item);
		if (constraints.length === 0) throw new Error('no answer is the only right one');
		return referenceAnswer(constraints);
	},
	isRight,
	// Many have the same constraints: they are not what it is about.
	subject: (item) => partsOfItem(item).request,
	parse,
	show: (item) => textOf(partsOfItem(item)),
});

export const instructions = defineEnvironment({
	name: 'instructions',
	title: 'Instructions',
	about:
		'Follows instructions in English whose form a program can check: bullets, words, keywords, JSON.',
	papers: ['https://arxiv.org/abs/2311.07911', 'https://arxiv.org/abs/2212.10560'],
	knobs: {
		answerTokens: {
			kind: 'integer',
			label: 'Longest answer',
			help: 'How many tokens an answer may have; a longer one is cut off and counts as no answer.',
			default: 128,
			min: 16,
			max: 1024,
			step: 16,
		},
	},
	create: ({ answerTokens }) => create(answerTokens),
});
