/** @file Remote procedure calls of the worker API: `birpc` over a message channel, errors as code and message. */
import { createBirpc } from 'birpc';
import { CodedError } from '#base/coded-error.ts';
import { RemoteFailure, SessionFailure } from '#base/failure.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import type { OpenOptions } from '#platform/compute.ts';
import { describeError, describeModelError } from '#runs/describe-error.ts';
import type { Session } from '#runs/session.ts';
import type { ModelsApi, ApiListener, WorkerApi } from './api.ts';
import { callMethod, forwarding } from './forward.ts';

/** Message channel: a Worker, a MessagePort or a worker's own scope. */
export interface Channel {
	postMessage(message: unknown): void;
	onmessage: ((event: MessageEvent) => void) | null;
}

/** The first call to a worker, and the last. */
interface Lifecycle {
	open(options: OpenOptions): Promise<void>;
	dispose(): Promise<void>;
}

/** The page's functions that the worker calls. */
interface Page {
	onEvent: ApiListener;
}

/** Services of a worker. */
export interface Served {
	readonly session: Session;
	/** Absent if only runs are served. */
	readonly models?: ModelsApi;
}

/** Worker API in another thread, by method name. */
export interface ApiConnection {
	call(method: string, args: readonly unknown[]): Promise<unknown>;
	/** Rejects the calls under way with this error, and all that follow. */
	close(error: Error): void;
}

/** Server in the worker; `open` makes its services from the options of the first call. */
export function serveApi(
	channel: Channel,
	open: (options: OpenOptions, emit: ApiListener) => Promise<Served>,
): void {
	let opening: Promise<Served> | undefined;
	const emit: ApiListener = (event) => {
		page.$callEvent('onEvent', event).catch(() => undefined); // the page is gone
	};
	const begin = async (options: OpenOptions): Promise<Served> => {
		const served = await open(options, emit);
		served.session.subscribe(emit);
		return served;
	};
	const opened = async (): Promise<Served> => {
		if (opening) return opening;
		throw new SessionFailure('closed', 'The session is not open; reload the page.');
	};
	const lifecycle: Lifecycle = {
		async open(options) {
			await (opening ??= begin(options));
		},
		async dispose() {
			const { session } = await opened();
			await session.dispose();
			opening = undefined;
		},
	};
	const api = forwarding<Lifecycle, Lifecycle & WorkerApi>(lifecycle, async (method, args) => {
		const { session, models } = await opened();
		const isOfModels = models !== undefined && Object.hasOwn(models, method);
		try {
			return await callMethod(isOfModels ? models : session, method, args);
		} catch (error) {
			const { code, message } = (isOfModels ? describeModelError : describeError)(error);
			throw new CodedError(code, message);
		}
	});
	const page = createBirpc<Page, Lifecycle & WorkerApi>(api, {
		...optionsFor(channel),
		serialize: (message: unknown) => withError(message, describeError),
		// A result that cannot be cloned is replaced by that error.
		onGeneralError: () => true,
	});
}

/** Client in the page. */
export function connectApi(channel: Channel, onEvent: ApiListener): ApiConnection {
	const rpc = createBirpc<Lifecycle & WorkerApi, Page>(
		{ onEvent },
		{
			...optionsFor(channel),
			deserialize: (message: unknown) => withError(message, asFailure),
		},
	);
	return {
		call: (method, args) => rpc.$callRaw({ method, args: [...args] }),
		close: (error) => rpc.$close(error),
	};
}

const optionsFor = (channel: Channel) => ({
	post: (message: unknown) => channel.postMessage(message),
	on: (listener: (message: unknown) => void) => {
		channel.onmessage = ({ data }: MessageEvent<unknown>) => listener(data);
	},
	off: () => {
		channel.onmessage = null;
	},
	// No timeout, since training may take hours; the client notices a dead worker.
	timeout: -1,
});

/** Encodes or decodes the error of a response: a structured clone keeps neither its class nor its code. */
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
