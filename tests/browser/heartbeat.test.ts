/** @file The watchdog in a real browser: a worker that spins or closes itself is noticed, one that beats is left alone. */
import { expect, test } from 'vitest';
import { connectWorker } from '../../src/worker/connect-worker.ts';

const open = (losses = 0) => {
	const worker = new Worker(new URL('./beating-worker.ts', import.meta.url), { type: 'module' });
	const connection = connectWorker(worker, losses);
	const heard = new Promise<void>((resolve) => {
		worker.addEventListener('message', () => resolve(), { once: true });
	});
	const lost = new Promise<string>((resolve) => {
		connection.onCrash(resolve);
	});
	return { worker, connection, heard, lost };
};

test('a worker that spins is noticed, with what is wrong', { timeout: 60_000 }, async () => {
	const { worker, connection, heard, lost } = open();
	await heard;
	worker.postMessage('spin');
	expect(await lost).toMatch(/^it did not answer for \d+ seconds$/);
	connection.terminate();
});

test('a worker is given twice the time after one was lost', { timeout: 60_000 }, async () => {
	const { worker, connection, heard, lost } = open(1);
	await heard;
	worker.postMessage('spin');
	expect(await lost).toBe('it did not answer for 10 seconds');
	connection.terminate();
});

test('a worker that closes itself is noticed', { timeout: 60_000 }, async () => {
	const { worker, connection, heard, lost } = open();
	await heard;
	// Its lock is taken a moment after its first beat.
	await new Promise((resolve) => setTimeout(resolve, 1500));
	worker.postMessage('close');
	expect(await lost).toMatch(/^it was closed$|^it did not answer/);
	connection.terminate();
});

test('a worker that beats is left alone', async () => {
	const { connection, heard, lost } = open();
	await heard;
	const calm = new Promise<string>((resolve) => setTimeout(() => resolve('calm'), 3000));
	expect(await Promise.race([lost, calm])).toBe('calm');
	connection.terminate();
});
