/** @file Opens the page's session, in its worker; loaded on first need only. */
import type { Compute } from '#platform/compute.ts';
import type { WorkerClient } from '#worker/api.ts';
import { connectWorker } from '#worker/connect-worker.ts';
import { openRemoteSession } from '#worker/remote-session.ts';

export const openSession = (compute: Compute): WorkerClient =>
	openRemoteSession(
		(losses) =>
			connectWorker(
				new Worker(new URL('../../worker/worker.ts', import.meta.url), {
					type: 'module',
					name: 'session',
				}),
				losses,
			),
		{ base: document.baseURI, compute },
	);
