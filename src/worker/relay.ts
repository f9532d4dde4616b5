/** @file Relay of calls from a watching tab to the one that trains, over the channel that all tabs hear. */
import { RemoteFailure, SessionFailure, type SessionError } from '#base/failure.ts';

export type RelayMessage =
	| {
			readonly type: 'ask';
			readonly from: string;
			readonly call: number;
			readonly method: string;
			readonly args: readonly unknown[];
	  }
	/** The tab that trains has taken the call; it may last as long as a step. */
	| { readonly type: 'accepted'; readonly to: string; readonly call: number }
	| {
			readonly type: 'answer';
			readonly to: string;
			readonly call: number;
			readonly error: SessionError | null;
	  };

type Ask = Extract<RelayMessage, { type: 'ask' }>;
type Reply = Exclude<RelayMessage, Ask>;

export interface Relay {
	/** Resolves with the other tab's answer, or with that of `here` once this tab trains. */
	ask(method: string, args: readonly unknown[], here: () => Promise<unknown>): Promise<unknown>;
	receive(reply: Reply): void;
	/** Runs every unanswered call here; returns true if there was one. */
	answerHere(): boolean;
	accept(ask: Ask): void;
	answer(ask: Ask, error: SessionError | null): void;
}

interface Waiting {
	readonly here: () => Promise<unknown>;
	readonly timer: ReturnType<typeof setTimeout>;
	settle(outcome: Promise<unknown>): void;
}

/** Milliseconds in which the other tab must accept a call: more than its page needs to replace a worker that spins. */
const patienceMs = 8000;

/** `name` tells this tab's calls from those of others. */
export function createRelay(name: string, post: (message: RelayMessage) => void): Relay {
	const waiting = new Map<number, Waiting>();
	let calls = 0;
	const take = (call: number): Waiting | undefined => {
		const found = waiting.get(call);
		clearTimeout(found?.timer);
		waiting.delete(call);
		return found;
	};
	return {
		ask: (method, args, here) =>
			new Promise((settle) => {
				const call = calls++;
				const timer = setTimeout(
					() => take(call)?.settle(Promise.reject(unanswered())),
					patienceMs,
				);
				waiting.set(call, { here, timer, settle });
				post({ type: 'ask', from: name, call, method, args });
			}),
		receive: (reply) => {
			if (reply.to !== name) return;
			if (reply.type === 'accepted') clearTimeout(waiting.get(reply.call)?.timer);
			else
				take(reply.call)?.settle(
					reply.error ? Promise.reject(new RemoteFailure(reply.error)) : Promise.resolve(),
				);
		},
		answerHere: () => {
			const mine = [...waiting.keys()].flatMap((call) => take(call) ?? []);
			for (const { here, settle } of mine) settle(here());
			return mine.length > 0;
		},
		accept: ({ from, call }) => {
			post({ type: 'accepted', to: from, call });
		},
		answer: ({ from, call }, error) => {
			post({ type: 'answer', to: from, call, error });
		},
	};
}

const unanswered = (): SessionFailure =>
	new SessionFailure(
		'watching',
		'Another tab of this browser trains and does not answer; close it, and this one goes on.',
	);
