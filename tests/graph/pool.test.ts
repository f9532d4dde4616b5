/** @file Several workers as one runtime: what one of them refuses, none keeps. */
import { expect, test } from 'vitest';
import type { OrtWorker } from '#graph/runtime/local-worker.ts';
import { createPool } from '#graph/runtime/pool.ts';

/** A worker that only counts what is open; `open` takes so many turns, and may fail. */
function worker(turns: number, fails: boolean): { readonly worker: OrtWorker; open(): number } {
	const sessions = new Set<number>();
	const nothing = () => Promise.resolve();
	return {
		open: () => sessions.size,
		worker: {
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

test('a graph that one worker cannot open is released by the workers that open it later', async () => {
	const [bad, slow] = [worker(0, true), worker(20, false)];
	const pool = createPool([bad.worker, slow.worker], 'two workers');
	await expect(pool.open(new Uint8Array())).rejects.toThrow('no memory');
	await new Promise((resolve) => setTimeout(resolve, 40));
	expect([bad.open(), slow.open()]).toEqual([0, 0]);
});
