/** @file Sandbox: an interpreter for programs that nobody trusts, within a budget of steps, bytes and time. */

export interface Sandbox {
	/** Never rejects for what a program does; rejects when `signal` is aborted. */
	run(program: Program, signal?: AbortSignal): Promise<Ran>;
}

/** A program, and a function of it to call. */
export interface Program {
	readonly source: string;
	readonly name: string;
	/** Arguments of each call, as JSON data. */
	readonly calls: readonly (readonly unknown[])[];
}

/** What came of it; steps and bytes are counted, so that the same program comes to the same end everywhere. */
export type Ran =
	/** Results of the calls as JSON text; null for what JSON cannot say. */
	| { readonly kind: 'ended'; readonly results: readonly (string | null)[] }
	| { readonly kind: 'threw'; readonly reason: string }
	| { readonly kind: 'exhausted'; readonly budget: 'steps' | 'bytes' }
	/** The interpreter failed, or took longer than it may: nothing is known of the program. */
	| { readonly kind: 'lost'; readonly reason: string };
