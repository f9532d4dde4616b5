/** @file Retrieval from external memory (survey 6.2): solved tasks of the same kind, the most similar first. */
import type { Message, Prompt } from '#base/prompt.ts';
import type { Random } from '#base/random.ts';
import type { Environment } from '#environments/environment.ts';
import { kindOf, type Tasks } from '#environments/tasks.ts';
import type { Task } from '../types.ts';
import type { Memory, MemoryEntry } from './memory.ts';

/** Up to `count` entries of the task's kind, never of the task itself; equally similar ones in random order. */
export function recall(
	memory: Memory,
	{ item, text }: Task,
	tasks: Tasks,
	count: number,
	random: Random,
): readonly MemoryEntry[] {
	if (count === 0) return [];
	const kind = kindOf(tasks, item);
	const candidates = memory
		.filter((entry) => entry.kind === 'experience' && entry.about === kind && entry.task !== text)
		.map((entry) => ({ entry, near: similarity(entry.task ?? '', text), tie: random.next() }));
	candidates.sort((a, b) => b.near - a.near || a.tie - b.tie);
	return candidates.slice(0, count).map(({ entry }) => entry);
}

/** A prompt after what memory holds of its kind: at most `count` cases, and none before a text, which no seedling reads. */
export function reminded(
	prompt: Prompt,
	task: Task,
	memory: Memory,
	{ tasks, chat }: Pick<Environment, 'tasks' | 'chat'>,
	count: number,
	random: Random,
): { readonly prompt: Prompt; readonly shown: readonly MemoryEntry[] } {
	const shown = recall(memory, task, tasks, chat ? count : 0, random);
	return { prompt: withExperience(prompt, shown), shown };
}

/** Jaccard index of the words of two texts, in [0, 1]. */
function similarity(a: string, b: string): number {
	const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
	const [x, y] = [wordsOf(a), wordsOf(b)];
	const both = [...x].filter((word) => y.has(word)).length;
	return both / Math.max(1, x.size + y.size - both);
}

/** The prompt after solved tasks: earlier turns of a chat, or lines before a text. The most similar stands last. */
export function withExperience(prompt: Prompt, shown: readonly MemoryEntry[]): Prompt {
	const cases = [...shown].reverse();
	if (typeof prompt === 'string')
		return [...cases.map(({ task = '', text }) => `${task}${text}\n`), prompt].join('');
	const turns = cases.flatMap(({ task = '', text }): readonly Message[] => [
		{ role: 'user', content: task },
		{ role: 'assistant', content: text },
	]);
	const [first, ...rest] = prompt;
	return first?.role === 'system' ? [first, ...turns, ...rest] : [...turns, ...prompt];
}
