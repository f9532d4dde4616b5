/** @file Memory alone, in short form, with the real seedling: it lifts held-out answers without a training step, and only if it is read. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isScore } from '#runs/stored/score.ts';
import { runInMemory, sumOf } from '../../scripts/bench-run.ts';

const short = { selected: 120, poolSize: 300, examined: 60 };
const run = async (knobs: Readonly<Record<string, number>>) => {
	const asked = { method: 'memory-alone', environment: 'dialects', rounds: 2, seed: 1 };
	const record = await runInMemory({ ...asked, knobs: { ...short, ...knobs } });
	const shares = record.scores.filter(isScore).map(({ cells }) => {
		const { correct, n } = sumOf(cells.filter(({ difficulty }) => difficulty <= 3));
		return correct / n;
	});
	return { record, before: shares[0] ?? NaN, after: shares.at(-1) ?? NaN };
};

/** Until `npm run pretrain -- dialects` has made it. */
const isMissing = !existsSync(new URL('../../public/models/dialects/config.json', import.meta.url));

test.skipIf(isMissing)(
	'what was solved and remembered answers held-out words, with memory on and not with it off',
	async () => {
		const [on, off] = [await run({}), await run({ recalled: 0 })];
		expect(on.record.curve).toEqual([]);
		expect(on.before).toBeLessThan(0.1);
		expect(on.after).toBeGreaterThan(0.5);
		expect(off.after).toBe(on.before);
	},
	120_000,
);
