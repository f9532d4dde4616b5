/** @file Episodes: several seats, each with turns, tokens and rewards of its own. */
import { describe, expect, test } from 'vitest';
import type { Message } from '#base/prompt.ts';
import { scripted } from '#engines/scripted.ts';
import type { Game } from '#environments/facets/game.ts';
import { playEpisodes } from '#loop/rollout/episode.ts';
import { meanLogprob, saidTokens } from '#loop/rollout/rollout.ts';
import { addition, taskOf, testWorld } from '../world.ts';

/** Twenty questions with one number: the guesser asks, the keeper says higher, lower or yes. */
const guessing: Game = {
	seats: ['guesser', 'keeper'],
	open(item) {
		const secret = Number(item['a']);
		const guesses: Message[] = [{ role: 'user', content: 'Guess a number from 1 to 9.' }];
		let moves = 0;
		let won = false;
		return {
			first: () => ({ guesser: [...guesses] }),
			next: async (replies) => {
				if (replies['guesser']) {
					moves++;
					const guess = replies['guesser'].content;
					if (!/^[1-9]$/.test(guess)) throw new Error(`${guess} is no guess`);
					guesses.push(replies['guesser']);
					return { keeper: [{ role: 'user', content: `secret ${secret}, guess ${guess}` }] };
				}
				const said = replies['keeper']?.content ?? '';
				won = said === 'yes';
				guesses.push({ role: 'user', content: said });
				return won ? {} : { guesser: [...guesses] };
			},
			rewards: async () => ({
				guesser: { won: { value: won ? 1 / moves : 0, weight: 1 } },
				keeper: { honest: { unjudged: 'nobody listened' } },
			}),
		};
	},
};

/** Guesses 5, then one up or down; keeps honestly. */
const player = (guess = (prompt: string) => honestGuess(prompt)) =>
	scripted({
		script: (prompt) => (prompt.includes('secret') ? keep(prompt) : guess(prompt)),
		score: (_prompt, said) => Array.from(said, () => -0.5),
	});
const honestGuess = (prompt: string): string =>
	String(5 + prompt.split('higher').length - prompt.split('lower').length);
function keep(prompt: string): string {
	const [, secret, guess] = /secret (\d), guess (\d)/.exec(prompt) ?? [];
	return secret === guess ? 'yes' : Number(secret) > Number(guess) ? 'higher' : 'lower';
}

const options = { temperature: 0, purpose: 'game', maxTokens: 8 };
const tasks = ['7', '5', '4'].map((a) => taskOf(addition, a, '1'));

describe('episodes', () => {
	test('give each seat its rollout, with the rewards of the game', async () => {
		const at = testWorld({ engine: player() });
		const episodes = await playEpisodes(guessing, tasks, at.context(), options);
		expect(
			episodes.map(({ rollouts }) => rollouts.map(({ seat, answer }) => [seat, answer])),
		).toEqual([
			[
				['guesser', '7'],
				['keeper', 'yes'],
			],
			[
				['guesser', '5'],
				['keeper', 'yes'],
			],
			[
				['guesser', '4'],
				['keeper', 'yes'],
			],
		]);
		const [seven] = episodes;
		expect(seven?.rollouts[0]?.turns.map(({ content }) => content)).toEqual([
			'Guess a number from 1 to 9.',
			...['5', 'higher', '6', 'higher', '7'],
		]);
		expect(seven?.rollouts.map(({ rewards }) => rewards)).toEqual([
			{ won: { value: 1 / 3, weight: 1 } },
			{ honest: { unjudged: 'nobody listened' } },
		]);
		expect(seven?.rollouts.map(({ group }) => group)).toEqual(['7+1', '7+1']);
		expect(seven?.rollouts.map(meanLogprob)).toEqual([-0.5, -0.5]);
		expect(saidTokens(seven?.rollouts[0] ?? { turns: [] })?.completion).toEqual([55]);
	});

	test('are played at once: a move calls each engine once', async () => {
		const at = testWorld({ engine: player() });
		await playEpisodes(guessing, tasks, at.context(), options);
		const sizes = at.engine.calls.flatMap((call) =>
			call.kind === 'generate' ? [call.prompts.length] : [],
		);
		expect(sizes).toEqual([3, 3, 2, 2, 1, 1]);
	});

	test('have a seat played by another model where its role is', async () => {
		const at = testWorld({ engine: player() });
		const judge = player();
		const world = { ...at.world, roles: { judge } };
		await playEpisodes(guessing, tasks, at.context({ world }), {
			...options,
			players: { keeper: 'judge' },
		});
		expect(judge.calls).toHaveLength(3);
		expect(at.engine.calls).toHaveLength(3);
	});

	test('end where a game refuses a move, and where one goes on too long', async () => {
		const ends = async (guess: string) => {
			const at = testWorld({ engine: player(() => guess) });
			const [episode] = await playEpisodes(guessing, tasks.slice(0, 1), at.context(), options);
			return episode?.rollouts.map(({ stopReason, rewards }) => [stopReason, rewards['won']]);
		};
		const lost = { value: 0, weight: 1 };
		expect(await ends('0')).toEqual([
			['parse-error', lost],
			['parse-error', undefined],
		]);
		expect(await ends('1')).toEqual([
			['max-turns', lost],
			['max-turns', undefined],
		]);
		expect((await ends('123456789'))?.[0]?.[0]).toBe('length');
	});
});
