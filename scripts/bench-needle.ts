/** @file Needles: a five-digit fact in long text, a question about it at the end, and the answer on several KV caches. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { derive, random } from '#base/random.ts';
import { truncated, type CachedTokens } from '#engines/decoding/cached-tokens.ts';
import type { Decoder } from '#engines/decoding/decoder.ts';
import { selectionFor, type CacheBudget } from '#engines/kv-cache/budget.ts';
import { compressed } from '#engines/kv-cache/compress.ts';
import { votersOf, type Votes } from '#engines/kv-cache/select.ts';
import { renderChat } from '#model/chat-template.ts';
import type { ChatModel } from '#model/open-model.ts';

/** Lines of prose that lie in this repository; in none of them a fact was hidden while kernel 13 was chosen. */
const prose: readonly string[] = ['CONTRIBUTING.md', 'docs/CLI.md', 'CHANGELOG.md']
	.flatMap((name) =>
		readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), 'utf8').split('\n'),
	)
	.filter((line) => line.length > 80 && !line.startsWith('|'));

/** A way to say a fact, and to ask for it. */
interface FactForm {
	fact(name: string, code: string): string;
	ask(name: string): string;
}

/** The number of something that belongs to somebody, said first or last. */
const numberOf = (what: string): FactForm => ({
	fact: (name, code) => `The ${what} of ${name} is ${code}.`,
	ask: (name) => `What is the ${what} of ${name}?`,
});

/** None of the form, nor in the text, on which kernel 13 was chosen (numbers of cities in the manual of an editor). */
export const factForms = {
	member: numberOf('membership number'),
	telephone: numberOf('telephone number'),
	ticket: numberOf('ticket number'),
	account: numberOf('account number'),
	passport: numberOf('passport number'),
	house: numberOf('house number'),
	parcel: {
		fact: (name, code) => `The parcel for ${name} has the number ${code}.`,
		ask: (name) => `Which number does the parcel for ${name} have?`,
	},
	visitors: {
		fact: (name, code) => `In all, ${code} visitors came to see ${name}.`,
		ask: (name) => `How many visitors came to see ${name}?`,
	},
	salary: {
		fact: (name, code) => `${name} earns ${code} dollars a year.`,
		ask: (name) => `How many dollars a year does ${name} earn?`,
	},
	apples: {
		fact: (name, code) => `Last autumn ${name} picked ${code} apples.`,
		ask: (name) => `How many apples did ${name} pick last autumn?`,
	},
} as const satisfies Readonly<Record<string, FactForm>>;
export type FactName = keyof typeof factForms;

const names = [
	...[
		'Amara',
		'Bogdan',
		'Chiara',
		'Dmitri',
		'Esther',
		'Farid',
		'Greta',
		'Henrik',
		'Ingrid',
		'Jamal',
	],
	...['Keiko', 'Leandro', 'Maria', 'Nadia', 'Oskar', 'Peter', 'Rosa', 'Samir', 'Tomas', 'Yusuf'],
];

/** Share of the text before needle `i`: even from 0.05 to 0.95, however many are asked. */
const depthOf = (i: number): number => 0.05 + 0.9 * (((i + 0.5) * 0.618033988749895) % 1);

/** `length` tokens of prose, from another place for each `i`. */
export const proseTokens = (model: ChatModel, length: number, i: number): readonly number[] =>
	model.tokenizer.encode(prose.slice(40 * i).join('\n')).slice(0, length);

interface Needle {
	readonly tokens: readonly number[];
	/** Tokens of the question and of what the template adds behind it. */
	readonly question: number;
	readonly code: string;
}

/** Needle `i` in some `length` tokens. */
function needle(
	model: ChatModel,
	length: number,
	i: number,
	seed: number,
	forms: readonly FactName[],
): Needle {
	const stream = random(derive(seed, 'needle', length, i));
	const { fact, ask } = factForms[forms[i % forms.length] ?? stream.pick(forms)];
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
	lines.splice(Math.round(depthOf(i) * lines.length), 0, fact(name, code));
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
	const ends = new Set(model.endTokens);
	const V = decoder.spec.vocabularySize;
	for (let i = 1; i < longestAnswer; i++) {
		if (said.every((row) => row.some((token) => ends.has(token)))) break;
		const logits = await batch.step(Int32Array.from(said, (row) => row.at(-1) ?? 0));
		said.forEach((row, b) => row.push(likeliest(logits.subarray(b * V, (b + 1) * V))));
	}
	batch.close();
	return said.map((row) => {
		const end = row.findIndex((token) => ends.has(token));
		return model.tokenizer.decode(end < 0 ? row : row.slice(0, end)).includes(code);
	});
}

const likeliest = (logits: Float32Array): number =>
	logits.reduce((best, value, i) => (value > (logits[best] ?? -Infinity) ? i : best), 0);

/** By name of a cache: is the code of a needle in the answer on it? */
export type Found = Readonly<Record<string, boolean>>;

export const wholeCache = 'whole cache';

/** Asks needle `i`, whose fact is of the next of `forms`, on the whole cache and under each budget. */
export async function findNeedle(
	decoder: Decoder,
	model: ChatModel,
	length: number,
	i: number,
	seed: number,
	forms: readonly FactName[],
	budgets: Readonly<Record<string, CacheBudget>>,
): Promise<Found> {
	const { tokens, question, code } = needle(model, length, i, seed, forms);
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
	const selections = Object.entries(budgets).flatMap(([name, budget]) => {
		const selection = selectionFor({ ...budget, fewest: 0 }, tokens.length, question);
		return selection ? [{ name, selection, voters: votersOf(selection, tokens.length) }] : [];
	});
	const most = Math.max(0, ...selections.map(({ voters }) => voters));
	const whole = await read(null, most);
	const votes = new Map<number, readonly Votes[]>([[most, whole.votes]]);
	const caches: [string, CachedTokens][] = [[wholeCache, whole.cache]];
	for (const { name, selection, voters } of selections) {
		const before = tokens.length - Math.max(1, voters);
		if (!votes.has(voters))
			votes.set(voters, (await read(truncated(whole.cache, before), voters)).votes);
		const seen = votes.get(voters) ?? [];
		caches.push([name, compressed(whole.cache, seen, selection, decoder.spec)]);
	}
	const first = likeliest(logits);
	const held = caches.map(([, cache]) => cache);
	const right = await answers(decoder, model, first, held, code);
	return Object.fromEntries(caches.map(([name], at) => [name, right[at] ?? false]));
}
