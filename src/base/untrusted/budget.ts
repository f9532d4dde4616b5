/**
 * @file Work budget: the steps, bytes and milliseconds that one reading of untrusted data may cost.
 *
 * Limits on a file's size do not bound the work that it asks for: a loop of a template or a chain of `$ref`s is a few
 * bytes. Each reader spends from a budget while it works. The defaults are in `limits.ts`.
 */
import { CodedError } from '../coded-error.ts';

/** Upper bounds; an absent one is not checked. */
export interface WorkLimits {
	readonly steps?: number;
	/** Bytes made, whether they are still held or not. */
	readonly bytes?: number;
	readonly milliseconds?: number;
}

/** Reading that exceeded its budget; the message names the reader and the remedy. */
export class BudgetError extends CodedError<'too-much-work'> {
	override name = 'BudgetError';
	constructor(message: string) {
		super('too-much-work', message);
	}
}

/** Account of one reading; both methods throw a BudgetError past the limits. */
export interface Budget {
	/** Counts steps of work; looks at the clock now and then. */
	spend(steps: number): void;
	/** Counts bytes of new values. */
	make(bytes: number): void;
}

/** Steps between two looks at the clock. */
const clockInterval = 1024;

/** An empty account. The error reads "`what` takes more than … ; `remedy`". */
export function workBudget(limits: WorkLimits, what: string, remedy: string): Budget {
	const { steps = Infinity, bytes = Infinity, milliseconds = Infinity } = limits;
	const end = performance.now() + milliseconds;
	let spent = 0;
	let made = 0;
	let nextLook = clockInterval;
	const refuse = (limit: string): never => {
		throw new BudgetError(`${what} takes more than ${limit}; ${remedy}`);
	};
	return {
		spend(count) {
			spent += count;
			// NaN would never be above a limit.
			if (!(spent <= steps)) refuse(`${steps.toLocaleString('en')} steps of work`);
			if (spent < nextLook) return;
			nextLook = spent + clockInterval;
			if (performance.now() > end) refuse(`${milliseconds / 1000} s`);
		},
		make(count) {
			made += count;
			if (!(made <= bytes)) refuse(`${Math.round(bytes / 2 ** 20)} MB of memory`);
		},
	};
}
