/** @file Result of a comparison of two runs of one recipe, in a sentence. */
import type { Part, Sameness } from './same.ts';

const partWords: Readonly<Record<Part, string>> = {
	labels: 'the labels that were kept',
	steps: 'the loss of its steps',
	policy: 'the hash of its weights and memory',
	examination: 'the held-out answers',
};

/** `name` is the run that it is compared with. */
export function samenessWords(same: Sameness, name: string): string {
	switch (same.kind) {
		case 'other-recipe':
			return `Another recipe or seed than ${name}: the two cannot be compared round by round.`;
		case 'equal':
			return same.rounds === 0
				? `Equal to ${name} so far: the first examination.`
				: `Equal to ${name} to the last bit, through round ${same.rounds}: labels, losses, weights and held-out answers.`;
		case 'differs':
			return `Differs from ${name} from round ${same.t} on: first in ${partWords[same.part]}. Another machine, another number of threads, or a knob that was turned on the way can do that.`;
		default:
			return same satisfies never;
	}
}
