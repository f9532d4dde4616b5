/**
 * @file Feedback from the outcome of games (survey 4.3.2): who won is all that is told, and no verifier says which move
 * was right.
 *
 * SPAG (Cheng et al. 2024) gives each move the result of its game. With `move` it is the mean result of all games in which
 * the same move was made in the same position, a Monte-Carlo estimate of its value; with `gain` how much better that mean
 * is than that of the other moves there, so that a lost position, in which right moves lose as well, teaches nothing.
 */
import { defineCell } from '#loop/cell.ts';
import { judgeEach } from '#loop/rollout/experience.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';
import type { Feedback, Solution } from '#loop/types.ts';

const address = '1-acquire/feedback/environment/outcome';
/** Reward that a game gives each seat. */
const outcome = 'outcome';

export const outcomeOfGame = defineCell({
	section: '4.3.2',
	address,
	title: 'Outcome of the game',
	step: 'getFeedback',
	about: 'Scores each move by who won the games in which it was made.',
	papers: ['https://arxiv.org/abs/2404.10642'],
	knobs: {
		credit: {
			kind: 'choice',
			label: 'Credit',
			help: 'game: a move has the result of its game; move: the mean result of this move in this position; gain: how far that is above other moves there, 0.5 for no better.',
			default: 'gain',
			options: ['game', 'move', 'gain'],
		},
	},
	needs: ['game'],
	create: ({ credit }) => judgeEach(address, outcome, (solution) => judge(solution, credit)),
});

function judge({ rollouts }: Solution, credit: 'game' | 'move' | 'gain'): Feedback {
	const results = rollouts.map(resultOf);
	const meanWhere = (holds: (rollout: Rollout) => boolean): number | null => {
		const judged = results.filter((result, i) => {
			const rollout = rollouts[i];
			return result !== null && rollout !== undefined && holds(rollout);
		});
		const sum = judged.reduce((total: number, result) => total + (result ?? 0), 0);
		return judged.length > 0 ? sum / judged.length : null;
	};
	const each = rollouts.map(({ answer }, i): number | null => {
		const result = results[i] ?? null;
		if (result === null || credit === 'game') return result;
		const same = meanWhere((other) => other.answer === answer) ?? result;
		if (credit === 'move') return same;
		const others = meanWhere((other) => other.answer !== answer);
		// Without another move there is nothing to be better than.
		return others === null ? 1 / 2 : 1 / 2 + (same - others) / 2;
	});
	const scores = each.filter((score) => score !== null);
	if (scores.length === 0) return { kind: 'unjudged', reason: 'no game was played to its end' };
	const score = Math.max(...scores);
	const answer = rollouts[each.indexOf(score)]?.answer ?? null;
	return { kind: 'scored', source: 'environment', score, answer, each };
}

function resultOf({ rewards }: Rollout): number | null {
	const reward = rewards[outcome];
	return reward && 'value' in reward ? reward.value : null;
}
