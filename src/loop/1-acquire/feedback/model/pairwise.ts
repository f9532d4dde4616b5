/**
 * @file Feedback from the model as a judge of pairs (survey 4.3.1): which of two answers to a task is better, asked in both
 * orders.
 *
 * Follows Zheng et al. 2023: a judge prefers what it reads first, so that an answer wins a pair only if it wins in either
 * order, and else the two are equal. The score of an answer is the mean over the others of its task: 1 for a win, one half
 * for equals. It never sees the truth.
 */
import { fillPlaces } from '#base/knobs.ts';
import { derive } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import { reportSamples, reportStep } from '#loop/report.ts';
import { experienceOf } from '#loop/rollout/experience.ts';
import type { Context, Feedback, Solution } from '#loop/types.ts';

const address = '1-acquire/feedback/model/pairwise';

export const pairwise = defineCell({
	section: '4.3.1',
	address,
	title: 'Feedback from the model as judge of pairs',
	step: 'getFeedback',
	about:
		'Asks which of two answers is better, in both orders; what changes with the order is equal.',
	papers: ['https://arxiv.org/abs/2306.05685', 'https://arxiv.org/abs/2305.14387'],
	knobs: {
		pairPrompt: {
			kind: 'text',
			label: 'What the judge is asked',
			help: 'Sent for every two different answers to a task, in both orders; the judge must reply with A or B.',
			default:
				'{task}\n\nHere are two answers.\n\nA: {first}\n\nB: {second}\n\nWhich answer is better? Say A or B.',
			places: ['{task}', '{first}', '{second}'],
		},
	},
	needs: ['chat'],
	create: ({ pairPrompt }) => {
		return async (solutions, context) => {
			const pairs = solutions.flatMap(pairsIn);
			const wins = await preferred(pairs, pairPrompt, context);
			const experience = solutions.map((solution) =>
				experienceOf(solution, 'judge', feedbackOf(solution, pairs, wins), context),
			);
			reportStep(context, address, pairs.length, pairs.length);
			reportSamples(context, experience);
			return experience;
		};
	},
});

/** Two different answers to one task. */
interface Pair {
	readonly solution: Solution;
	readonly answers: readonly [string, string];
}

const answersOf = ({ rollouts }: Solution): readonly string[] => [
	...new Set(rollouts.flatMap(({ answer }) => (answer === null ? [] : [answer]))),
];
function pairsIn(solution: Solution): readonly Pair[] {
	const answers = answersOf(solution);
	return answers.flatMap((one, i) =>
		answers.slice(i + 1).map((other): Pair => ({ solution, answers: [one, other] })),
	);
}

/** Score of the first answer of each pair: 1, 0 or one half; null if neither order could be read. */
async function preferred(
	pairs: readonly Pair[],
	pairPrompt: string,
	context: Context,
): Promise<readonly (number | null)[]> {
	const { world, t } = context;
	const judge = world.roles?.judge ?? world.engine;
	const isHeld = judge.forms?.includes('expression') ?? true;
	const prompts = pairs.flatMap(({ solution: { task }, answers: [a, b] }) =>
		[
			[a, b],
			[b, a],
		].map(([first = '', second = '']) => [
			{
				role: 'user' as const,
				content: fillPlaces(pairPrompt, { task: task.text, first, second }),
			},
		]),
	);
	const said = await judge.generate(prompts, {
		...{ maxTokens: 4, temperature: 0, signal: world.signal },
		seed: derive(world.seed, 'pairwise', t),
		...(isHeld && { form: { kind: 'expression', source: 'A|B' } }),
		onProgress: (done) => reportStep(context, address, Math.floor(done / 2), pairs.length),
	});
	world.signal.throwIfAborted();
	const choiceAt = (i: number): string | undefined => /^\W*([AB])\b/.exec(said[i]?.text ?? '')?.[1];
	return pairs.map((_, i) => {
		const [inOrder, swapped] = [choiceAt(2 * i), choiceAt(2 * i + 1)];
		if (inOrder === undefined || swapped === undefined) return null;
		return inOrder === swapped ? 0.5 : Number(inOrder === 'A');
	});
}

function feedbackOf(
	solution: Solution,
	pairs: readonly Pair[],
	wins: readonly (number | null)[],
): Feedback {
	const own = pairs.flatMap((pair, i) => {
		const win = wins[i] ?? null;
		return pair.solution === solution && win !== null ? [{ ...pair, win }] : [];
	});
	const scoreOf = (answer: string): number | null => {
		const points = own.flatMap(({ answers: [one, other], win }) =>
			answer === one ? [win] : answer === other ? [1 - win] : [],
		);
		return points.length > 0 ? points.reduce((sum, x) => sum + x, 0) / points.length : null;
	};
	const each = solution.rollouts.map(({ answer }) => (answer === null ? 0 : scoreOf(answer)));
	const best = Math.max(...each.map((score) => score ?? -1));
	if (own.length === 0)
		return {
			kind: 'unjudged',
			reason:
				answersOf(solution).length > 1 ? 'the judge gave no mark' : 'there is nothing to compare',
		};
	const answer = solution.rollouts[each.indexOf(best)]?.answer ?? null;
	return { kind: 'scored', source: 'model', score: best, answer, each };
}
