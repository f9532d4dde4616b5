/** @file The examination of a round, its knobs, and the decision on the policy that took it: what every evaluation does. */
import type { Knobs, KnobValues } from '#base/knobs.ts';
import type {
	Context,
	Decision,
	Evaluation,
	Experience,
	Objective,
	Score,
	ScoreCell,
} from '#loop/types.ts';
import { examineAround } from './coverage.ts';
import { examineElsewhere, isDue, masteredIn } from './elsewhere.ts';
import type { Describe } from './examine.ts';
import { decide, gates } from './gate.ts';
import { beginnings, nextObjective } from './next-objective.ts';
import { perplexityOf } from './perplexity.ts';

/** Directions of the survey by the words of the knob. */
const directionOf = {
	performance: 'improve-performance',
	feedback: 'adapt-to-feedback',
	knowledge: 'expand-knowledge',
	safety: 'enhance-safety',
} as const satisfies Readonly<Record<string, Objective['direction']>>;
const directionNames = ['performance', 'feedback', 'knowledge', 'safety'] as const;

export const examinationKnobs = {
	examined: {
		kind: 'integer',
		label: 'Examined',
		help: 'How many held-out problems of each difficulty and kind are asked.',
		default: 200,
		min: 1,
		max: 2000,
		step: 1,
	},
	threshold: {
		kind: 'number',
		label: 'Mastered at',
		help: 'Share of right answers at which a difficulty counts as mastered.',
		default: 0.9,
		min: 0.1,
		max: 1,
		step: 0.01,
	},
	lookAhead: {
		kind: 'integer',
		label: 'Look ahead',
		help: 'How many difficulties past the practised one are always examined.',
		default: 1,
		min: 0,
		max: 16,
	},
	minKept: {
		kind: 'integer',
		label: 'Enough kept',
		help: 'Go one step harder when at least this many problems were kept; else practise the same again.',
		default: 60,
		min: 0,
		max: 20_000,
		step: 10,
	},
	fewKept: {
		kind: 'integer',
		label: 'Too few kept',
		help: 'Go one step easier when fewer problems than this were kept; 0 never does.',
		default: 0,
		min: 0,
		max: 20_000,
		step: 10,
	},
	stride: {
		kind: 'integer',
		label: 'Stride',
		help: 'How much harder the next round is; 0 stays at the same difficulty.',
		default: 1,
		min: 0,
		max: 8,
	},
	begins: {
		kind: 'choice',
		label: 'Begins',
		help: 'One step past what was taught, or past what is mastered.',
		default: 'taught',
		options: beginnings,
	},
	recalled: {
		kind: 'integer',
		label: 'Cases when examined',
		help: 'How many solved tasks of the same kind are shown before each question of an examination, if the model reads them; they come from external memory.',
		default: 0,
		min: 0,
		max: 16,
	},
	passTries: {
		kind: 'integer',
		label: 'Samples for pass@k',
		help: 'How many answers to each problem of an examination are sampled beside the greedy one, for how likely one of k is right; 0 samples none.',
		default: 0,
		min: 0,
		max: 64,
	},
	span: {
		kind: 'choice',
		label: 'Examined range',
		help: 'all: first and last everything from what was taught to what still works; practised: only what is practised, and the look ahead.',
		default: 'all',
		options: ['all', 'practised'],
	},
	gate: {
		kind: 'choice',
		label: 'Roll back',
		help: 'off: every update stays; significant: an update that loses a mastered skill beyond chance is undone; any: one that loses a single answer is. All but off examine in full each round.',
		default: 'off',
		options: gates,
	},
	aim: {
		kind: 'choice',
		label: 'Aim',
		help: 'What the run is for, as the survey names it. performance: more right answers; feedback: other answers after what it was told; knowledge: facts that it did not have; safety: what must never break. It is said with each objective.',
		default: 'performance',
		options: directionNames,
	},
	elsewhereExamined: {
		kind: 'integer',
		label: 'Examined elsewhere',
		help: 'How many held-out problems of each difficulty and kind are asked in other environments, if the run names any.',
		default: 40,
		min: 1,
		max: 2000,
		step: 1,
	},
	elsewhereEvery: {
		kind: 'integer',
		label: 'Elsewhere every',
		help: 'Other environments are examined at the start, at the end and every so many rounds; 0 is not in between. With a roll back it is each round.',
		default: 3,
		min: 0,
		max: 1000,
	},
} as const satisfies Knobs;

/** What an evaluation adds to the examination. */
export interface Additions {
	/** Names the fault of each wrong answer, if faults are counted. */
	readonly describe?: Describe | undefined;
	/** Why a candidate must not take the place of the incumbent, whatever the gate says; undefined if it may. */
	readonly refuses?: ((before: Score, after: Score) => string | undefined) | undefined;
}

export async function examination(
	knobs: KnobValues<typeof examinationKnobs>,
	address: string,
	refined: readonly Experience[],
	context: Context<'score'>,
	{ describe, refuses }: Additions = {},
): Promise<Evaluation> {
	const { examined, threshold, lookAhead, minKept, fewKept, stride, gate } = knobs;
	const isGated = gate !== 'off' || refuses !== undefined;
	const { world, t, rounds, objective, policy, accepted } = context;
	const full = t === 0 || t >= rounds || isGated;
	const options = {
		...{ examined, threshold, lookAhead, full, widens: knobs.span === 'all' },
		...{ recalled: knobs.recalled, tries: knobs.passTries },
		...(describe && { describe }),
	};
	const { cells, frontier, mastered, stored } = await examineAround(options, context, address);
	const elsewhere = isDue(context, knobs.elsewhereEvery, isGated)
		? await examineElsewhere(knobs.elsewhereExamined, context, address)
		: [];
	const perplexity = world.environment.chat
		? await perplexityOf(world.engine, world.signal)
		: undefined;
	const hasCases = world.environment.chat && policy.memory.some(({ task }) => task !== undefined);
	const score: Score = {
		...{ t, policy: policy.id, cells, frontier, threshold },
		...(knobs.recalled > 0 && hasCases && { recalled: knobs.recalled }),
		...(stored && { stored }),
		...(elsewhere.length > 0 && { elsewhere }),
		...(perplexity !== undefined && { perplexity }),
	};
	const broken = accepted && refuses?.(accepted, score);
	const decision: Decision =
		broken !== undefined && broken !== null
			? { accept: 'roll-back', why: broken }
			: decide(gate, accepted, score);
	const kept = refined.filter(({ fate }) => fate.kind === 'kept').length;
	const round = { t, kept, minKept, fewKept, stride, begins: knobs.begins };
	const next = nextObjective(objective, score, decision, round);
	const { min, max } = world.environment.tasks.difficulty;
	const difficulty = Math.min(Math.max(next.difficulty, min), max);
	const kinds = sharesByKind(cells, difficulty);
	return {
		report: { score },
		objective: {
			...objective,
			...next,
			difficulty,
			direction: directionOf[knobs.aim],
			...(kinds && { kinds }),
			...(isGated && { protects: mastered }),
			...(elsewhere.length > 0 && {
				elsewhere: elsewhere.map((place) => ({
					environment: place.environment,
					protects: isGated ? masteredIn(place.cells, threshold) : [],
				})),
			}),
		},
		decision,
	};
}

/** Share of right answers by kind of task at a difficulty; undefined if no kind of it was examined. */
function sharesByKind(
	cells: readonly ScoreCell[],
	difficulty: number,
): Readonly<Record<string, number>> | undefined {
	const asked = cells
		.filter((cell) => cell.difficulty === difficulty)
		.flatMap(({ kinds = [] }) => kinds.filter(({ n }) => n > 0));
	return asked.length === 0
		? undefined
		: Object.fromEntries(asked.map(({ kind, correct, n }) => [kind, correct / n]));
}
