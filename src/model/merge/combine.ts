/** @file Combination of vectors by the method of a merge. */
import { derive, random } from '#base/random.ts';
import { dropAndRescale } from './dare.ts';
import { weightedSum } from './linear.ts';
import { mergeBySign, trim } from './ties.ts';

/** Merge method; `density` is the kept fraction of each task vector. */
export type MergeMethod =
	| { readonly name: 'linear' | 'cat' }
	| { readonly name: 'ties'; readonly density: number }
	| { readonly name: 'dare-linear' | 'dare-ties'; readonly density: number; readonly seed: number };

/** The merged vector; each tensor `name` has its own random stream. */
export function combine(
	vectors: readonly Float32Array[],
	weights: readonly number[],
	method: MergeMethod,
	name: string,
): Float32Array {
	switch (method.name) {
		case 'linear':
		case 'cat':
			return weightedSum(vectors, weights);
		case 'ties':
			return mergeBySign(
				vectors.map((vector) => trim(vector, method.density)),
				weights,
			);
		case 'dare-linear':
		case 'dare-ties': {
			const sparse = vectors.map((vector, k) =>
				dropAndRescale(vector, method.density, random(derive(method.seed, 'dare', name, k))),
			);
			return (method.name === 'dare-ties' ? mergeBySign : weightedSum)(sparse, weights);
		}
		default:
			return method satisfies never;
	}
}
