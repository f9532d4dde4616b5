/** @file One vector out of several, by the method that a merge names. */
import { derive, random } from '#base/random.ts';
import { dropAndRescale } from './dare.ts';
import { weightedSum } from './linear.ts';
import { mergeBySign, trim } from './ties.ts';

/** How adapters become one; `density` is the part of each task vector that is kept. */
export type MergeMethod =
	| { readonly name: 'linear' | 'cat' }
	| { readonly name: 'ties'; readonly density: number }
	| { readonly name: 'dare-linear' | 'dare-ties'; readonly density: number; readonly seed: number };

/** The merged vector; `name` is that of the tensor, whose random stream is its own. */
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
