/** @file Opens the page's session, in its worker; loaded on first need only. */
import { connectWorker } from '#session/connect-worker.ts';
import type { Compute } from '#session/compute.ts';
import { RemoteSession } from '#session/remote-session.ts';
import type { Session } from '#session/session.ts';

export const openSession = (compute: Compute): Session =>
	new RemoteSession(
		() =>
			connectWorker(
				new Worker(new URL('../../session/worker.ts', import.meta.url), {
					type: 'module',
					name: 'session',
				}),
			),
		{ base: document.baseURI, compute },
	);
