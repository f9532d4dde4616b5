/** @file Opens the page's session, in its worker; loaded on first need only. */
import { connectWorker } from '#worker/connect-worker.ts';
import type { Compute } from '#platform/compute.ts';
import { RemoteSession } from '#worker/remote-session.ts';
import type { Session } from '#runs/session.ts';

export const openSession = (compute: Compute): Session =>
	new RemoteSession(
		() =>
			connectWorker(
				new Worker(new URL('../../worker/worker.ts', import.meta.url), {
					type: 'module',
					name: 'session',
				}),
			),
		{ base: document.baseURI, compute },
	);
