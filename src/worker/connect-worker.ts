/** @file Connection to a browser Worker that reports when it crashes, is closed or no longer answers. */
import { busyMs, isHeartbeat, silenceMs, watchHeartbeats } from '#base/concurrency/heartbeat.ts';
import type { Connection } from './remote-session.ts';
import type { Channel } from './rpc.ts';

/** Doublings of the allowed silence at most. */
const mostDoublings = 3;

/**
 * The worker must send heartbeats: one that never did so is given the time that a slow line needs for its script. Each
 * worker lost before doubles the silence that is allowed: on a machine that is slow beyond all measure a run still goes on.
 */
export function connectWorker(worker: Worker, losses = 0): Connection {
	const allowed = silenceMs * 2 ** Math.min(losses, mostDoublings);
	let crashed: (reason: string) => void = () => undefined;
	let answers: (answers: boolean) => void = () => undefined;
	let hasBegun = false;
	const watchdog = watchHeartbeats({
		// Missing on pages served over plain http, whatever the type says.
		locks: navigator.locks,
		limit: () => (hasBegun ? allowed : busyMs),
		onAnswers: (does) => {
			if (hasBegun) answers(does);
		},
		onLost: (reason) => crashed(reason),
	});
	const channel: Channel = {
		postMessage: (message) => worker.postMessage(message),
		onmessage: null,
	};
	worker.onmessage = (event: MessageEvent<unknown>) => {
		hasBegun = true;
		watchdog.heard(event.data);
		if (!isHeartbeat(event.data)) channel.onmessage?.(event);
	};
	worker.onerror = (event) => {
		event.preventDefault();
		crashed(event.message || 'its script did not load');
	};
	worker.onmessageerror = () => crashed('a message could not be read');
	return {
		channel,
		onCrash: (listener) => {
			crashed = listener;
		},
		onAnswers: (listener) => {
			answers = listener;
		},
		terminate: () => {
			watchdog.stop();
			worker.terminate();
		},
	};
}
