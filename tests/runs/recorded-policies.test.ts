/** @file The shipped recording's own models answer: at the start, in a middle round and at the end. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { LocalSession } from '#runs/local-session.ts';
import type { GivenAnswer } from '#runs/session.ts';
import { adapterPath } from '#runs/stored/recorded-adapters.ts';
import { readRecording } from '#runs/stored/recording.ts';

const path = 'public/recordings/default.json';
const { recipe, events, adapters = [] } = readRecording(JSON.parse(await readFile(path, 'utf8')));
const scoreAt = (wanted: number) =>
	events.flatMap(({ event }) =>
		event.type === 'committed' && event.score?.t === wanted ? [event.score] : [],
	)[0] ?? expect.fail(`round ${wanted} was not examined`);

test('each recorded model adds what its examination says, and no model of before it does', async () => {
	expect(adapters.map(({ t }) => t)).toEqual([3, recipe.rounds]);
	const files = adapters.map(async ({ t, parameters }) => ({
		parameters,
		bytes: new Uint8Array(await readFile(adapterPath(path, t))),
	}));
	const policies = { recipe, adapters: await Promise.all(files) };
	const session = new LocalSession(await openNodePlatform({ threads: 1 }));
	const addition = openEnvironment('addition');
	const rightOf = async (digits: number): Promise<readonly number[]> => {
		const right = [0, 0, 0];
		for (const item of drawHeldOut(addition, digits, 'equal', 12, 1)) {
			const { before, between, now } = await session.tryOut(
				policies,
				addition.words.show(item),
				'addition',
			);
			const given: readonly GivenAnswer[] = [before, ...between, now];
			expect(given).toHaveLength(3);
			for (const [i, { correct }] of given.entries()) if (correct) right[i] = (right[i] ?? 0) + 1;
		}
		return right;
	};
	const [start, middle, end] = [0, 3, recipe.rounds].map((t) => scoreAt(t).frontier);
	const atEnd = await rightOf(end ?? 0);
	expect(atEnd[0]).toBeLessThan(3);
	expect(atEnd[1]).toBeLessThan(9);
	expect(atEnd[2]).toBeGreaterThan(8);
	const atMiddle = await rightOf(middle ?? 0);
	expect(atMiddle[0]).toBeLessThan(9);
	expect(atMiddle[1]).toBeGreaterThan(8);
	expect(Math.min(...(await rightOf(start ?? 0)))).toBeGreaterThan(8);
	await session.dispose();
});
