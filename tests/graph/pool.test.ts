/** @file Several lanes as one runtime: what one of them refuses, none keeps. */
import { expect, test } from 'vitest';
import type { Lane } from '#graph/runtime/lane.ts';
import { createPool } from '#graph/runtime/pool.ts';

/** A lane that only counts what is open; `open` takes so many turns, and may fail. */
function lane(turns: number, fails: boolean): { readonly lane: Lane; open(): number } {
	const sessions = new Set<number>();
	const nothing = () => Promise.resolve();
	return {
		open: () => sessions.size,
		lane: {
			supply: nothing,
			bind: nothing,
			dispose: nothing,
			run: () => Promise.resolve({}),
			open: async (id) => {
				await new Promise((resolve) => setTimeout(resolve, turns));
				if (fails) throw new Error('no memory');
				sessions.add(id);
			},
			release: (id) => {
				sessions.delete(id);
				return Promise.resolve();
			},
		},
	};
}

test('a graph that one lane cannot open is released by the lanes that open it later', async () => {
	const [bad, slow] = [lane(0, true), lane(20, false)];
	const pool = createPool([bad.lane, slow.lane], 'two lanes');
	await expect(pool.open(new Uint8Array())).rejects.toThrow('no memory');
	await new Promise((resolve) => setTimeout(resolve, 40));
	expect([bad.open(), slow.open()]).toEqual([0, 0]);
});
