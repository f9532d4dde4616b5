/** @file Grid: what is seen, where commands lead, a walk that is judged as a whole, and its views. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { fieldOf, type Move } from '#environments/worlds/map.ts';
import { transformed, transformedMove } from '#environments/worlds/symmetry.ts';
import { walk } from '#environments/worlds/walk.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { describeEnvironment } from '../../contracts/describe-environment.ts';

const grid = openEnvironment('grid');
describeEnvironment('grid', grid);

const item = { map: ['A..#..', '.#.#..', '..B...', '.##...', '......', '......'] };
const view = { symmetry: 0 };
const hear = async (replies: readonly string[], at = view): Promise<unknown> => {
	const dialogue = grid.open(item, at);
	let said: unknown = dialogue.first();
	for (const content of replies) said = await dialogue.next({ role: 'assistant', content });
	return said;
};
const verdictOf = async (replies: readonly string[], of: typeof item = item, at = view) => {
	const turns = replies.map((content) => ({ role: 'assistant' as const, content }));
	const completion = replies.at(-1) ?? '';
	const scored = { item: of, view: at, completion, stopReason: 'stop', turns };
	return (await grid.score(scored)).verdict.kind;
};

describe('a walk', () => {
	it('shows the squares around, and how far the goal lies', async () => {
		expect(await hear([])).toBe('s2e2####.#.#=');
		expect(await hear(['S$'])).toBe('s2e2####.#.#=S$s1e2#..###..=');
		expect(await hear(['S$', 'S$'])).toMatch(/s0e2#\.##\.#\.#=$/);
	});

	it('stays where it is before a wall, and loses a step', async () => {
		expect(await hear(['N$'])).toBe('s2e2####.#.#=N$s2e2####.#.#=');
		expect(await hear(Array<string>(7).fill('N$'))).not.toBeNull();
		expect(await hear(Array<string>(8).fill('N$'))).toBeNull();
	});

	it('ends at the goal, and is right as a whole only', async () => {
		expect(await hear(['S$', 'S$', 'E$', 'E$'])).toBeNull();
		expect(await verdictOf(['S$', 'S$', 'E$', 'E$'])).toBe('correct');
		expect(await verdictOf(['E$', 'E$'])).toBe('wrong');
		expect(await verdictOf(['S$', 'S$', 'x$'])).toBe('malformed');
		expect(await verdictOf([...Array<string>(8).fill('N$'), 'SSEE$'])).toBe('wrong');
	});

	it('can be planned in writing, and is then carried out blindly', async () => {
		expect(await verdictOf(['SSEE$'])).toBe('correct');
		expect(await verdictOf(['S$', 'SEE$'])).toBe('correct');
		expect(await verdictOf(['ESSEE$'])).toBe('wrong');
	});

	it('is straight, or a detour where walls lead away from the goal', () => {
		const kindOf = (map: readonly string[]) => grid.tasks.kindOf?.({ map });
		const free = ['......', '......', '......', '......'];
		expect(grid.tasks.kindOf?.(item)).toBe('straight');
		expect(kindOf(['A#B...', '......', ...free])).toBe('detour');
		expect(kindOf(['A..#..', '##B...', ...free])).toBe('straight');
	});

	it('is told as its explorer goes, who sees no more than the model, in every view', async () => {
		for (let i = 0; i < 48; i++) {
			const n = 1 + (i % 12);
			const drawn = grid.tasks.draw(n, random(i));
			for (const at of grid.tasks.views(drawn, 8, random(i))) {
				const dialogue = grid.open(drawn, at);
				let text: unknown = dialogue.first();
				let told = String(text);
				const spoken = grid.reference.conversation(drawn, at);
				for (const { by, content } of spoken) {
					told += content;
					if (by === 'model') text = await dialogue.next({ role: 'assistant', content });
					else expect(text).toBe(told);
				}
				expect(text).toBeNull();
				expect(told.length).toBeLessThanOrEqual(grid.maxTokens(n).prompt);
				const known = new Set<string>(alphabets.grid);
				expect(Array.from(told).filter((character) => !known.has(character))).toEqual([]);
				const replies = spoken.filter(({ by }) => by === 'model').map(({ content }) => content);
				const turns = replies.map((content) => ({ role: 'assistant' as const, content }));
				const last = { completion: replies.at(-1) ?? '', stopReason: 'stop', turns };
				const { verdict } = await grid.score({ item: drawn, view: at, ...last });
				expect(verdict.kind).toBe('correct');
			}
		}
	});

	it('is the same problem however its map is turned', () => {
		const commands = 'SSEE';
		for (let symmetry = 0; symmetry < 8; symmetry++) {
			const map = [...transformed(item.map, symmetry)];
			expect(grid.tasks.keyOf({ map })).toBe(grid.tasks.keyOf(item));
			const turned = Array.from(commands, (move) => transformedMove(move as Move, symmetry));
			expect(walk(fieldOf(map), turned.join(''))).toMatchObject({ isThere: true });
			expect(turned.map((move) => transformedMove(move, symmetry, true)).join('')).toBe(commands);
		}
		expect(new Set([0, 1, 2, 3, 4, 5, 6, 7].map((s) => transformed(item.map, s).join())).size).toBe(
			8,
		);
	});

	it('is seldom ended by one command for all, by chance, or by many commands', async () => {
		const stream = random(7);
		const chance = () => stream.pick(['N', 'E', 'S', 'W']);
		const right = [0, 0, 0];
		for (let i = 0; i < 200; i++) {
			const drawn = { map: grid.tasks.draw(5, random(i))['map'] as string[] };
			const tries = [
				'NNNNN$',
				Array.from({ length: 5 }, chance).join('') + '$',
				'NESW'.repeat(4) + '$',
			];
			for (const [t, answer] of tries.entries())
				if ((await verdictOf([answer], drawn)) === 'correct') right[t] = (right[t] ?? 0) + 1;
		}
		expect(Math.max(...right)).toBeLessThan(10);
	});
});
