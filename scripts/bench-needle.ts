/** @file Needles: a five-digit fact in long text, a question about it at the end, and the answer on several KV caches. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { derive, random } from '#base/random.ts';
import { truncated, type CachedTokens } from '#engines/decoding/cached-tokens.ts';
import type { Decoder } from '#engines/decoding/decoder.ts';
import { selectionFor, type CacheBudget } from '#engines/kv-cache/budget.ts';
import { compressed } from '#engines/kv-cache/compress.ts';
import { votersOf, type Votes } from '#engines/kv-cache/select.ts';
import { renderChat } from '#model/chat-template.ts';
import type { ChatModel } from '#model/open-model.ts';

/** Prose that lies in this repository. */
const prose = ((): readonly string[] => {
	const folder = fileURLToPath(new URL('../docs/decisions/', import.meta.url));
	return readdirSync(folder)
		.filter((name) => name < '2026-11-29')
		.sort()
		.flatMap((name) => readFileSync(folder + name, 'utf8').split('\n'))
		.filter((line) => line.length > 80 && !line.startsWith('|'));
})();

const facts = [
	{
		fact: (name: string, code: string) => `The special magic number for ${name} is ${code}.`,
		ask: (name: string) => `What is the special magic number for ${name}?`,
	},
	{
		fact: (name: string, code: string) => `The locker of ${name} opens with the code ${code}.`,
		ask: (name: string) => `Which code opens the locker of ${name}?`,
	},
];
const names = ['Lisbon', 'Nairobi', 'Maria', 'Oslo', 'Peter', 'Kyoto', 'Anna', 'Quito'];

interface Needle {
	readonly tokens: readonly number[];
	/** Tokens of the question and of what the template adds behind it. */
	readonly question: number;
	readonly code: string;
}

/** Needle `i` of `count` in some `length` tokens; the depths of all are even from 0.05 to 0.95. */
function needle(model: ChatModel, length: number, i: number, count: number, seed: number): Needle {
	const stream = random(derive(seed, 'needle', length, i));
	const { fact, ask } = facts[i % facts.length] ?? stream.pick(facts);
	const name = stream.pick(names);
	const code = String(stream.integer(10_000, 99_999));
	const first = stream.integer(0, prose.length - 1);
	const lines: string[] = [];
	const { encode } = model.tokenizer;
	for (let tokens = 60; tokens < length;) {
		const line = prose[(first + lines.length) % prose.length] ?? '';
		lines.push(line);
		tokens += encode(`${line}\n`).length;
	}
	const depth = 0.05 + (0.9 * (i + 0.5)) / count;
	lines.splice(Math.round(depth * lines.length), 0, fact(name, code));
	const content = `${lines.join('\n')}\n\n${ask(name)}`;
	const text = renderChat(model.chatTemplate ?? '', [{ role: 'user', content }], {
		addGenerationPrompt: true,
		specialTokens: model.specialTokens,
	});
	const question = encode(text.slice(text.lastIndexOf(ask(name)))).length;
	return { tokens: encode(text), question, code };
}

const longestAnswer = 32;

/** Is the code in the greedy answer on each cache? The first token is the same on all. */
async function answers(
	decoder: Decoder,
	model: ChatModel,
	first: number,
	caches: readonly CachedTokens[],
	code: string,
): Promise<readonly boolean[]> {
	const batch = decoder.batch();
	batch.arrange([], caches);
	const said = caches.map(() => [first]);
	const V = decoder.spec.vocabularySize;
	for (let i = 1; i < longestAnswer; i++) {
		const logits = await batch.step(Int32Array.from(said, (row) => row.at(-1) ?? 0));
		said.forEach((row, b) => row.push(likeliest(logits.subarray(b * V, (b + 1) * V))));
	}
	batch.close();
	const ends = new Set(model.endTokens);
	return said.map((row) => {
		const end = row.findIndex((token) => ends.has(token));
		return model.tokenizer.decode(end < 0 ? row : row.slice(0, end)).includes(code);
	});
}

const likeliest = (logits: Float32Array): number =>
	logits.reduce((best, value, i) => (value > (logits[best] ?? -Infinity) ? i : best), 0);

/** Codes found by the whole cache and under each budget, of `count` needles; `heard` is told after each. */
export async function findNeedles(
	decoder: Decoder,
	model: ChatModel,
	length: number,
	count: number,
	seed: number,
	budgets: Readonly<Record<string, CacheBudget>>,
	heard: (found: Readonly<Record<string, number>>, done: number) => Promise<void>,
): Promise<void> {
	const found: Record<string, number> = { 'whole cache': 0 };
	for (let i = 0; i < count; i++) {
		const { tokens, question, code } = needle(model, length, i, count, seed);
		let logits = new Float32Array(0);
		const read = async (from: CachedTokens | null, voters: number) => {
			const rest = tokens.slice(from?.length ?? 0);
			const row = { tokens: rest, wantedFrom: rest.length - 1 };
			const watched = await decoder.prefillWatched?.(from, row, voters, (_row, _at, last) => {
				logits = last.slice();
			});
			if (!watched) throw new Error('this decoder tells no attention');
			return watched;
		};
		const whole = await read(null, tokens.length);
		const votes = new Map<number, readonly Votes[]>([[tokens.length, whole.votes]]);
		const caches: [string, CachedTokens][] = [['whole cache', whole.cache]];
		for (const [name, budget] of Object.entries(budgets)) {
			const selection = selectionFor({ ...budget, fewest: 0 }, tokens.length, question);
			if (!selection) continue;
			const voters = votersOf(selection, tokens.length);
			const before = tokens.length - Math.max(1, voters);
			if (!votes.has(voters))
				votes.set(voters, (await read(truncated(whole.cache, before), voters)).votes);
			const seen = votes.get(voters) ?? [];
			caches.push([name, compressed(whole.cache, seen, selection, decoder.spec)]);
		}
		const right = await answers(
			decoder,
			model,
			likeliest(logits),
			caches.map(([, cache]) => cache),
			code,
		);
		caches.forEach(([name], at) => (found[name] = (found[name] ?? 0) + (right[at] ? 1 : 0)));
		await heard(found, i + 1);
	}
}
