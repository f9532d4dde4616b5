/** @file Messages between the session's worker and the worker that alone may ask a server on this machine. */
import type { Fetch } from '#engines/endpoint/post.ts';

/** Parameter in the address of that worker's script: the origin of the one server that its policy then names. */
export const localServerParameter = 'server';

/** Request as a message, without its signal. */
export type RequestInit = Omit<Parameters<Fetch>[1], 'signal'>;

/** To the worker. */
export type Ask =
	| {
			readonly type: 'fetch';
			readonly id: number;
			readonly url: string;
			readonly init: RequestInit;
	  }
	/** The reader wants the next piece of the body. */
	| { readonly type: 'pull'; readonly id: number }
	| { readonly type: 'abort'; readonly id: number };

/** A response without its body. */
export interface Head {
	readonly status: number;
	readonly statusText: string;
	readonly headers: readonly (readonly [string, string])[];
	readonly url: string;
	readonly redirected: boolean;
	readonly type: ResponseType;
	readonly hasBody: boolean;
}

/** From the worker. */
export type Answer =
	| { readonly type: 'head'; readonly id: number; readonly head: Head }
	| { readonly type: 'piece'; readonly id: number; readonly piece: Uint8Array<ArrayBuffer> }
	| { readonly type: 'end'; readonly id: number }
	| { readonly type: 'failed'; readonly id: number; readonly message: string };
