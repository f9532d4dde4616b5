/** @file Divergence check of a step, before any state changes. */
import { DivergedError } from '../trainer.ts';

/** Largest gradient norm whose square fits the F32 second moment. */
const largestNorm = 1e18;

/** Throws a `DivergedError` if the loss or the gradient norm is not finite, or the norm is too large. */
export function requireFinite(step: number, loss: number, gradientNorm: number): void {
	if (!Number.isFinite(loss) || !(gradientNorm < largestNorm))
		throw new DivergedError(
			`Step ${step} diverged: loss ${loss}, gradient norm ${gradientNorm}. Lower the learning rate or restore an earlier state.`,
		);
}
