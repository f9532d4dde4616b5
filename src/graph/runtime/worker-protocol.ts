/** @file Messages between the pool and a web worker. */
import type { Feeds } from './runtime.ts';

export interface WorkerSettings {
	readonly provider: 'wasm' | 'webgpu';
	readonly threads: number;
}

export type WorkerCall =
	| { readonly type: 'start'; readonly settings: WorkerSettings }
	| {
			readonly type: 'supply';
			readonly id: number;
			readonly name: string;
			readonly data: Uint8Array;
	  }
	| { readonly type: 'open'; readonly id: number; readonly model: Uint8Array }
	| { readonly type: 'bind'; readonly id: number; readonly feeds: Feeds }
	| { readonly type: 'run'; readonly id: number; readonly feeds: Feeds }
	| { readonly type: 'release'; readonly id: number };

export interface WorkerRequest {
	readonly call: number;
	readonly body: WorkerCall;
}

export type WorkerReply =
	| { readonly call: number; readonly type: 'done'; readonly outputs: Feeds | null }
	| { readonly call: number; readonly type: 'failed'; readonly message: string };
