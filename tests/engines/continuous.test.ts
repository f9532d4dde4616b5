/** @file Continuous batches: who shares a batch or a prompt, and how it is cut, changes no answer. */
import { describe, expect, it } from 'vitest';
import { derive, random } from '#base/random.ts';
import { conversationCache } from '#engines/decoding/conversation-cache.ts';
import type { Decoder } from '#engines/decoding/decoder.ts';
import type { RunLimits } from '#engines/decoding/limits.ts';
import { openAnswer } from '#engines/decoding/open-answer.ts';
import { promptQueue, type KnownTokens } from '#engines/decoding/prompt-queue.ts';
import { scoreInChunks } from '#engines/decoding/score-in-chunks.ts';
import { decodeBySteps, type Leave, type Sequence } from '#engines/decoding/step-decoding.ts';
import { BackendError } from '#base/backend-error.ts';
import { onnxDecoder } from '#engines/onnx/onnx-decoder.ts';
import { scoreWhole } from '#engines/onnx/score-whole.ts';
import { adaptiveSession } from '#engines/onnx/weights.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import type { Adapter } from '#model/adapter.ts';
import { stepGraph } from '#model/graphs/decoding-graph.ts';
import { scoringGraph } from '#model/graphs/training-graph.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import { loadFamilyFixture, type FamilyName } from '../fixtures/transformer/families.ts';

const runtime = openNodeRuntime(1);
/** One private-use character per token. */
const tokenizer: TextTokenizer = {
	vocabularySize: 32,
	endToken: 1,
	padToken: 0,
	encode: (text) => Array.from(text, (c) => c.charCodeAt(0) - 0xe000),
	decode: (tokens) => String.fromCharCode(...tokens.map((t) => t + 0xe000)),
};
const stream = random(5);
const words = (length: number): number[] => Array.from({ length }, () => stream.integer(2, 31));
/** Ragged, two of them equal, four with the same 18 tokens at the start. */
const start = words(18);
const prompts: readonly (readonly number[])[] = [
	...[1, 9, 4, 2, 7, 12, 3].map(words),
	...[2, 5, 1, 3].map((length) => [...start, ...words(length)]),
	...Array.from({ length: 5 }, () => [2, 3, 5, 7]),
];

interface Asking {
	readonly size?: number;
	readonly chunk?: number;
	readonly maxTokens?: number;
	readonly known?: KnownTokens;
	readonly leave?: Leave<Sequence>;
	readonly signal?: AbortSignal;
	/** Hears [B, T] of each run. */
	readonly onRun?: (shape: readonly number[]) => void;
}

async function open(name: FamilyName, lora: boolean) {
	const fixture = await loadFamilyFixture(name);
	const { spec, weights } = fixture;
	const adapter: Adapter | null = lora ? fixture.adapter : null;
	const steps = adaptiveSession(runtime, weights, (p) => stepGraph(spec, p));
	const session = await steps.use(adapter);
	const limitsOf = (chunk: number): RunLimits => ({
		chunk,
		columns: chunk,
		rows: () => 16,
	});
	const decoder = ({ chunk = 64, onRun }: Asking = {}): Decoder =>
		onnxDecoder({
			spec,
			limits: limitsOf(chunk),
			allocate: runtime.floats,
			session: {
				...session,
				run: (feeds, stop) => {
					onRun?.(feeds['ids']?.shape ?? []);
					return session.run(feeds, stop);
				},
			},
		});
	const ask = async (asked: readonly (readonly number[])[], asking: Asking = {}) => {
		const sequences = asked.map((prompt, i) => ({
			prompt,
			stream: random(derive(3, prompts.indexOf(prompt), asked.indexOf(prompt) === i ? 0 : i)),
			answer: openAnswer(prompt, tokenizer, {
				endTokens: new Set([1]),
				// Answers of different lengths.
				room: { tokens: Math.min(asking.maxTokens ?? 14, 3 + (i % 12)), reason: 'length' },
			}),
		}));
		const sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
		const queue = promptQueue(sequences, asking.known);
		const { size = 16, ...how } = asking;
		for await (const _ of decodeBySteps(decoder(asking), queue, size, sampling, how));
		return sequences.map(({ answer }) => answer.close(false).answer);
	};
	return { spec, weights, adapter, ask, decoder };
}

const alone = async (ask: Awaited<ReturnType<typeof open>>['ask']) => ask(prompts, { size: 1 });

describe.each([
	['smollm2', false],
	['smollm2', true],
	['qwen3-tied', true],
] as const)('a continuous batch of %s, with a LoRA: %s', (name, lora) => {
	it('gives each prompt the tokens it is given alone, whatever the batch and the chunks', async () => {
		const { ask } = await open(name, lora);
		const wanted = (await alone(ask)).map(({ tokens }) => tokens);
		expect(new Set(wanted.map((tokens) => tokens.join())).size).toBeGreaterThan(10);
		for (const asking of [{ size: 3 }, { size: 16 }, { size: 5, chunk: 3 }, { chunk: 1 }]) {
			const given = await ask(prompts, asking);
			expect(
				given.map(({ tokens }) => tokens),
				JSON.stringify(asking),
			).toEqual(wanted);
		}
	});
});

describe('a continuous batch', () => {
	it('puts the next prompt in the place of an answer that ended, so that no place is idle', async () => {
		const { ask } = await open('smollm2', false);
		const steps: number[] = [];
		const answers = await ask(prompts.slice(0, 7), {
			size: 3,
			onRun: ([rows = 0, columns = 0]) => {
				if (columns === 1) steps.push(rows);
			},
		});
		const said = answers.reduce((sum, { tokens }) => sum + tokens.length, 0);
		// All but the first token of each answer, which comes with the prompt.
		expect(steps.reduce((sum, rows) => sum + rows, 0)).toBeGreaterThanOrEqual(said - 7);
		const lastFull = steps.lastIndexOf(3);
		expect(steps.slice(0, lastFull).filter((rows) => rows < 3).length).toBeLessThanOrEqual(1);
	});

	it('reads equal prompts once, and what several begin with once', async () => {
		const { ask } = await open('smollm2', false);
		let read = 0;
		const onRun = ([rows = 0, columns = 0]: readonly number[]): void => {
			read += rows * columns;
		};
		await ask(prompts.slice(-5), { maxTokens: 1, onRun });
		expect(read).toBe(4);
		read = 0;
		await ask(prompts.slice(7, 11), { maxTokens: 1, onRun });
		// The common start, then the four ends side by side.
		expect(read).toBe(18 + 4 * 5);
	});

	it('reads a long prompt in chunks, and stops between two of them', async () => {
		const { ask } = await open('smollm2', false);
		const controller = new AbortController();
		const shapes: (readonly number[])[] = [];
		const asking = ask([words(30)], {
			chunk: 8,
			signal: controller.signal,
			onRun: (shape) => {
				shapes.push(shape);
				if (shapes.length === 2) controller.abort();
			},
		});
		await expect(asking).rejects.toThrow(/abort/i);
		expect(shapes.slice(0, 2)).toEqual([
			[1, 8],
			[1, 8],
		]);
		expect(shapes.length).toBeLessThanOrEqual(3);
	});

	it('continues from the cached conversation with the same answer', async () => {
		const { ask, spec } = await open('smollm2', false);
		const memory = conversationCache(spec);
		const first = words(20);
		const [answer] = await ask([first], { leave: memory.keeper(null) });
		const second = [...first, ...(answer?.tokens ?? []), ...words(6)];
		const known = memory.recall(null, second);
		expect(known?.tokens.length).toBeGreaterThanOrEqual(20);
		const packed = memory.recall(null, second, 'q8');
		expect([packed?.tokens.length, packed?.cache.type]).toEqual([known?.tokens.length, 'q8']);
		let read = 0;
		const [fast] = await ask([second], {
			...(known ? { known } : {}),
			onRun: ([, columns = 0]) => (read = Math.max(read, columns)),
		});
		expect(read).toBe(second.length - (known?.tokens.length ?? 0));
		const [slow] = await ask([second]);
		expect(fast?.tokens).toEqual(slow?.tokens);
		expect(fast?.logprobs).toBeAllclose(slow?.logprobs ?? [], { relative: 1e-4, absolute: 2e-5 });
		expect(memory.recall(null, words(20))).toBeUndefined();
		memory.follow(undefined);
		expect(memory.recall(null, second)).toBeUndefined();
	});

	it('does not copy a conversation that is too long to keep', async () => {
		const { ask, spec } = await open('smollm2', false);
		// A token of so many layers has more bytes than are kept.
		const memory = conversationCache({ ...spec, layers: 2 ** 24 });
		const keep = memory.keeper(null);
		let [left, copied] = [0, 0];
		const first = words(20);
		await ask([first], {
			leave: (sequence, tokens, cached) => {
				left++;
				keep(sequence, tokens, () => {
					copied++;
					return cached();
				});
			},
		});
		expect([left, copied]).toEqual([1, 0]);
		expect(memory.recall(null, [...first, 2])).toBeUndefined();
	});

	it('completes an answer if its cache does not fit in memory, and prefills it again next time', async () => {
		const { ask, spec } = await open('smollm2', false);
		const memory = conversationCache(spec);
		const keep = memory.keeper(null);
		const first = words(20);
		const leave: Leave<Sequence> = (sequence, tokens) => {
			keep(sequence, tokens, () => {
				throw new BackendError('out-of-memory', 'No memory for a copy.');
			});
		};
		expect(await ask([first], { leave })).toEqual(await ask([first]));
		expect(memory.recall(null, [...first, 2])).toBeUndefined();
	});
});

describe.each([false, true])('scores in chunks, with a LoRA: %s', (lora) => {
	it('are those of one whole run, for texts that begin alike, empty ones and ones without a prompt', async () => {
		const { decoder, spec, weights, adapter } = await open('smollm2', lora);
		const rows = [
			...prompts.map((tokens, i) => ({ tokens, head: Math.min(tokens.length, i % 4) })),
			{ tokens: [...start, ...words(9)], head: 18 },
			{ tokens: start, head: 18 },
			{ tokens: [], head: 0 },
		].map((row, index) => ({ ...row, index }));
		const whole = adaptiveSession(runtime, weights, (p) => scoringGraph(spec, p, 'merged', 1));
		const wanted = await scoreWhole(await whole.use(adapter), spec, rows);
		for (const chunk of [64, 5]) {
			const given = await scoreInChunks(decoder({ chunk }), 2, rows);
			expect(given.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
			given.forEach((scores, i) => {
				expect(scores, `row ${i}`).toBeAllclose(wanted[i] ?? [], {
					relative: 1e-4,
					absolute: 2e-5,
				});
			});
		}
	});
});
