/** @file The page's session: the worker, opened. */
import { connectWorker } from './connect-worker.ts';
import type { OpenOptions } from './protocol.ts';
import { RemoteSession } from './remote-session.ts';
import type { Session } from './session.ts';

/** Opens the session of this page; failures arrive as events. */
export const openSession = (options: OpenOptions): Session =>
	new RemoteSession(
		() =>
			connectWorker(
				new Worker(new URL('./worker.ts', import.meta.url), {
					type: 'module',
					name: 'evolvarium',
				}),
			),
		options,
	);
