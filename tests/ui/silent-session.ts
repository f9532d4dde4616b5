/** @file A session that only writes down what it was told, and says what a test has it say. */
import type { Session, SessionEvent } from '#runs/session.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { emptyRun, runId } from './events.ts';

export interface SilentSession extends Session {
	readonly told: string[];
	say(events: readonly SessionEvent[]): void;
}

export function silentSession(options: { readonly stored?: RunRecord } = {}): SilentSession {
	const told: string[] = [];
	const listeners = new Set<(event: SessionEvent) => void>();
	const note = (what: string) => {
		told.push(what);
		return Promise.resolve();
	};
	const stored = options.stored ?? emptyRun;
	const never = (): Promise<never> => Promise.reject(new Error('Not part of this test.'));
	return {
		told,
		say: (events) => {
			for (const event of events) for (const listener of listeners) listener(event);
		},
		subscribe: (listener) => {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		start: async (asked) => {
			await note(`start ${JSON.stringify(asked)}`);
			return runId;
		},
		resume: (id, how) => note(`resume ${id} ${JSON.stringify(how ?? {})}`),
		pause: () => note('pause'),
		stop: () => note('stop'),
		setKnob: (name, value, id) => note(`${name} = ${String(value)} in ${id ?? 'hand'}`),
		runs: () => Promise.resolve([stored]),
		entries: () => Promise.resolve([{ kind: 'sound', run: stored }]),
		experiences: () => Promise.resolve([]),
		trash: () => Promise.resolve({ files: 0, bytes: 0 }),
		emptyTrash: never,
		reject: never,
		setMemory: never,
		tryOut: never,
		rename: never,
		delete: never,
		export: never,
		import: never,
		dispose: () => note('dispose'),
	};
}
