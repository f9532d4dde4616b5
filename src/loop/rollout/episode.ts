/** @file Episode: one game of several seats, a rollout for each. */
import { derive } from '#base/random.ts';
import type { Message, Prompt } from '#base/prompt.ts';
import type { Engine, Generation } from '#engines/engine.ts';
import type { Game, Moves, Play } from '#environments/facets/game.ts';
import type { Item, View } from '#environments/item.ts';
import type { Context, Role, Task } from '../types.ts';
import { furtherTurns, sampledTurn, type Rollout, type RolloutStop, type Turn } from './rollout.ts';

/** The rollouts of all seats of one game, in the order of the seats; those of a task are its group. */
export interface Episode {
	readonly id: string;
	readonly task: Task;
	readonly rollouts: readonly Rollout[];
	/** Moves in order, of a game whose moves are items of their own; else none. */
	readonly moves: readonly Move[];
}

/** A move of an episode. */
export interface Move {
	readonly seat: string;
	readonly item: Item;
	readonly view: View;
	readonly prompt: Prompt;
	readonly generation: Generation;
}

/** Whoever moves: an engine, or part of one. */
export type Player = Pick<Engine, 'name' | 'generate'>;

export interface PlayOptions {
	readonly temperature: number;
	/** Names the random stream, so that no two steps share one. */
	readonly purpose: string;
	/** Tokens of the longest reply. */
	readonly maxTokens: number;
	/** Player of a seat: a model, or who plays a role; the policy if none is named, or nobody plays that role. */
	readonly players?: Readonly<Partial<Record<string, Role | Player>>>;
}

/** Moves of an episode, after which one that would go on is ended as `max-turns`. */
const mostMoves = 64;

/** An episode under way. */
interface Open {
	readonly id: string;
	readonly task: Task;
	readonly play: Play;
	readonly turns: Map<string, Turn[]>;
	readonly moves: Move[];
	asked: Moves<Prompt>;
	stopReason: RolloutStop;
}

/** Plays one episode of each task, all at once: in every move each engine is called once. */
export async function playEpisodes(
	game: Game,
	tasks: readonly Task[],
	context: Context,
	options: PlayOptions,
): Promise<readonly Episode[]> {
	const { world, t } = context;
	const all = tasks.map((task, i): Open => {
		const play = game.open(task.item);
		const turns = new Map(game.seats.map((seat) => [seat, []]));
		const id = `${options.purpose}/${t}/${i}`;
		return { id, task, play, turns, moves: [], asked: play.first(), stopReason: 'stop' };
	});
	const engineOf = (seat: string): Player => {
		const player = options.players?.[seat];
		if (typeof player === 'object') return player;
		return (player && world.roles?.[player]) ?? world.engine;
	};
	for (let move = 0; move < mostMoves; move++) {
		const waiting = all.flatMap((open) =>
			game.seats.flatMap((seat) => {
				const prompt = open.asked[seat];
				return prompt === undefined ? [] : [{ open, seat, prompt }];
			}),
		);
		if (waiting.length === 0) break;
		const replies = new Map(all.map((open): [Open, Record<string, Message>] => [open, {}]));
		for (const engine of new Set(waiting.map(({ seat }) => engineOf(seat)))) {
			const mine = waiting.filter(({ seat }) => engineOf(seat) === engine);
			const seats = [...new Set(mine.map(({ seat }) => seat))].join();
			const generations = await engine.generate(
				mine.map(({ prompt }) => prompt),
				{
					maxTokens: options.maxTokens,
					temperature: options.temperature,
					seed: derive(world.seed, options.purpose, t, move, seats),
					signal: world.signal,
				},
			);
			world.signal.throwIfAborted();
			for (const [i, { open, seat, prompt }] of mine.entries()) {
				const generation = generations[i];
				if (!generation)
					throw new Error(
						`The engine ${engine.name} left a prompt unanswered; open another engine.`,
					);
				const here = open.play.positions?.()[seat];
				if (here) open.moves.push({ seat, ...here, prompt, generation });
				const turns = open.turns.get(seat) ?? [];
				turns.push(
					...furtherTurns(turns, prompt, generation.promptTokens),
					sampledTurn(generation, generation.text, typeof prompt !== 'string'),
				);
				if (generation.stopReason !== 'stop') open.stopReason = generation.stopReason;
				const reply = { role: 'assistant', content: generation.text } as const;
				(replies.get(open) ?? {})[seat] = reply;
			}
		}
		for (const open of all)
			if (Object.keys(open.asked).length > 0) await goOn(open, replies.get(open) ?? {});
	}
	return Promise.all(all.map((open) => episodeOf(open, game)));
}

/** The next prompts of an episode; one whose game fails, or whose reply was cut off, ends there. */
async function goOn(open: Open, replies: Moves<Message>): Promise<void> {
	open.asked = open.stopReason === 'stop' ? await nextOf(open, replies) : {};
}

async function nextOf(open: Open, replies: Moves<Message>): Promise<Moves<Prompt>> {
	try {
		return await open.play.next(replies);
	} catch (error) {
		const isLate = error instanceof Error && error.name === 'TimeoutError';
		open.stopReason = isLate ? 'timeout' : 'parse-error';
		return {};
	}
}

async function episodeOf(open: Open, { seats }: Game): Promise<Episode> {
	const { id, task, play, turns, moves, asked } = open;
	const stopReason = Object.keys(asked).length > 0 ? 'max-turns' : open.stopReason;
	const rewards = await play.rewards();
	const rollouts = seats.map((seat): Rollout => {
		const own = turns.get(seat) ?? [];
		const answer = own.findLast(({ sampled }) => sampled)?.content ?? null;
		return {
			...{ id: `${id}/${seat}`, group: task.id, seat, view: {}, turns: own },
			...{ stopReason, answer, rewards: rewards[seat] ?? {} },
		};
	});
	return { id, task, rollouts, moves };
}
