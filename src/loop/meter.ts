/** @file Cost of a run: tokens, floating-point operations and time, so that methods are compared at equal cost. */

/** Sums since the run began. */
export interface Cost {
	/** Prompt tokens read by engines. */
	readonly tokensIn: number;
	/** Tokens sampled by engines. */
	readonly tokensOut: number;
	/** Tokens of training batches, prompts included and padding not. */
	readonly tokensTrained: number;
	/**
	 * Floating-point operations by the usual estimate for a model of P parameters: 2·P a token read or sampled, 6·P a
	 * token trained with all weights, 4·P with a LoRA (Kaplan et al. 2020, section 2.1; no gradients of frozen weights).
	 */
	readonly flop: number;
	/** Time in engines and trainers. */
	readonly seconds: number;
}

export const noCost: Cost = { tokensIn: 0, tokensOut: 0, tokensTrained: 0, flop: 0, seconds: 0 };

/** A running sum. */
export interface Meter {
	readonly total: Cost;
	add(part: Partial<Cost>): void;
}

export const sumOf = (a: Cost, b: Partial<Cost>): Cost => ({
	tokensIn: a.tokensIn + (b.tokensIn ?? 0),
	tokensOut: a.tokensOut + (b.tokensOut ?? 0),
	tokensTrained: a.tokensTrained + (b.tokensTrained ?? 0),
	flop: a.flop + (b.flop ?? 0),
	seconds: a.seconds + (b.seconds ?? 0),
});

/** A meter that goes on from `start`. */
export function createMeter(start: Cost = noCost): Meter {
	let total = start;
	return {
		get total() {
			return total;
		},
		add: (part) => {
			total = sumOf(total, part);
		},
	};
}
