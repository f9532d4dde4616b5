/** @file Pointer across the path of one experience: what is pointed at, so that what belongs to it lights up. */

/** `kind` is a thing of the path: an answer, a step, the items of its size and kind. */
export type Pointed =
	| { readonly kind: 'answer'; readonly answer: string | null }
	| {
			readonly kind: 'token';
			readonly answer: string | null;
			readonly at: number;
			readonly text: string;
	  }
	| { readonly kind: 'step'; readonly step: number }
	| { readonly kind: 'items' };

export class Lit {
	at = $state.raw<Pointed | null>(null);

	/** Is this answer, or a token of it, pointed at? */
	answer(answer: string | null): boolean {
		const { at } = this;
		return at !== null && (at.kind === 'answer' || at.kind === 'token') && at.answer === answer;
	}

	/** Place of the token pointed at in another row of tokens of the same answer; -1 if there is none. */
	token(answer: string | null, texts: readonly string[]): number {
		const { at } = this;
		if (at?.kind !== 'token' || at.answer !== answer) return -1;
		return texts[at.at] === at.text ? at.at : -1;
	}

	step(step: number): boolean {
		return this.at?.kind === 'step' && this.at.step === step;
	}

	get items(): boolean {
		return this.at?.kind === 'items';
	}
}
