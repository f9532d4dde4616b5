/** @file Sizes and switches of a decoder of the Llama family, as every engine and trainer reads them. */
import type { RopeScaling } from './rope.ts';

/** `endToken` of a model that has none. */
export const noToken = -1;

export interface ModelSpec {
	readonly architecture: string;
	readonly vocabularySize: number;
	readonly hiddenSize: number;
	readonly intermediateSize: number;
	readonly layers: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headSize: number;
	readonly normEpsilon: number;
	readonly ropeTheta: number;
	/** Absent if frequencies are theta's own; angles come from `inverseFrequencies` alone. */
	readonly ropeScaling?: RopeScaling;
	/** Per layer: does it rotate queries and keys? */
	readonly rope: readonly boolean[];
	/** The head is the embedding table. */
	readonly tiedEmbeddings: boolean;
	/** Bias on q, k, v (Qwen2). */
	readonly attentionBias: boolean;
	/** RMSNorm on each query and key head (Qwen3). */
	readonly queryKeyNorm: boolean;
	readonly contextLength: number;
	/** Ends a text; `noToken` if no file names one. */
	readonly endToken: number;
	readonly padToken: number;
}
