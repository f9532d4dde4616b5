/** @file Ports over the platform's channels: a Worker seen from the page, and any MessagePort-like scope. */
import type { Message, Port, Request } from './protocol.ts';
import type { Connection } from './remote-session.ts';

/** What Worker, MessagePort and a worker's scope have in common. */
interface Channel {
	postMessage(message: unknown, transfer: Transferable[]): void;
	onmessage: ((event: MessageEvent) => void) | null;
}

/** A typed port over a channel; the two ends are built from one source, so the types hold. */
export const portOver = <Outgoing, Incoming>(channel: Channel): Port<Outgoing, Incoming> => ({
	send: (message, transfer = []) => channel.postMessage(message, [...transfer]),
	receive: (listener) => {
		channel.onmessage = ({ data }: MessageEvent<Incoming>) => listener(data);
	},
});

/** A worker as a connection. */
export function connectWorker(worker: Worker): Connection {
	return {
		port: portOver<Request, Message>(worker),
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
