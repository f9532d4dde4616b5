/** @file Retrieval from external memory (survey 6.2): solved tasks of the same kind, the most similar first. */
import type { Message, Prompt } from '#base/prompt.ts';
import type { Random } from '#base/random.ts';
import type { Environment } from '#environments/environment.ts';
import type { Cases } from '#environments/facets/cases.ts';
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

/**
 * The same, each next entry for the words of the task that those before it do not have (after maximal marginal relevance,
 * Carbonell & Goldstein 1998).
 */
export function recallCovering(
	memory: Memory,
	task: Task,
	tasks: Tasks,
	count: number,
	random: Random,
): readonly MemoryEntry[] {
	let candidates = recall(memory, task, tasks, Infinity, random);
	let missing = wordsOf(task.text);
	const found: MemoryEntry[] = [];
	while (found.length < count && candidates.length > 0) {
		const gains = candidates.map(
			({ task: text = '' }) => [...wordsOf(text)].filter((word) => missing.has(word)).length,
		);
		const best = candidates[gains.indexOf(Math.max(...gains))];
		if (!best) break;
		found.push(best);
		const told = wordsOf(best.task ?? '');
		missing = new Set([...missing].filter((word) => !told.has(word)));
		candidates = candidates.filter((entry) => entry.task !== best.task);
	}
	return found;
}

/** A prompt after what memory holds of its kind: at most `count` cases, none if the environment cannot show any. */
export function reminded(
	prompt: Prompt,
	task: Task,
	memory: Memory,
	{ tasks, chat, cases }: Pick<Environment, 'tasks' | 'chat' | 'cases'>,
	count: number,
	random: Random,
): { readonly prompt: Prompt; readonly shown: readonly MemoryEntry[] } {
	const shown = chat
		? recall(memory, task, tasks, count, random)
		: cases
			? recallCovering(memory, task, tasks, count, random)
			: [];
	return { prompt: withExperience(prompt, shown, cases), shown };
}

const wordsOf = (text: string): Set<string> =>
	new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

/** Jaccard index of the words of two texts, in [0, 1]. */
function similarity(a: string, b: string): number {
	const [x, y] = [wordsOf(a), wordsOf(b)];
	const both = [...x].filter((word) => y.has(word)).length;
	return both / Math.max(1, x.size + y.size - both);
}

/** A line each. */
const lines: Cases = {
	write: (cases) => cases.map(({ task, text }) => `${task}${text}\n`).join(''),
};

/** The prompt after solved tasks: earlier turns of a chat, or a text's own form. The most similar stands last. */
export function withExperience(
	prompt: Prompt,
	shown: readonly MemoryEntry[],
	form: Cases = lines,
): Prompt {
	const cases = [...shown].reverse().map(({ task = '', text }) => ({ task, text }));
	if (typeof prompt === 'string') return form.write(cases) + prompt;
	const turns = cases.flatMap(({ task, text }): readonly Message[] => [
		{ role: 'user', content: task },
		{ role: 'assistant', content: text },
	]);
	const [first, ...rest] = prompt;
	return first?.role === 'system' ? [first, ...turns, ...rest] : [...turns, ...prompt];
}
