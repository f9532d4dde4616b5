/** @file The page's session in real Chromium: a worker, wasm, IndexedDB and OPFS, killed and opened again. */
import { afterEach, describe, expect, test } from 'vitest';
import { like } from '../matchers.ts';
import { connectWorker } from '#worker/connect-worker.ts';
import { openRemoteSession, type Connection } from '#worker/remote-session.ts';
import type { Session, SessionEvent, StartOptions } from '#runs/session.ts';

const quick: StartOptions = {
	method: 'easy-to-hard',
	environment: 'addition',
	seed: 5,
	rounds: 2,
	knobs: {
		agreement: false,
		problems: 24,
		views: 2,
		steps: 3,
		batch: 16,
		rank: 2,
		examined: 10,
		minKept: 4,
		replayProblems: 4,
	},
};

const open: Session[] = [];
afterEach(async () => {
	for (const session of open.splice(0)) await session.dispose();
});

/** A session whose worker can be killed as the browser does it: without a word. */
function tab(): { readonly session: Session; kill(): void } {
	let kill = (): void => undefined;
	const connect = (): Connection => {
		const worker = new Worker(new URL('../../src/worker/worker.ts', import.meta.url), {
			type: 'module',
		});
		const connection = connectWorker(worker);
		return {
			...connection,
			onCrash: (listener) => {
				connection.onCrash(listener);
				kill = () => {
					worker.terminate();
					listener('killed by the test');
				};
			},
		};
	};
	const session = openRemoteSession(connect, { base: new URL('/', location.href).href });
	open.push(session);
	return { session, kill: () => kill() };
}

/** Resolves with the first event that passes, from now on. */
const next = (session: Session, passes: (event: SessionEvent) => boolean): Promise<SessionEvent> =>
	new Promise((resolve) => {
		const stop = session.subscribe((event) => {
			if (!passes(event)) return;
			queueMicrotask(() => stop());
			resolve(event);
		});
	});

const isOver = (e: SessionEvent): boolean => e.type === 'status' && e.status === 'finished';

/** It goes on, or the run had ended before its worker did. */
const isBack = (e: SessionEvent): boolean =>
	(e.type === 'status' && e.status === 'running') || (e.type === 'failed' && e.runId === null);

const finished = (session: Session) => next(session, (e) => e.type === 'failed' || isOver(e));

async function endOf(session: Session, id: string) {
	const run = (await session.runs()).find((one) => one.id === id);
	return { status: run?.status, state: run?.state, scores: run?.scores, curve: run?.curve };
}

describe('the session in its worker', () => {
	test('runs on wasm, and the main thread stays free', async () => {
		const { session } = tab();
		const long: number[] = [];
		const observer = new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) long.push(entry.duration);
		});
		const done = finished(session);
		const opened = next(session, (e) => e.type === 'opened');
		const id = await session.start(quick);
		observer.observe({ type: 'longtask' });
		expect(await opened).toMatchObject({ engine: like(/^wasm, \d+ workers?$/) });
		expect(await done).toMatchObject({ type: 'status' });
		observer.disconnect();
		expect(long.filter((ms) => ms > 50)).toEqual([]);
		expect((await session.experiences(id)).length).toBe(2 * 24);
		expect(await session.tryOut(id, '12 + 34', 'addition')).toMatchObject({
			expected: '46',
			before: { answer: '46', correct: true },
		});
	});

	test('killed at any moment, goes on by itself and ends with the same weights', async () => {
		const calm = tab();
		let done = finished(calm.session);
		const calmId = await calm.session.start(quick);
		await done;
		const whole = await endOf(calm.session, calmId);
		await calm.session.dispose();

		const { session, kill } = tab();
		const id = await session.start(quick);
		for (let i = 0; i < 6; i++) {
			await new Promise((resolve) => setTimeout(resolve, 150 + 170 * i));
			if ((await session.runs()).find((run) => run.id === id)?.status === 'finished') break;
			const back = next(session, isBack);
			kill();
			await back;
			// A worker that dies again and again without a finished step is not opened on and on.
			if (i % 2 === 1) await next(session, (e) => e.type === 'committed' || isOver(e));
		}
		done = finished(session);
		if ((await session.runs()).find((run) => run.id === id)?.status !== 'finished') await done;
		expect(await endOf(session, id)).toEqual(whole);
	});

	test('a second tab watches, and takes over when the first is closed', async () => {
		const first = tab();
		await first.session.runs();
		const second = tab();
		await expect(second.session.start(quick)).rejects.toMatchObject({ code: 'watching' });
		const heard = next(second.session, (e) => e.type === 'committed');
		const id = await first.session.start(quick);
		expect(await heard).toMatchObject({ runId: id });
		const role = next(
			second.session,
			(e) => e.type === 'opened' && (e.note ?? '').includes('this one trains now'),
		);
		await first.session.dispose();
		await role;
		const done = finished(second.session);
		await second.session.resume(id);
		expect(await done).toMatchObject({ type: 'status', status: 'finished' });
	});
});
