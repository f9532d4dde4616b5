/** @file A run that is cut off anywhere and resumed is the run that was never cut off. */
import { describe, expect, test } from 'vitest';
import type { Session, StartOptions } from '#runs/session.ts';
import type { RunRecord, Store } from '#storage/runs/store.ts';
import { nextEvent, record, setUp, settled, small } from './bench.ts';

/** All that must be equal: state with the hashes of its weights, scores, truths, losses, rows. */
async function essence(store: Store, id: string) {
	const run = await store.run(id);
	const { state, scores, truths, curve, recipe } = run ?? raise(`no run ${id}`);
	const rows = (await store.experiences(id)).map((row) => ({ ...row, runId: '' }));
	return { state, scores, truths, curve, recipe, rows };
}

const raise = (message: string): never => {
	throw new Error(message);
};

async function unbroken(options: StartOptions = small) {
	const bench = setUp();
	const session = bench.open();
	const done = settled(session);
	const id = await session.start(options);
	await done;
	return essence(bench.store, id);
}

const latest = async (session: Session): Promise<RunRecord> =>
	(await session.runs())[0] ?? raise('no run');

/** Draws its tasks in no order of their ids, and practises again what it kept of them. */
const outOfOrder: StartOptions = {
	method: 'rest-em',
	environment: 'reversal',
	seed: 3,
	rounds: 2,
	knobs: {
		selected: 24,
		poolSize: 40,
		samples: 2,
		steps: 3,
		batch: 8,
		examined: 10,
		minKept: 4,
		replayFrom: 'rounds',
		poolFrom: 0,
		poolTo: 0,
	},
};

/** Answers with the mean of its rounds, holds its weights by importance, and is examined in another environment. */
const held: StartOptions = {
	...small,
	rounds: 3,
	alsoExamine: ['reversal:direction=copy'],
	knobs: {
		...small.knobs,
		...{ mergeRounds: 3, pull: 0.1, pullBy: 'fisher', fisherSamples: 4 },
		...{ elsewhereExamined: 4, elsewhereEvery: 2, objective: 'supervised', klCoefficient: 0.1 },
	},
};

describe('resuming', () => {
	test.each([
		['easy-to-hard', small],
		['selected tasks and replayed rounds', outOfOrder],
		['merged rounds, a pull by importance and another environment', held],
	])('does the same as an unbroken run, cut off after every step: %s', async (_, options) => {
		const whole = await unbroken(options);
		const bench = setUp();
		let session = bench.open();
		let halted = settled(session);
		const id = await session.start(options);
		await session.pause();
		await halted;
		let steps = 1;
		while ((await latest(session)).status === 'paused') {
			await session.dispose();
			session = bench.open();
			halted = settled(session);
			await session.resume(id, { singleStep: true });
			await halted;
			steps += 1;
		}
		expect((await latest(session)).status).toBe('finished');
		expect(steps).toBe(1 + options.rounds * 4);
		expect(await essence(bench.store, id)).toEqual(whole);
	});

	test('does the same as an unbroken run, killed in the middle of every step', async () => {
		const whole = await unbroken();
		for (let kill = 0; kill < 9; kill++) {
			const bench = setUp();
			const first = bench.open();
			let begun = 0;
			const killed = nextEvent(first, (e) => e.type === 'began' && begun++ === kill);
			const id = await first.start(small);
			await killed;
			await first.stop();
			expect(record(first)).toContainEqual({ type: 'status', runId: id, status: 'stopped' });
			const second = bench.open();
			const done = settled(second);
			await second.resume(id);
			await done;
			expect(await essence(bench.store, id), `killed in step ${kill}`).toEqual(whole);
		}
	}, 120_000);

	test('goes on past the end when asked for more rounds, with the weights it had', async () => {
		const bench = setUp();
		const session = bench.open();
		let done = settled(session);
		const id = await session.start({ ...small, rounds: 1 });
		await done;
		done = settled(session);
		await session.resume(id, { rounds: 2 });
		await done;
		const run = await latest(session);
		expect(run.scores).toHaveLength(3);
		expect(run.recipe.rounds).toBe(2);
		expect(new Set(run.curve.map((p) => p.t))).toEqual(new Set([1, 2]));
	});
});

describe('stopping', () => {
	test('drops the step under way and keeps every finished one', async () => {
		const bench = setUp();
		const session = bench.open();
		const training = nextEvent(
			session,
			(e) => e.type === 'progress' && e.progress.kind === 'trained',
		);
		const id = await session.start(small);
		await training;
		await session.stop();
		const run = (await bench.store.run(id)) ?? raise('lost');
		expect(run.status).toBe('stopped');
		expect(run.state).toMatchObject({ t: 1, phase: 'update', policy: { trainer: null } });
		expect(run.curve).toEqual([]);
		expect(await bench.store.files.list()).toEqual([]);
	});
});

test('a run that says running and is not, is shown as paused with how to go on', async () => {
	const bench = setUp();
	const id = await bench.open().start(small);
	const other = bench.open();
	const run = (await other.runs()).find((r) => r.id === id);
	expect(run?.status).toBe('paused');
	expect(run?.message).toMatch(/resume/i);
});

test('a run that another tab has written since is refused by the store, and fails with the remedy', async () => {
	const bench = setUp();
	const session = bench.open();
	const failed = nextEvent(session, (e) => e.type === 'failed');
	const id = await session.start(small);
	const run = (await bench.store.run(id)) ?? raise('lost');
	await bench.store.commit({ run: { ...run, version: run.version + 1 } });
	expect(await failed).toMatchObject({ runId: id, error: { code: 'conflict' } });
	expect((await bench.store.run(id))?.version).toBe(run.version + 1);
});
