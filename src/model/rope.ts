/**
 * @file Rotary position embedding: rotation frequencies of a head's pairs, and context scaling.
 *
 * Every use takes its angles from `inverseFrequencies`: angle = position · frequency.
 */

import { quote, shown } from '#base/untrusted/quote.ts';

/** Deviation of a model's frequencies from theta^(−2i/S). */
export type RopeScaling =
	/** All divided by `factor`. */
	| { readonly kind: 'linear'; readonly factor: number }
	/** Llama 3.1 and later: slow frequencies divided by `factor`, fast ones kept, with a blend between them. */
	| {
			readonly kind: 'llama3';
			readonly factor: number;
			/** Wavelengths above `originalContextLength / lowFrequencyFactor` tokens are slow. */
			readonly lowFrequencyFactor: number;
			/** Wavelengths below `originalContextLength / highFrequencyFactor` tokens are fast. */
			readonly highFrequencyFactor: number;
			readonly originalContextLength: number;
	  };

/** The part of a model's spec that determines its angles. */
export interface Rotary {
	readonly headSize: number;
	readonly ropeTheta: number;
	readonly ropeScaling?: RopeScaling;
}

const known = new WeakMap<Rotary, readonly number[]>();

/** Radians per position of each pair of a head's values, [S/2]; the same array for the same object. */
export function inverseFrequencies(rotary: Rotary): readonly number[] {
	const found = known.get(rotary);
	if (found) return found;
	const made = Array.from({ length: rotary.headSize / 2 }, (_, i) => {
		const frequency = rotary.ropeTheta ** ((-2 * i) / rotary.headSize);
		return frequency / divisor(rotary.ropeScaling, frequency);
	});
	known.set(rotary, made);
	return made;
}

function divisor(scaling: RopeScaling | undefined, frequency: number): number {
	switch (scaling?.kind) {
		case undefined:
			return 1;
		case 'linear':
			return scaling.factor;
		case 'llama3': {
			const { factor, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling;
			const turns = (scaling.originalContextLength * frequency) / (2 * Math.PI);
			const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
			return 1 / (kept + (1 - kept) / factor);
		}
	}
}

/** Reads `rope_scaling` or `rope_parameters` of a `config.json`; `fail` throws the given sentence. */
export function readRopeScaling(
	settings: Readonly<Record<string, unknown>>,
	fail: (problem: string) => never,
): RopeScaling | undefined {
	// `type` is the older name; transformers prefers the newer one.
	const { type: older = 'default', rope_type: type = older } = settings;
	const number = (name: string, least: number): number => {
		const value = settings[name];
		return typeof value === 'number' && Number.isFinite(value) && value >= least
			? value
			: fail(
					`rope scaling "${shown(type)}" needs ${name}, a number of at least ${least}, got ${quote(value)}.`,
				);
	};
	switch (type) {
		case 'default':
			return (settings['factor'] ?? 1) === 1
				? undefined
				: fail('rope scaling has a factor but no rope_type; use a model that names it.');
		case 'linear':
			return { kind: 'linear', factor: number('factor', 1) };
		case 'llama3': {
			const low = number('low_freq_factor', 0);
			const high = number('high_freq_factor', 0);
			if (high <= low) fail('rope scaling "llama3" needs high_freq_factor above low_freq_factor.');
			return {
				kind: 'llama3',
				factor: number('factor', 1),
				lowFrequencyFactor: low,
				highFrequencyFactor: high,
				originalContextLength: number('original_max_position_embeddings', 1),
			};
		}
		default:
			return fail(
				`rope scaling "${shown(type)}" is not supported; use a model with "llama3", "linear" or none.`,
			);
	}
}

/** The same as `rope_scaling` of a `config.json`. */
export function writeRopeScaling(scaling: RopeScaling): Readonly<Record<string, unknown>> {
	if (scaling.kind === 'linear') return { rope_type: 'linear', factor: scaling.factor };
	return {
		rope_type: 'llama3',
		factor: scaling.factor,
		low_freq_factor: scaling.lowFrequencyFactor,
		high_freq_factor: scaling.highFrequencyFactor,
		original_max_position_embeddings: scaling.originalContextLength,
	};
}
