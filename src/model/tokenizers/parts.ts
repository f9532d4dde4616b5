/** @file Steps of a `tokenizer.json`: its normalizer, pre-tokenizer and decoder, each one step or a sequence. */
import { isRecord } from '#base/untrusted/is-record.ts';
import { textLimits } from '#base/limits.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';

/** A step with its settings. */
export type Part = Readonly<Record<string, unknown>>;

/** Names of the three chains, and of the list in a sequence of each. */
export const chains = {
	normalizer: 'normalizers',
	pre_tokenizer: 'pretokenizers',
	decoder: 'decoders',
} as const;
export type Chain = keyof typeof chains;

const deepest = 8;

/** The steps of a chain in order, sequences within sequences flattened. */
export function stepsOf(json: Part, chain: Chain): readonly Part[] {
	const found: Part[] = [];
	const collect = (value: unknown, depth: number): void => {
		if (depth > deepest || found.length > textLimits.tokenizerSteps)
			throw new CheckpointError(
				`tokenizer.json: ${chain} has more than ${textLimits.tokenizerSteps} steps, or ${deepest} levels of them; use a simpler tokenizer.`,
			);
		if (!isRecord(value)) return;
		const list = value[chains[chain]];
		if (value['type'] === 'Sequence' && Array.isArray(list))
			for (const item of list as readonly unknown[]) collect(item, depth + 1);
		else found.push(value);
	};
	collect(json[chain], 0);
	return found;
}

/** The regular expression of a step, as the file writes it. */
export function patternOf(step: Part): string | undefined {
	const pattern = step['pattern'];
	const source = isRecord(pattern) ? pattern['Regex'] : undefined;
	return typeof source === 'string' ? source : undefined;
}
