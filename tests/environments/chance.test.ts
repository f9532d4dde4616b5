/** @file Chance, the baseline of a score: what each environment declares is what its guesser gets. */
import { afterAll, describe, expect, it } from 'vitest';
import { derive, random } from '#base/random.ts';
import { completionOf, readOf } from '#environments/answers.ts';
import { anyOrder, oneOrder } from '#environments/chance.ts';
import { environments, openEnvironment, type EnvironmentName } from '#environments/registry.ts';
import { equipped } from '#platform/sandbox/equipped.ts';
import { openNodeSandbox } from '#platform/sandbox/node.ts';
import { cellsOf } from '../contracts/describe-environment.ts';
import { guessed } from './guessers.ts';

const sandbox = openNodeSandbox();
afterAll(sandbox.close);

const opened = [
	...(Object.keys(environments) as EnvironmentName[]).map((name) => [name, {}] as const),
	['nim', { asks: 'legal' }],
	['tictactoe', { asks: 'legal' }],
	['reversal', { direction: 'copy' }],
	['translation', { words: 'new' }],
	['instructions', { substance: false }],
	['list-programs', { attempts: 1 }],
] as const;
/** Guesses at a difficulty and stratum; `EVOLVARIUM_GUESSES=3000` asks for more and tells every share, as what is declared was measured. */
const asked = process.env['EVOLVARIUM_GUESSES'];
const n = Number(asked ?? 250);

describe('guessing', () => {
	it.each(opened)('%s %j scores what is declared', async (name, knobs) => {
		const environment = equipped(openEnvironment(name, knobs), sandbox);
		const { tasks, chance } = environment;
		const { min, max } = tasks.difficulty;
		const tried = [min, min + 1, min + 2, min + 3, Math.ceil((min + max) / 2), max];
		for (const { n: difficulty, stratum } of cellsOf(environment)) {
			if (stratum === undefined || (!asked && !tried.includes(difficulty))) continue;
			const share = chance.share(difficulty, stratum);
			let right = 0;
			for (let i = 0; i < n; i++) {
				const stream = random(derive(23, difficulty, i));
				const item = tasks.draw(difficulty, stream, stratum);
				const [view = {}] = tasks.views(item, 1, stream);
				const dialogue = environment.open(item, view);
				const replies: string[] = [];
				do {
					const text = guessed(name, environment, item, view, stream);
					replies.push(completionOf(environment, { text, stopReason: 'stop' }));
				} while (
					(await dialogue.next({ role: 'assistant', content: replies.at(-1) ?? '' })) !== null
				);
				const completion = readOf(environment, replies);
				const { verdict } = await environment.score({
					...{ item, view, completion, stopReason: 'stop' },
				});
				expect(verdict.kind).not.toBe('unjudged');
				right += Number(verdict.kind === 'correct');
			}
			if (asked) console.log(name, JSON.stringify(knobs), stratum, difficulty, right / n);
			// Five standard deviations, and one answer where there is hardly any.
			const deviation = Math.sqrt(n * share * (1 - share));
			const where = `${stratum} at ${difficulty}: ${right} of ${n}`;
			expect(Math.abs(right - n * share), where).toBeLessThan(5 * deviation + 1.01);
		}
	});

	it('of an order is right as often as there are orders, fewer if symbols come twice', () => {
		expect(oneOrder(4)).toBeCloseTo(1 / 24);
		// Of two of ten digits: the same in one of ten cases, else in one of two orders.
		expect(anyOrder(2, 10)).toBeCloseTo(0.1 + 0.9 / 2);
	});
});
