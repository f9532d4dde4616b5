/** @file Asking a model for a new task, and reading it out of what it wrote. */
import type { Message } from '#base/prompt.ts';
import type { Random } from '#base/random.ts';

/** Tasks that a model without eyes, files or the net cannot do (the list of Self-Instruct). */
const beyond =
	/\b(?:images?|pictures?|photos?|graphs?|plots?|maps?|draw(?:ing)?|files?|videos?|audio|music video|flowcharts?|diagrams?|urls?|websites?|links?)\b/i;

const shortest = 3;
const longest = 100;

/** The task as one line of text; null where there is none to be used. Length in words. */
export function readProposal(said: string): string | null {
	const text = firstTask(said);
	const words = text.split(' ').length;
	if (words < shortest || words > longest) return null;
	// It begins as a sentence does, in letters that the environments know.
	if (!/^["“'(]?[A-Z]/.test(text) || !/[.!?:"”')\]]$/.test(text)) return null;
	return beyond.test(text) ? null : text;
}

/** Numbers, bullets, headings and quotes around it are left out; what follows an empty line is no more of it. */
function firstTask(said: string): string {
	const [block = ''] = said
		.trim()
		.replace(/^(?:sure|certainly|of course|here(?:'s| is))[^\n]*[:!]\s*\n+/i, '')
		.split(/\n\s*\n|\n\s*(?:\d+[.)]|task\b)/i);
	const line = block
		.replace(/^\s*(?:\d+[.)]|[-*#]+)\s*/, '')
		.replace(/^(?:\*\*)?(?:new )?(?:task|instruction)(?: \d+)?(?:\*\*)?\s*[:.]\s*(?:\*\*)?/i, '')
		.replace(/\s+/g, ' ')
		.trim();
	const quoted = /^["“]([^"“”]*)["”]$/.exec(line);
	return quoted?.[1] ?? line;
}

/** `count` of them, a quarter the model's own where there are enough. */
export function examplesOf(
	seeds: readonly string[],
	own: readonly string[],
	count: number,
	stream: Random,
): readonly string[] {
	const ours = stream.shuffle(own).slice(0, Math.floor(count / 4));
	return stream.shuffle([...stream.shuffle(seeds).slice(0, count - ours.length), ...ours]);
}

/** The examples as earlier turns of a chat: a pattern that small models can follow. */
export const conversation = (ask: string, examples: readonly string[]): readonly Message[] => [
	...examples.flatMap((example): Message[] => [
		{ role: 'user', content: ask },
		{ role: 'assistant', content: example },
	]),
	{ role: 'user', content: ask },
];
