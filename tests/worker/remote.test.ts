/** @file The session over a message channel: the same answers, events and errors, and a worker that dies. */
import { afterEach, describe, expect, test } from 'vitest';
import { methods } from '#methods/registry.ts';
import type { OpenOptions } from '#platform/compute.ts';
import { openRemoteSession, type Connection } from '#worker/remote-session.ts';
import { serveApi } from '#worker/rpc.ts';
import type { ExperienceRow } from '#runs/stored/row.ts';
import { like } from '../matchers.ts';
import { nextEvent, record, setUp, settled, small, step, type Bench } from '../runs/bench.ts';

const closing: (() => void)[] = [];
afterEach(() => {
	for (const close of closing.splice(0)) close();
});

interface FakeWorker {
	readonly connect: () => Connection;
	readonly opened: OpenOptions[];
	/** The worker dies: it answers nothing more. */
	crash(reason: string): void;
}

/** Workers over real message channels, so that everything is truly cloned on its way. */
function workers(bench: Bench): FakeWorker {
	let listener: (reason: string) => void = () => undefined;
	let end: () => void = () => undefined;
	const opened: OpenOptions[] = [];
	return {
		opened,
		crash: (reason) => {
			end();
			listener(reason);
		},
		connect: () => {
			const { port1, port2 } = new MessageChannel();
			let session = bench.open();
			serveApi(port2, (options) => {
				opened.push(options);
				session = bench.open();
				return Promise.resolve({ session });
			});
			end = () => {
				port1.close();
				port2.close();
				// What a dead worker had not committed is gone.
				void session.stop().catch(() => undefined);
			};
			closing.push(end);
			return {
				channel: port1,
				onCrash: (crashed) => (listener = crashed),
				terminate: () => end(),
			};
		},
	};
}

const options: OpenOptions = { base: 'https://example.org/glass/' };

describe('a session over a channel', () => {
	test('runs, answers and tells the same as the session itself', async () => {
		const near = setUp().open();
		const nearEvents = record(near);
		let done = settled(near);
		await near.start(small);
		await done;

		const far = openRemoteSession(workers(setUp()).connect, options);
		const farEvents = record(far);
		done = settled(far);
		const id = await far.start(small);
		await done;
		const plain = (events: typeof nearEvents) =>
			events
				.filter((e) => e.type === 'committed' || e.type === 'began')
				.map((e) =>
					e.type === 'committed'
						? { step: e.step, score: e.score, rows: e.rows.map((row) => ({ ...row, runId: '' })) }
						: { t: e.t, phase: e.phase },
				);
		expect(plain(farEvents)).toEqual(plain(nearEvents));
		expect(await far.experiences(id, { t: 1, offset: 2, limit: 3 })).toHaveLength(3);
		expect((await far.runs()).map((run) => run.id)).toEqual([id]);
		expect(await far.tryOut(id, 'abc', 'reversal')).toMatchObject({ expected: 'cba' });
		await far.rename(id, 'Words');
		expect((await far.runs())[0]?.name).toBe('Words');
		const zip = await far.export(id, 'run');
		const copy = await far.import(zip.bytes);
		expect(await far.runs()).toHaveLength(2);
		await far.delete(copy);
		expect(await far.runs()).toHaveLength(1);
		await far.dispose();
	});

	test('passes on pause, single steps, knobs, rejection and stop', async () => {
		const far = openRemoteSession(workers(setUp()).connect, options);
		const id = await far.start(small);
		await far.pause();
		await far.setKnob('problems', 8, id);
		await step(far, id);
		await step(far, id);
		expect((await far.runs())[0]?.recipe.knobs).toMatchObject({ problems: 8 });
		const rows = await far.experiences(id);
		await far.reject(id, rows[0]?.id ?? '', true);
		expect((await far.experiences(id))[0]?.rejected).toBe(true);
		await far.resume(id, { singleStep: true, knobs: { steps: 2 } });
		await far.stop();
		const [run] = await far.runs();
		expect(run?.status).toMatch(/stopped|paused/);
		expect(run?.recipe.knobs).toMatchObject({ problems: 8, steps: 2 });
	});

	test('sends the worker the base address of the site', async () => {
		const worker = workers(setUp());
		const far = openRemoteSession(worker.connect, { ...options, compute: 'wasm' });
		await far.runs();
		expect(worker.opened).toMatchObject([{ base: 'https://example.org/glass/', compute: 'wasm' }]);
	});

	test('brings errors across as code and sentence', async () => {
		const far = openRemoteSession(workers(setUp()).connect, options);
		await expect(far.start({ ...small, method: 'magic' })).rejects.toMatchObject({
			code: 'bad-request',
			message: `Method must be one of ${methods.map(({ name }) => name).join(', ')}; got "magic".`,
		});
		await expect(far.pause()).rejects.toMatchObject({ code: 'no-run' });
		await expect(far.resume('nobody')).rejects.toMatchObject({ code: 'no-such-run' });
		await expect(far.import(new Uint8Array(9))).rejects.toMatchObject({ code: 'corrupt' });
	});
});

test('an answer that cannot be cloned comes back as an error, and the worker goes on', async () => {
	const { port1, port2 } = new MessageChannel();
	closing.push(() => port1.close());
	const session = setUp().open();
	const run = { id: 'r', act: () => undefined };
	// What no store of ours returns: a record with a function in it.
	session.experiences = () => Promise.resolve([run as unknown as ExperienceRow]);
	serveApi(port2, () => Promise.resolve({ session }));
	const connect = () => ({ channel: port1, onCrash: () => undefined, terminate: () => undefined });
	const far = openRemoteSession(connect, options);
	await expect(far.experiences('r')).rejects.toMatchObject({
		code: 'unexpected',
		message: like(/could not be cloned/),
	});
	expect(await far.runs()).toEqual([]);
});

describe('a worker that dies', () => {
	test('is opened again, and the run goes on from its last step by itself', async () => {
		const bench = setUp();
		const worker = workers(bench);
		const far = openRemoteSession(worker.connect, options);
		const acquired = nextEvent(far, (e) => e.type === 'committed' && e.step === 'acquired');
		const id = await far.start(small);
		await acquired;
		const failed = nextEvent(far, (e) => e.type === 'failed');
		const done = settled(far);
		worker.crash('out of memory');
		expect(await failed).toMatchObject({
			runId: id,
			error: {
				code: 'crashed',
				message: like(/out of memory.* the run goes on from its last finished step/),
			},
		});
		await done;
		expect(worker.opened).toHaveLength(2);
		const [run] = await far.runs();
		expect(run?.status).toBe('finished');
		expect(run?.curve).toHaveLength(2 * 3);
		expect(run?.scores).toHaveLength(3);
	});

	test('after a pause was asked for leaves the run waiting', async () => {
		const worker = workers(setUp());
		const far = openRemoteSession(worker.connect, options);
		const acquired = nextEvent(far, (e) => e.type === 'committed');
		const id = await far.start(small);
		await acquired;
		const waits = nextEvent(far, (e) => e.type === 'status' && e.status === 'paused');
		const asked = far.pause();
		await Promise.resolve();
		worker.crash('it did not answer');
		await expect(asked).rejects.toMatchObject({ code: 'crashed' });
		expect(await waits).toMatchObject({ runId: id });
		expect((await far.runs())[0]?.status).not.toBe('running');
	});

	test('while a stop is waited for leaves the run stopped, and the stop succeeds', async () => {
		const worker = workers(setUp());
		const far = openRemoteSession(worker.connect, options);
		const acquired = nextEvent(far, (e) => e.type === 'committed');
		await far.start(small);
		await acquired;
		const asked = far.stop();
		await Promise.resolve();
		worker.crash('it did not answer');
		await asked;
		expect((await far.runs())[0]?.status).toBe('stopped');
	});

	test('refuses what was asked of it and not answered', async () => {
		const worker = workers(setUp());
		const far = openRemoteSession(worker.connect, options);
		await far.runs();
		const asked = far.runs();
		// Asked, and on its way.
		await Promise.resolve();
		worker.crash('gone');
		await expect(asked).rejects.toMatchObject({ code: 'crashed' });
	});

	test('and is given up is not opened again only to be closed', async () => {
		const worker = workers(setUp());
		const far = openRemoteSession(worker.connect, options);
		await far.runs();
		for (let i = 0; i < 4; i++) worker.crash('gone');
		const before = worker.opened.length;
		await far.dispose();
		await expect(far.runs()).rejects.toMatchObject({ code: 'closed' });
		expect(worker.opened).toHaveLength(before);
	});

	test('again and again is not opened on and on, but when it is asked for', async () => {
		const worker = workers(setUp());
		const losses: number[] = [];
		const far = openRemoteSession((lost) => {
			losses.push(lost);
			return worker.connect();
		}, options);
		const events = record(far);
		await far.runs();
		for (let i = 0; i < 4; i++) worker.crash('its script did not load');
		expect(events.at(-1)).toMatchObject({
			type: 'failed',
			error: { code: 'crashed', message: like(/again and again .* reload the page\.$/) },
		});
		expect(await far.runs()).toEqual([]);
		expect(losses).toEqual([0, 1, 2, 3, 4]);
		await far.dispose();
		await expect(far.runs()).rejects.toMatchObject({ code: 'closed' });
	});
});
