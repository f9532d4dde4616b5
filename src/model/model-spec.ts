/** @file Sizes and switches of a decoder of the Llama family, as every engine and trainer reads them. */
import type { RopeScaling } from './rope.ts';

/** `endToken` or `padToken` of a model that has none. */
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
	/** As the files say; `noToken` if none does. Rows are filled with `fillToken`. */
	readonly padToken: number;
}

/** Token that fills up rows. It is masked, so any will do if the model has none. */
export const fillToken = ({ padToken }: Pick<ModelSpec, 'padToken'>): number =>
	padToken === noToken ? 0 : padToken;
