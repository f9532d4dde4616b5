/** @file Solved cases as text before a prompt: how a model that was taught to read them sees what was solved before. */

/** A solved task as memory holds it: in words, and the completion that answered it. */
export interface SolvedCase {
	readonly task: string;
	readonly text: string;
}

/** A facet of text environments; a chat shows cases as earlier turns, whatever it is about. */
export interface Cases {
	/** Text that stands directly before the prompt, in the order given. */
	write(cases: readonly SolvedCase[]): string;
}
