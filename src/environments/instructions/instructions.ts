/**
 * @file Instructions in English with constraints that a program checks, after IFEval (Zhou et al. 2023); difficulty is
 * the number of constraints.
 *
 * Whether an answer keeps its constraints is exact. Beside that it must have substance: more words than were demanded,
 * no going round in circles, and a word of the topic; whether it is any good, nobody here knows. An instruction that ends in none of the known constraints, as a model may write it, cannot be judged.
 */
import type { Random } from '#base/random.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { measured, type Chance } from '../chance.ts';
import { singleMessage } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item } from '../item.ts';
import { scoreByReference, type Grade } from '../score.ts';
import { isHeldOutKey } from '../split.ts';
import { defineTasks } from '../tasks.ts';
import {
	countOf,
	drawConstraints,
	groupOf,
	groups,
	holds,
	partsOf,
	sayConstraint,
	splitConstraint,
	splitConstraints,
	type Group,
} from './constraints.ts';
import { instructionFaults } from './faults.ts';
import { grammarOf } from './grammar.ts';
import { recastOf } from './recast.ts';
import { referenceAnswer } from './reference.ts';
import { lackOf, stem, topicOf } from './substance.ts';
import { requestForms, topics } from './words.ts';

const difficulty = { min: 1, max: 3 } as const;
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
	return requestForms.length * topics.length * countOf(stratum as Group) * 10 ** (n - 1);
}

/** The order of constraints makes no other instruction. */
function keyOf(item: Item): string {
	const { request, constraints } = partsOfItem(item);
	return `instructions/${[request.toLowerCase(), ...[...constraints].sort()].join('/')}`;
}

function sample(n: number, random: Random, stratum: string): Item {
	const request = random.pick(requestForms).replace('%', random.pick(topics));
	return { request, constraints: drawConstraints(stratum as Group, n, random) };
}

const tasks = defineTasks({
	difficulty,
	strata: groups,
	mix: (_n, random) => random.pick(groups),
	sample,
	space,
	keyOf,
	stratumOf: (item) => {
		const [first] = partsOfItem(item).constraints;
		return first === undefined ? 'free' : groupOf(first);
	},
	kindOf: (item) =>
		partsOfItem(item)
			.constraints.map((one) => splitConstraint(one)[0])
			.join('+') || 'free',
	difficultyOf: (item) => Math.max(difficulty.min, partsOfItem(item).constraints.length),
	// One in eight; every group has far more than an examination asks for.
	isHeldOut: (item) => isHeldOutKey(keyOf(item), Infinity),
});

/** Reads any text that is not empty; with `substance` also one that says something about what was asked. */
const answersOf = (substance: boolean): AnswerFormat => ({
	// A model's own end token; engines leave it out.
	endMark: '',
	read(item, _view, completion) {
		const { request, constraints } = partsOfItem(item);
		const answer = completion.trim();
		if (answer === '') return { malformed: 'it is empty' };
		// Of a free answer nobody can say what it should hold.
		const asks = substance && constraints.length > 0;
		const lack = asks ? lackOf(request, constraints, answer) : undefined;
		return lack === undefined ? { answer } : { malformed: lack };
	},
	write: (_item, _view, answer) => answer,
});

/** Whether each constraint is kept; throws where there is none to check. */
function keptBy(item: Item, answer: string): readonly boolean[] {
	const { constraints } = partsOfItem(item);
	if (constraints.length === 0)
		throw new Error('the instruction has no constraint that a program can check');
	return constraints.map((constraint) => holds(constraint, answer));
}

const referenceOf = (answers: AnswerFormat): Reference => ({
	solve: (item) => {
		const { request, constraints } = partsOfItem(item);
		if (constraints.length === 0) throw new Error('no answer is the only right one');
		return referenceAnswer(constraints, topicOf(request));
	},
	isRight: (item, answer) =>
		keptBy(item, answer).every(Boolean) && 'answer' in answers.read(item, {}, answer),
});

/** Of one sentence for all that names the topic, by the first constraint and by how many there are. */
const plain: Readonly<Record<Group, (difficulty: number) => number>> = {
	format: measured(1, [0.163, 0.028, 0.001]),
	count: measured(1, [0.304, 0.059, 0.007]),
	keyword: measured(1, [0.193, 0.026, 0.004]),
	json: () => 0,
};
const chance: Chance = {
	of: 'one plain sentence that names the topic',
	share: (n, stratum) => plain[stratum as Group](n),
};

/** The share of the constraints that an answer keeps. */
const grade: Grade = {
	name: 'constraints',
	of(item, answer) {
		const kept = keptBy(item, answer);
		return kept.filter(Boolean).length / kept.length;
	},
};

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

function create(answerTokens: number, substance: boolean) {
	const answers = answersOf(substance);
	const reference = referenceOf(answers);
	return {
		name: 'instructions',
		tasks,
		chat: true,
		open: (item) => singleMessage(textOf(partsOfItem(item))),
		maxTokens: () => ({ prompt: 256, answer: answerTokens }),
		chance,
		score: scoreByReference(answers, reference, grade),
		answers,
		reference,
		grammar: (item: Item) => {
			const { request, constraints } = partsOfItem(item);
			return grammarOf(constraints, substance ? topicOf(request).map(stem) : []);
		},
		recast: (item: Item) => {
			const { request, constraints } = partsOfItem(item);
			const cast = recastOf(constraints, topicOf(request).map(stem));
			return cast ? { prompt: singleMessage(request).first(), cast } : null;
		},
		faults: instructionFaults((item) => partsOfItem(item).constraints),
		words: {
			title: 'Instructions',
			noun: ['instruction', 'instructions'],
			verb: 'follow',
			unit: 'constraints',
			show: (item) => textOf(partsOfItem(item)),
			parse,
			// Many have the same constraints: they are not what it is about.
			subject: (item) => partsOfItem(item).request,
		},
	} satisfies Environment;
}

export const instructions = defineEnvironment({
	name: 'instructions',
	title: 'Instructions',
	ability: 'instruction-following',
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
		substance: {
			kind: 'switch',
			label: 'Asks for substance',
			help: 'An answer that says little more than its form demands, goes round in circles or does not name its topic counts as none.',
			default: true,
		},
	},
	create: ({ answerTokens, substance }) => create(answerTokens, substance),
});
