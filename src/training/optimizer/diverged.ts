/** @file The check that a step counts, made before anything has changed. */
import { DivergedError } from '../trainer.ts';

/** Past this the square of a gradient no longer fits the F32 second moment. */
const largestNorm = 1e18;

/** A `DivergedError` if the loss or the gradient's norm is not finite, or the norm too large to go on. */
export function requireFinite(step: number, loss: number, gradientNorm: number): void {
	if (!Number.isFinite(loss) || !(gradientNorm < largestNorm))
		throw new DivergedError(
			`Step ${step} diverged: loss ${loss}, gradient norm ${gradientNorm}. Lower the learning rate or restore an earlier state.`,
		);
}
