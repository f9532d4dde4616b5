/** @file A walk as a picture: places, walls and the way are those of the environment that was walked in. */
import { expect, test } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { openEnvironment } from '#environments/registry.ts';
import { promptTurns, type Turn } from '#loop/rollout/rollout.ts';
import { language } from '#ui/language/language.svelte.ts';
import { walkOf } from '#ui/world/walk.ts';

await language.load('more');

const grid = openEnvironment('grid');
const map = ['A..#..', '##....', 'B.....', '......', '......', '......'];

/** The turns of a walk with these commands, as the environment tells them. */
async function walked(commands: string, symmetry = 0): Promise<readonly Turn[]> {
	const dialogue = grid.open({ map }, { symmetry });
	let text = shownPrompt(dialogue.first());
	let turns = [...promptTurns(text)];
	for (const command of commands) {
		const content = `${command}$`;
		turns = [...turns, { role: 'text', content, sampled: true }];
		const next = await dialogue.next({ role: 'assistant', content });
		if (next === null) break;
		const all = shownPrompt(next);
		turns = [...turns, ...promptTurns(all.slice(text.length + content.length))];
		text = all;
	}
	return turns;
}

test('draws the walls that were seen, the way step by step, and whether it ended at the goal', async () => {
	const walk = walkOf({ turns: await walked('EEE') });
	expect(walk?.isThere).toBe(false);
	expect(walk?.words).toBe('3 steps, 1 of them to nowhere; it did not reach the goal.');
	expect(walk?.path.map(([, column]) => column - (walk.path[0]?.[1] ?? 0))).toEqual([0, 1, 2, 2]);
	const start = walk?.path[0];
	if (!walk || !start) throw new Error('no walk');
	// East of the third square, and south of the first two, stand walls.
	const at = (down: number, right: number) => walk.rows[start[0] + down]?.[start[1] + right]?.kind;
	expect([at(0, 2), at(0, 3), at(1, 0), at(1, 1), at(1, 2)]).toEqual([
		...['free', 'wall', 'wall', 'wall', 'free'],
	]);
	expect(walk.rows.flat().filter(({ isGoal }) => isGoal)).toHaveLength(1);
	expect(at(4, 4) ?? 'unseen').toBe('unseen');
});

test('a reference walk of every symmetry ends at the goal', () => {
	const item = { map: ['A.....', '......', 'B.....', ...Array<string>(3).fill('......')] };
	for (let symmetry = 0; symmetry < 8; symmetry++) {
		const spoken = grid.reference.conversation(item, { symmetry });
		const first = shownPrompt(grid.open(item, { symmetry }).first());
		const turns = [
			...promptTurns(first),
			...spoken.map(({ by, content }): Turn => {
				return { role: 'text', content, sampled: by === 'model' };
			}),
		];
		const walk = walkOf({ turns });
		expect(walk).toMatchObject({ isThere: true, words: '2 steps; it reached the goal.' });
	}
});

test('turns that are no walk are none', () => {
	expect(walkOf({ turns: promptTurns('12+34=') })).toBeUndefined();
	expect(walkOf({ turns: [] })).toBeUndefined();
});
