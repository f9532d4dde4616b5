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
	/** Experience: the task that `text` answers, its kind, and the answer's mean log-probability in nats. */
	readonly task?: string;
	readonly about?: string;
	readonly logprob?: number;
	/** Last round in which a solver had it in view; absent if none had. */
	readonly used?: number;
}

/** In the order in which it is read. */
export type Memory = readonly MemoryEntry[];

/**
 * The prompt with rules and state before it: a system message in a chat, lines before a plain text. Experience is not
 * shown to all: a solver looks it up (`recall`).
 */
export function withMemory(prompt: Prompt, memory: Memory): Prompt {
	const shown = memory.filter(({ task }) => task === undefined);
	if (shown.length === 0) return prompt;
	const text = shown.map((entry) => entry.text).join('\n');
	if (typeof prompt === 'string') return `${text}\n${prompt}`;
	const [first, ...rest] = prompt;
	return first?.role === 'system'
		? [{ role: 'system', content: `${first.content}\n\n${text}` }, ...rest]
		: [{ role: 'system', content: text }, ...prompt];
}
