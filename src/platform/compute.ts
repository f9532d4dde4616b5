/** @file Compute back ends of a session, by the names that the address and the page use. */

/** `auto`: training on a real GPU if there is one, everything else on wasm. */
export const computes = ['auto', 'wasm', 'webgpu'] as const;
export type Compute = (typeof computes)[number];

/** Is this text one of them? */
export const isCompute = (text: string): text is Compute => computes.some((name) => name === text);

/** Options of a worker, sent when it is opened. */
export interface OpenOptions {
	readonly base: string;
	/** Default `auto`. */
	readonly compute?: Compute;
}
