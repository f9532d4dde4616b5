/**
 * @file Self-play solution evolution (survey 4.2.1): the seats of a game are played by the policy, or by it and an earlier
 * one; each of its moves is an answer to the position that it was made in.
 *
 * Follows SPAG (Cheng et al. 2024), which plays a game between two copies and learns from who wins. Differs: exact rules,
 * and the moves of all games in one position are a group, so that a move is compared with others in that position: in a
 * lost position every move loses, and nothing follows from that. A move in a held-out position is played and dropped.
 */
import { completionOf, readAnswer } from '#environments/answers.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import { opponentOf } from '#loop/rollout/opponent.ts';
import { playEpisodes, type Episode, type Move } from '#loop/rollout/episode.ts';
import { promptTurns, sampledTurn, type Rollout } from '#loop/rollout/rollout.ts';
import type { Context, Solution, Task } from '#loop/types.ts';

const address = '1-acquire/solution/positive/self-play';

export const selfPlay = defineCell({
	section: '4.2.1',
	address,
	title: 'Self-play solutions',
	step: 'evolveSolutions',
	about: 'Lets copies of the model play roles against or with each other.',
	papers: [
		'https://arxiv.org/abs/2404.10642',
		'https://arxiv.org/abs/2403.08715',
		'https://arxiv.org/abs/2401.12474',
	],
	knobs: {
		opponent: {
			kind: 'choice',
			label: 'Opponent',
			help: 'Who has the other seats: the policy itself, the oldest one that it still carries (with merging over rounds; else the first), or the first. Only moves of the policy are learnt.',
			default: 'policy',
			options: ['policy', 'earlier', 'base'],
		},
		games: {
			kind: 'integer',
			label: 'Games',
			help: 'How many games are played from each position; seats are taken in turn.',
			default: 8,
			min: 1,
			max: 64,
		},
		moves: {
			kind: 'integer',
			label: 'Moves learnt',
			help: 'How many moves of each game are learnt from, counted from its start; the rest is played out.',
			default: 2,
			min: 1,
			max: 64,
		},
		temperature: {
			kind: 'number',
			label: 'Temperature',
			help: 'How freely moves are sampled; 0 always takes the likeliest token.',
			default: 1,
			min: 0,
			max: 2,
			step: 0.05,
		},
	},
	needs: ['game'],
	create: ({ opponent, games, moves, temperature }) => {
		return async (tasks, context) => {
			const { world } = context;
			const { game, maxTokens, tasks: kinds } = world.environment;
			const other = opponent === 'policy' ? undefined : opponentOf(opponent, context);
			const lengths = tasks.map(({ difficulty }) => maxTokens(difficulty).answer);
			const played: { readonly episode: Episode; readonly own: readonly string[] }[] = [];
			// The policy has another seat in each arrangement; against itself it has all of them.
			const arrangements = other ? game.seats : [undefined];
			for (const [a, seat] of arrangements.entries()) {
				const share = Math.ceil((games - a) / arrangements.length);
				const starts = tasks.flatMap((task) => Array.from({ length: share }, () => task));
				const rest = game.seats.filter((one) => seat !== undefined && one !== seat);
				const episodes = await playEpisodes(game, starts, context, {
					...{ temperature, purpose: `self-play/${a}`, maxTokens: Math.max(1, ...lengths) },
					...(other && { players: Object.fromEntries(rest.map((one) => [one, other])) }),
				});
				const own = game.seats.filter((one) => !rest.includes(one));
				played.push(...episodes.map((episode) => ({ episode, own })));
				reportStep(context, address, played.length, tasks.length * games);
			}
			const rows = new Map<string, { task: Task; rollouts: Rollout[] }>();
			for (const { episode, own } of played)
				for (const [ply, move] of episode.moves.slice(0, moves).entries()) {
					if (!own.includes(move.seat) || kinds.isHeldOut(move.item)) continue;
					const key = JSON.stringify(move.item);
					const row = rows.get(key) ?? { task: taskOf(move, rows.size, context), rollouts: [] };
					row.rollouts.push(rolloutOf(episode, ply, row.task, world.environment));
					rows.set(key, row);
				}
			return [...rows.values()] satisfies Solution[];
		};
	},
});

/** A position that came up, as a task of its own. */
function taskOf({ item }: Move, n: number, { world, t }: Context): Task {
	const { tasks, words } = world.environment;
	return {
		...{ id: `move-${t}-${String(n).padStart(5, '0')}`, item, text: words.show(item) },
		...{ difficulty: tasks.difficultyOf(item), stratum: tasks.stratumOf(item) },
	};
}

function rolloutOf(
	{ id, rollouts, moves }: Episode,
	ply: number,
	task: Task,
	environment: EnvironmentFor<never>,
): Rollout {
	const [move, ...rest] = moves.slice(ply);
	if (!move) throw new Error('A row of self-play needs a move.');
	const { seat, view, prompt, generation } = move;
	const read = (one: Move) =>
		readAnswer(environment, one.item, one.view, completionOf(environment, one.generation));
	const own = read(move);
	const game = [move, ...rest].map((one) => {
		const said = read(one);
		return { seat: one.seat, item: one.item, answer: 'answer' in said ? said.answer : null };
	});
	return {
		...{ id: `${id}/${ply}`, group: task.id, seat, view, game },
		turns: [
			...promptTurns(prompt, generation.promptTokens),
			sampledTurn(generation, completionOf(environment, generation), typeof prompt !== 'string'),
		],
		stopReason: generation.stopReason,
		...('answer' in own ? own : { answer: null, malformed: own.malformed }),
		rewards: rollouts.find((one) => one.seat === seat)?.rewards ?? {},
	};
}
