/** @file Two tabs: one trains, the other watches, and takes over when the first is gone. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Session } from '#runs/session.ts';
import { openWatched, type Locks } from '#worker/tabs.ts';
import { LocalSession } from '#runs/local-session.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { like } from '../matchers.ts';
import { nextEvent, record, setUp, settled, small } from '../runs/bench.ts';

/** The lock manager of one origin: a queue per name (Node 20 has none). */
function locksOfOrigin(): Locks {
	const queues = new Map<string, Promise<unknown>>();
	return {
		request(name, { signal }, work) {
			const before = queues.get(name) ?? Promise.resolve();
			const mine = before.then(() => {
				signal.throwIfAborted();
				return work();
			});
			queues.set(
				name,
				mine.catch(() => undefined),
			);
			return mine;
		},
	};
}

const open: Session[] = [];
afterEach(async () => {
	for (const session of open.splice(0).reverse()) await session.dispose();
});

function origin() {
	const locks = locksOfOrigin();
	const bench = setUp(openMemoryStore());
	const name = `test/${Math.random()}`;
	return {
		bench,
		locks,
		async tab(onRole?: (trains: boolean) => void): Promise<Session> {
			const session = await openWatched(
				(trains) =>
					new LocalSession(
						{
							store: { ...bench.store, close: () => Promise.resolve() },
							openModel: () => Promise.resolve(bench.model()),
							now: () => Date.now(),
						},
						{ trains },
					),
				{ locks, channel: new BroadcastChannel(name), ...(onRole && { onRole }) },
			);
			open.push(session);
			return session;
		},
	};
}

describe('one tab', () => {
	test('whose own dead worker still holds the lock is not told that another tab trains', async () => {
		const { tab, locks } = origin();
		const { signal } = new AbortController();
		const held = () => new Promise((release) => setTimeout(release, 1000));
		void locks.request('evolvarium/trainer', { signal }, held);
		const roles: boolean[] = [];
		const session = await tab((trains) => void roles.push(trains));
		expect(roles).toEqual([true]);
		expect(record(session)).toEqual([]);
	});
});

describe('two tabs', () => {
	test('the second is told at once that the first trains', async () => {
		const { tab } = origin();
		await tab();
		const roles: boolean[] = [];
		const beganMs = performance.now();
		await tab((trains) => void roles.push(trains));
		expect(roles).toEqual([false]);
		expect(performance.now() - beganMs).toBeLessThan(1000);
	});

	test('the first trains, the second receives every step of it', async () => {
		const { tab } = origin();
		const [first, second] = [await tab(), await tab()];
		const seen = record(second);
		const over = settled(second);
		await first.start(small);
		await over;
		const steps = seen.flatMap((e) => (e.type === 'committed' ? [e.step] : []));
		expect(steps).toHaveLength(9);
		expect((await second.runs())[0]?.status).toBe('finished');
	});

	test('the second says that it watches, and refuses what only the first can do', async () => {
		const { tab } = origin();
		await tab();
		const second = await tab();
		expect(record(second)[0]).toMatchObject({
			type: 'opened',
			note: 'Another tab of this browser trains; this one watches.',
		});
		for (const refused of [
			second.start(small),
			second.setKnob('problems', 8),
			second.reject('x', 'y', true),
			second.rename('x', 'y'),
			second.delete('x'),
			second.import(new Uint8Array(9)),
		])
			await expect(refused).rejects.toMatchObject({
				code: 'watching',
				message: like(/close it and try again here\.$/),
			});
	});

	test('the second passes pause, resume and stop on to the first', async () => {
		const { tab } = origin();
		const [first, second] = [await tab(), await tab()];
		const id = await first.start(small);
		await second.pause();
		expect((await first.runs())[0]?.status).toBe('paused');
		await second.resume(id);
		expect((await first.runs())[0]?.status).toBe('running');
		await second.stop();
		expect((await first.runs())[0]?.status).toMatch(/stopped|finished/);
		await expect(second.resume('x')).rejects.toMatchObject({ code: 'no-such-run' });
	});

	test('the second may ask what only reads', async () => {
		const { tab } = origin();
		const [first, second] = [await tab(), await tab()];
		const over = settled(first);
		const id = await first.start({ ...small, rounds: 1 });
		await over;
		expect(await second.experiences(id, { limit: 3 })).toHaveLength(3);
		expect((await second.export(id, 'jsonl')).name).toBe(`${id}.jsonl`);
		expect(await second.tryOut(id, 'abc', 'reversal')).toMatchObject({ expected: 'cba' });
	});

	test('a run under way in the other tab is not taken for one that was cut off', async () => {
		const { tab } = origin();
		const [first, second] = [await tab(), await tab()];
		await first.start(small);
		expect((await second.runs())[0]?.status).toBe('running');
		await first.stop();
	});

	test('one that joins in the middle receives the present state', async () => {
		const { tab } = origin();
		const first = await tab();
		const id = await first.start(small);
		await first.pause();
		const second = await tab();
		const told = nextEvent(second, (e) => e.type === 'status');
		expect(await told).toEqual({ type: 'status', runId: id, status: 'paused' });
	});

	test('when the first is closed, the second trains and can resume its run', async () => {
		const { tab } = origin();
		const [first, second] = [await tab(), await tab()];
		const id = await first.start(small);
		await first.pause();
		const role = nextEvent(second, (e) => e.type === 'opened');
		await first.dispose();
		open.splice(open.indexOf(first), 1);
		expect(await role).toMatchObject({ note: like(/this one trains now/) });
		const done = settled(second);
		await second.resume(id);
		await done;
		expect((await second.runs())[0]?.status).toBe('finished');
	});
});
