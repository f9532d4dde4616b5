/**
 * @file Quantitative evaluation (survey 7.1): right answers out of n, on problems that are never trained on.
 *
 * The same sealed problems in every round, one greedy answer each. In full (everything first taught) before
 * the first round and after the last, in between around what is practised. The entrance examination says where
 * to begin: one step past what is mastered. From then on what comes next is decided without the truth: one
 * step harder when enough was kept, as in Lee et al. 2025, else the same again.
 */
import { defineCell } from '#loop/cell.ts';
import type { ScoreCell } from '#loop/types.ts';
import { examine, sharesOf } from './examine.ts';
import { decide, gates } from './gate.ts';
import { nextObjective } from './next-objective.ts';
import { perplexityOf } from './perplexity.ts';

const address = '4-evaluate/quantitative';

/** Before the first round the map goes on to where less than this share is right: the `before` column. */
const somethingRight = 0.1;

export const quantitative = defineCell({
	section: '7.1',
	address,
	title: 'Quantitative evaluation',
	step: 'evaluate',
	about:
		'Counts right answers to problems kept under seal, and decides whether to go one step harder.',
	papers: ['https://arxiv.org/abs/2306.05685', 'https://arxiv.org/abs/2502.01612'],
	knobs: {
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
		stride: {
			kind: 'integer',
			label: 'Stride',
			help: 'How much harder the next round is; 0 stays at the same difficulty.',
			default: 1,
			min: 0,
			max: 8,
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
	},
	needs: ['score'],
	create: ({ examined, threshold, lookAhead, minKept, stride, span, gate }) => {
		return async (refined, context) => {
			const { world, t, rounds, objective, policy, accepted } = context;
			const { difficulty: range } = world.environment.tasks;
			const [lowestTaught] = world.lessons?.range ?? [range.min];
			const practised = objective.difficulty;
			const widens = span === 'all';
			const full = t === 0 || t >= rounds || gate !== 'off';
			const cells = new Map<number, readonly ScoreCell[]>();
			const visit = async (difficulty: number) => {
				cells.set(difficulty, await examine(difficulty, examined, context, address));
				return sharesOf(cells.get(difficulty) ?? []);
			};
			// Where nothing could be asked or judged, nothing is known: that is neither passed nor failed.
			const passes = (shares: readonly number[]) =>
				shares.length > 0 && shares.every((share) => share >= threshold);
			const goesOn = (shares: readonly number[]) =>
				t === 0 ? shares.some((share) => share >= somethingRight) : passes(shares);

			let low = full && widens ? Math.min(lowestTaught, practised) : practised;
			let high = Math.min(practised + lookAhead, range.max);
			let lowest: readonly number[] = [];
			let highest: readonly number[] = [];
			for (let difficulty = low; difficulty <= high; difficulty++) {
				highest = await visit(difficulty);
				if (difficulty === low) lowest = highest;
			}
			while (widens && goesOn(highest) && high < range.max) highest = await visit(++high);
			// Down to firm ground, so that the frontier is known and not guessed.
			while (widens && !passes(lowest) && low > range.min) lowest = await visit(--low);

			const known = [...cells]
				.sort(([a], [b]) => a - b)
				.filter(([, row]) => sharesOf(row).length > 0);
			let frontier = low - 1;
			for (const [difficulty, row] of known) {
				if (!passes(sharesOf(row))) break;
				frontier = difficulty;
			}
			const mastered = known.flatMap(([at, row]) => (passes(sharesOf(row)) ? [at] : []));
			const score = {
				t,
				policy: policy.id,
				cells: known.flatMap(([, row]) => row.filter(({ n }) => n > 0)),
				frontier,
				threshold,
				...(world.environment.chat && {
					perplexity: await perplexityOf(world.engine, world.signal),
				}),
			};
			const decision = decide(gate, accepted, score);
			const kept = refined.filter(({ fate }) => fate.kind === 'kept').length;
			const next = nextObjective(objective, score, decision, { t, kept, minKept, stride });
			return {
				report: { score },
				objective: {
					...objective,
					...next,
					difficulty: Math.min(next.difficulty, range.max),
					...(gate !== 'off' && { protects: mastered }),
				},
				decision,
			};
		};
	},
});
