/** @file Connection to a browser Worker that reports when it crashes. */
import type { Connection } from './remote-session.ts';

export function connectWorker(worker: Worker): Connection {
	return {
		channel: worker,
		onCrash: (listener) => {
			worker.onerror = (event) => {
				event.preventDefault();
				listener(event.message || 'its script did not load');
			};
			worker.onmessageerror = () => listener('a message could not be read');
		},
		terminate: () => worker.terminate(),
	};
}
