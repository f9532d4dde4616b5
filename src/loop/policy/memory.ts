/**
 * @file The memory of a policy (survey 6.2): texts that it carries into its prompts without a change of weights.
 *
 * External memory holds experience and rules that are looked up; working memory is a state that each attempt rewrites.
 */
import type { Prompt } from '#base/prompt.ts';

export const memoryKinds = ['experience', 'rule', 'state'] as const;

/** One text that the policy remembers. */
export interface MemoryEntry {
	readonly id: string;
	readonly kind: (typeof memoryKinds)[number];
	readonly text: string;
	/** Round that wrote it. */
	readonly t: number;
	/** Ids of the experience that it comes from. */
	readonly from: readonly string[];
}

/** In the order in which it is read. */
export type Memory = readonly MemoryEntry[];

/** The prompt with the memory before it: a system message in a chat, lines before a plain text. */
export function withMemory(prompt: Prompt, memory: Memory): Prompt {
	if (memory.length === 0) return prompt;
	const text = memory.map((entry) => entry.text).join('\n');
	if (typeof prompt === 'string') return `${text}\n${prompt}`;
	const [first, ...rest] = prompt;
	return first?.role === 'system'
		? [{ role: 'system', content: `${first.content}\n\n${text}` }, ...rest]
		: [{ role: 'system', content: text }, ...prompt];
}
