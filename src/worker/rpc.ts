/** @file The desk across two threads: `birpc` over a MessagePort, errors as plain data with their codes. */
import { createBirpc } from 'birpc';
import type { Desk, DeskEvent, Tell } from './api.ts';
import { describeDeskError } from '#runs/describe-error.ts';
import { RemoteFailure } from '#base/failure.ts';
import { isRecord } from '#base/is-record.ts';

/** The page's functions that the worker may call. */
interface Hearing {
	hear(event: DeskEvent): void;
}

/** A desk in another thread. */
export interface DeskConnection {
	readonly desk: Desk;
	/** Calls that wait are refused with this error, and all that follow. */
	close(error: Error): void;
	readonly isClosed: boolean;
}

/** A MessagePort, of a page, a worker or Node. */
type DeskPort = Pick<MessagePort, 'postMessage' | 'onmessage' | 'close'>;

/** The worker's end. */
export function serveDesk(port: DeskPort, open: (tell: Tell) => Desk): void {
	const page = createBirpc<Hearing, Desk>(
		open((event) => {
			page.$callEvent('hear', event).catch(() => undefined); // nobody listens any more
		}),
		{ ...channelOf(port), serialize: (message: unknown) => withError(message, describeDeskError) },
	);
}

/** The page's end. */
export function connectDesk(port: DeskPort, hear: Tell): DeskConnection {
	const rpc = createBirpc<Desk, Hearing>(
		{ hear },
		{ ...channelOf(port), deserialize: (message: unknown) => withError(message, asFailure) },
	);
	return {
		desk: rpc,
		close: (error) => {
			rpc.$close(error);
			port.close();
		},
		get isClosed() {
			return rpc.$closed;
		},
	};
}

const channelOf = (port: DeskPort) => ({
	post: (message: unknown) => port.postMessage(message),
	on: (listener: (message: unknown) => void) => {
		port.onmessage = ({ data }: MessageEvent<unknown>) => listener(data);
	},
	off: () => {
		port.onmessage = null;
	},
	// Training takes as long as it takes; a dead worker is noticed by the session.
	timeout: -1,
});

/** A structured clone of an error keeps neither its class nor its code: it crosses as plain data. */
const withError = (message: unknown, change: (error: unknown) => unknown): unknown =>
	isRecord(message) && message['e'] !== undefined
		? { ...message, e: change(message['e']) }
		: message;

const asFailure = (error: unknown): RemoteFailure =>
	new RemoteFailure(
		isRecord(error) && typeof error['code'] === 'string' && typeof error['message'] === 'string'
			? { code: error['code'], message: error['message'] }
			: { code: 'unexpected', message: 'The worker answered out of turn; reload the page.' },
	);
