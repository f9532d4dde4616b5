/** @file A long conversation in the chat: whether only a quarter of it is kept, and what that costs and saves. */

/** Tokens of a conversation from which keeping a part is offered: below, a token takes hardly longer. */
export const longFrom = 2048;
/** What is kept. */
export const quarter = 0.25;

/** What one answer took: its conversation in tokens, and milliseconds of one of its own. */
interface Measured {
	readonly tokens: number;
	readonly ms: number;
}

export class LongConversation {
	/** A person wants only a quarter kept. */
	isOn = $state(false);
	/** Tokens of the conversation at the last answer. */
	tokens = $state(0);
	/** The last answer of each kind at this length. */
	whole = $state.raw<Measured | null>(null);
	part = $state.raw<Measured | null>(null);

	get isOffered(): boolean {
		return this.tokens >= longFrom;
	}
	/** For the next answer. */
	get asked(): { readonly keptShare?: number } {
		return this.isOn && this.isOffered ? { keptShare: quarter } : {};
	}

	/** Notes a finished answer: the tokens of its prompt, those that it said, and its tokens a second. */
	note(prompt: number, said: number, pace: number | undefined, keptShare?: number): void {
		this.tokens = prompt + said;
		if (pace === undefined || prompt < longFrom) return;
		const measured = { tokens: prompt, ms: 1000 / pace };
		if (keptShare === undefined) this.whole = measured;
		else this.part = measured;
	}

	/** Another conversation, or another model. */
	forget(): void {
		this.tokens = 0;
		this.whole = null;
		this.part = null;
	}
}
