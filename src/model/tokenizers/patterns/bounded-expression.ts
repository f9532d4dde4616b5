/** @file Regular expression of an untrusted tokenizer: a RegExp whose search is bounded by a budget of steps. */
import type { Budget } from '#base/untrusted/budget.ts';
import { cut } from '#base/untrusted/quote.ts';
import { CheckpointError } from '../../checkpoint/checkpoint-error.ts';
import { compile, search, type Program } from './program.ts';
import { parseExpression } from './syntax.ts';

/** The budget of the work under way; it is renewed for each text. */
export interface Account {
	budget: Budget;
}

/** Refusal of an expression, by name. */
export const refusePattern = (source: string, what: string): never => {
	throw new CheckpointError(
		`tokenizer.json: the expression /${cut(source)}/ has ${what}, which is not supported; use a tokenizer without it.`,
	);
};

/**
 * A drop-in for the global RegExp of a tokenizer: match, matchAll, replaceAll and split call its `exec`. Throws
 * BudgetError if a text takes too many steps; matches are those of RegExp, without groups.
 */
export class BoundedExpression extends RegExp {
	readonly #program: Program;
	readonly #account: Account;

	/** From a source; or a copy, which `split` and `matchAll` make. */
	constructor(source: string | BoundedExpression, flags: string, account?: Account) {
		super(source, flags);
		if (source instanceof BoundedExpression) {
			this.#program = source.#program;
			this.#account = source.#account;
			return;
		}
		if (!account) throw new TypeError('A bounded expression needs an account.');
		const refuse = (what: string): never => refusePattern(source, what);
		this.#program = compile(parseExpression(source, refuse), refuse);
		this.#account = account;
	}

	override exec(text: string): RegExpExecArray | null {
		const isStateful = this.global || this.sticky;
		const from = isStateful ? this.lastIndex : 0;
		const found =
			from > text.length
				? undefined
				: search(this.#program, text, from, this.sticky, (steps) => {
						this.#account.budget.spend(steps);
					});
		if (!found) {
			if (isStateful) this.lastIndex = 0;
			return null;
		}
		const [index, end] = found;
		if (isStateful) this.lastIndex = end;
		const match: [string] = [text.slice(index, end)];
		return Object.assign(match, { index, input: text });
	}
}
