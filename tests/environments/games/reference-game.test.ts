/** @file Referential game: shortest descriptions against every description there is, and the exact pay-off of words. */
import { describe, expect, it } from 'vitest';
import { derive, random } from '#base/random.ts';
import { attributes } from '#environments/games/descriptions.ts';
import { openEnvironment } from '#environments/registry.ts';
import type { Item } from '#environments/item.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';
import { playOut } from '../../contracts/describe-game.ts';

const environment = openEnvironment('reference-game');
const { tasks, reference } = environment;
describeEnvironment('reference-game', environment);

const objects = ['small red plain ball', 'small blue plain ball', 'large red plain cup'];
const name: Item = { objects, target: 1 };
const find: Item = { objects, said: 'red ball' };
const view = { order: 0 };

/** Every set of up to four words, one of each attribute at most. */
const everything: readonly (readonly string[])[] = attributes.reduce(
	(all: readonly (readonly string[])[], values) =>
		all.flatMap((words) => [words, ...values.map((value) => [...words, value])]),
	[[]],
);
const fits = (object: string, words: readonly string[]): boolean =>
	words.every((word) => ` ${object} `.includes(` ${word} `));

describe('the speaker', () => {
	it('is right with exactly the shortest descriptions that fit one object, found by trying all', () => {
		for (let i = 0; i < 60; i++) {
			const item = tasks.draw(3 + (i % 6), random(derive(1, i)), 'speaker');
			const scene = item['objects'] as readonly string[];
			const meant = scene[Number(item['target']) - 1] ?? '';
			const unique = everything.filter(
				(words) => fits(meant, words) && scene.filter((one) => fits(one, words)).length === 1,
			);
			const fewest = Math.min(...unique.map(({ length }) => length));
			const right = everything.filter(
				(words) => words.length > 0 && (reference.isRight?.(item, words.join(' ')) ?? false),
			);
			expect(right).toEqual(unique.filter(({ length }) => length === fewest));
			expect(fewest).toBeGreaterThanOrEqual(2);
		}
	});

	it.each([
		['small red', 'correct'],
		['The red ball.', 'correct'],
		['red', 'wrong'],
		['blue ball', 'wrong'],
		['small red ball', 'wrong'],
		['object 1', 'malformed'],
		[attributes.flat().join(' '), 'wrong'],
	] as const)('says "%s": %s', async (said, kind) => {
		expect((await scoreOf(environment, name, view, said)).verdict.kind).toBe(kind);
	});

	it('gains nothing by chance, by the same words always, or by all words', async () => {
		const stream = random(3);
		const always = reference.solve(tasks.draw(4, random(4), 'speaker'));
		const scores = { chance: 0, constant: 0, long: 0 };
		for (let i = 0; i < 400; i++) {
			const item = tasks.draw(3 + (i % 6), random(derive(2, i)), 'speaker');
			const right = async (said: string): Promise<number> =>
				Number((await scoreOf(environment, item, view, said)).verdict.kind === 'correct');
			scores.chance += await right(stream.pick(everything).join(' '));
			scores.constant += await right(always);
			scores.long += await right(String((item['objects'] as string[])[Number(item['target']) - 1]));
		}
		for (const right of Object.values(scores)) expect(right / 400).toBeLessThan(0.05);
	});
});

describe('the listener', () => {
	it('finds the object by its number in the view', async () => {
		expect((await scoreOf(environment, find, view, '1')).verdict.kind).toBe('correct');
		expect((await scoreOf(environment, find, view, 'Number 3.')).verdict.kind).toBe('wrong');
		expect((await scoreOf(environment, find, view, '1 or 2')).verdict.kind).toBe('malformed');
		expect((await scoreOf(environment, find, view, '9')).verdict.kind).toBe('malformed');
	});

	it('is never asked about a held-out scene whose description is learnt', () => {
		expect(tasks.keyOf(find)).toBe(tasks.keyOf(name));
		expect(tasks.keyOf({ objects: objects.toReversed(), said: 'small red' })).toBe(
			tasks.keyOf(name),
		);
	});

	it('gains no more than its share by chance', async () => {
		let [right, expected] = [0, 0];
		const stream = random(7);
		for (let i = 0; i < 600; i++) {
			const n = 3 + (i % 6);
			const item = tasks.draw(n, random(derive(5, i)), 'listener');
			const said = String(stream.integer(1, n));
			right += Number((await scoreOf(environment, item, view, said)).verdict.kind === 'correct');
			expected += 1 / n;
		}
		expect(Math.abs(right - expected)).toBeLessThan(4 * Math.sqrt(expected));
	});
});

describe('the game', () => {
	/** Mean pay-off of these words over every object that a listener who takes them literally may pick. */
	async function payoffOf(said: string): Promise<number> {
		const fitting = objects.flatMap((one, i) => (fits(one, said.split(' ')) ? [i + 1] : []));
		let sum = 0;
		for (const pick of fitting) {
			const players = { speaker: () => said, listener: () => String(pick) };
			const play = environment.game.open(name);
			let asked = play.first();
			while (Object.keys(asked).length > 0) {
				const [seat = ''] = Object.keys(asked);
				const content = players[seat as 'speaker' | 'listener']();
				asked = await play.next({ [seat]: { role: 'assistant', content } });
			}
			const { speaker, listener } = await play.rewards();
			expect(speaker).toEqual(listener);
			const reward = speaker?.['outcome'];
			sum += reward && 'value' in reward ? reward.value : NaN;
		}
		return sum / fitting.length;
	}

	it('pays one over the number of objects that the words fit', async () => {
		expect(await payoffOf('red ball')).toBe(1);
		expect(await payoffOf('small red plain ball')).toBe(1);
		expect(await payoffOf('red')).toBe(1 / 2);
		expect(await payoffOf('plain')).toBe(1 / 3);
		expect(await payoffOf('blue')).toBe(0);
	});

	it('is won by exact play whoever it begins with, and lost by words that fit nothing or a reply that is none', async () => {
		const exact = (item: Item) => reference.solve(item);
		for (let i = 0; i < 60; i++) {
			const item = tasks.draw(3 + (i % 6), random(derive(6, i)));
			const { moves } = await playOut(
				environment,
				item,
				{ speaker: exact, listener: exact },
				random(1),
			);
			expect(moves.map(({ seat }) => seat)).toEqual(['speaker', 'listener']);
		}
		for (const said of ['huge yellow', 'what?']) {
			const play = environment.game.open(name);
			expect(await play.next({ speaker: { role: 'assistant', content: said } })).toEqual({});
			expect(await play.rewards()).toMatchObject({ speaker: { outcome: { value: 0 } } });
		}
	});
});
