/** @file A session of a test as the page's client of the worker API; a test brings what it asks of models and chat. */
import type { Session, SessionEvent } from '#runs/session.ts';
import type { ModelsApi, ApiListener, WorkerClient } from '#worker/api.ts';
import { callMethod, forwarding } from '#worker/forward.ts';

/** What a test asks of models and chat, over the function that takes their events. */
export type OpenModels = (emit: ApiListener) => Partial<ModelsApi>;

/** Whatever `models` does not answer is asked of the session; what neither answers is refused. */
export function clientOver(session: Session, models: OpenModels = () => ({})): WorkerClient {
	const listeners = new Set<ApiListener>();
	const answered = models((event) => {
		for (const listener of listeners) listener(event);
	});
	const own = {
		subscribe: (listener: (event: SessionEvent) => void) => session.subscribe(listener),
		listen: (listener: ApiListener): (() => void) => {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
	};
	return forwarding<typeof own, WorkerClient>(own, (method, args) =>
		callMethod(Object.hasOwn(answered, method) ? answered : session, method, args),
	);
}
