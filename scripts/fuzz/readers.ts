/** @file Readers of strangers' data under test, each with small real inputs to mutate. */
import { readdir, readFile } from 'node:fs/promises';
import { random, type Random } from '#base/random.ts';
import { acceptsText, automaton } from '#engines/forms/automaton.ts';
import { eventData } from '#engines/endpoint/server-sent-events.ts';
import { readChoices } from '#engines/endpoint/reply.ts';
import { EndpointFailure } from '#engines/endpoint/failure.ts';
import { expressionSyntax } from '#engines/forms/expression.ts';
import { everything } from '#engines/forms/ranges.ts';
import { schemaSyntax } from '#engines/forms/schema.ts';
import { renderChat } from '#model/chat-template.ts';
import { readPeftAdapter } from '#model/checkpoint/peft.ts';
import { readSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { openChatModel } from '#model/open-model.ts';
import { readSpec } from '#model/spec.ts';
import { hfTokenizer } from '#model/tokenizers/hf-tokenizer.ts';
import { readRecording } from '#runs/stored/recording.ts';
import { importRun, readArchive } from '#storage/archive/archive.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { lessonFromLink, lessonFromText, toLink } from '#ui/panels/learn/lesson/carry.ts';
import { worldsOf } from '#ui/panels/learn/lesson/worlds.ts';
import { lessons } from '#ui/panels/learn/lessons/index.ts';
import { catalogue } from '../lessons/catalogue.ts';
import { importer } from './data.ts';
import { below, mutateBytes, mutateJson, mutateText, pick } from './mutate.ts';

/** Reads one input of a kind; a refusal is thrown. */
export interface Reader {
	/** A mutated input; the same for the same random numbers. */
	make(chance: Random): Promise<unknown>;
	read(input: unknown): Promise<void>;
}

/** A refused import that left something behind. */
export class PartialWriteError extends Error {
	override name = 'PartialWriteError';
}

const fixtures = new URL('../../tests/fixtures/', import.meta.url);
const known = new Map<string, Promise<Uint8Array>>();
const file = (path: string): Promise<Uint8Array> => {
	const found =
		known.get(path) ?? readFile(new URL(path, fixtures)).then((bytes) => Uint8Array.from(bytes));
	known.set(path, found);
	return found;
};
const utf8 = new TextDecoder();
const text = async (path: string): Promise<string> => utf8.decode(await file(path));
const json = async (path: string): Promise<unknown> => JSON.parse(await text(path)) as unknown;
const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const marks = { endToken: 0, padToken: 0 };
const samples = ['', 'Hello, world!  12 größe\n漢字 😀', `${'a'.repeat(60)}b`];
const messages = [
	{ role: 'system', content: 'Be brief.' },
	{ role: 'user', content: 'Hello' },
];
const schema = {
	type: 'object',
	properties: {
		name: { type: 'string', pattern: '^[a-z]+$' },
		list: { type: 'array', items: { $ref: '#/$defs/x' } },
	},
	$defs: { x: { anyOf: [{ type: 'integer', minimum: 1, maximum: 9 }, { enum: ['a', 1, null] }] } },
};
const events = `: hi\n\ndata: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'a' }, logprobs: { content: [{ token: 'a', logprob: -1 }] } }] })}\r\n\r\ndata: [DONE]\n\n`;

async function speak(input: unknown): Promise<void> {
	const bytes = input as Uint8Array;
	const { tokenizer, weights, chatTemplate } = await openChatModel([
		bytesSource('model.gguf', bytes),
	]);
	for (const sample of samples) tokenizer.decode(tokenizer.encode(sample));
	for (const name of [...weights.stored.keys()].slice(0, 4)) await weights.floats(name);
	if (chatTemplate !== undefined) renderChat(chatTemplate, messages);
}

export const readers: Readonly<Record<string, Reader>> = {
	gguf: {
		make: async (chance) =>
			mutateBytes(
				await file(
					pick(
						chance,
						['tiny-chat.gguf', 'gguf/metadata.gguf', 'gguf/llama-gqa.gguf'],
						'tiny-chat.gguf',
					),
				),
				chance,
			),
		read: speak,
	},
	safetensors: {
		make: async (chance) =>
			mutateBytes(
				await file(`checkpoint/${pick(chance, ['bf16', 'f16', 'f32'], 'f32')}.safetensors`),
				chance,
			),
		read: async (input) => void readSafetensors(input as Uint8Array),
	},
	peft: {
		make: async (chance) => [
			mutateJson(await json('transformer/llama-gqa/adapter/adapter_config.json'), chance),
			chance.next() < 0.5
				? await file('transformer/llama-gqa/adapter/adapter_model.safetensors')
				: mutateBytes(
						await file('transformer/llama-gqa/adapter/adapter_model.safetensors'),
						chance,
					),
		],
		read: async (input) => {
			const [config, tensors] = input as [unknown, Uint8Array];
			const spec = readSpec(await json('transformer/llama-gqa/config.json'));
			await readPeftAdapter(
				(name) => Promise.resolve(name.endsWith('.json') ? encoded(config) : tensors),
				spec,
			);
		},
	},
	config: {
		make: async (chance) => mutateJson(await json('transformer/llama-gqa/config.json'), chance),
		read: async (input) => void readSpec(input),
	},
	tokenizer: {
		make: async (chance) => mutateJson(await json('checkpoint/byte-level/tokenizer.json'), chance),
		read: async (input) => {
			const tokenizer = hfTokenizer(input, marks);
			for (const sample of samples) tokenizer.decode(tokenizer.encode(sample));
		},
	},
	template: {
		make: async (chance) => {
			const names = (await readdir(new URL('chat-templates/', fixtures))).filter((name) =>
				name.endsWith('.jinja'),
			);
			return mutateText(
				await text(`chat-templates/${pick(chance, names.sort(), 'smollm2.jinja')}`),
				chance,
			);
		},
		read: async (input) => void renderChat(input as string, messages),
	},
	expression: {
		make: async (chance) =>
			mutateText(pick(chance, ['(a|b)+c{1,3}', '[^a-z\\d]*\\p{L}?', '^(?:x|yz)*$'], 'a'), chance),
		read: async (input) => {
			const machine = automaton(expressionSyntax(input as string), everything);
			for (const sample of samples) acceptsText(machine, sample);
		},
	},
	schema: {
		make: async (chance) => mutateJson(schema, chance),
		read: async (input) => {
			const machine = automaton(schemaSyntax(input), everything);
			for (const sample of ['{"name": "a", "list": [1]}', 'null']) acceptsText(machine, sample);
		},
	},
	llama2c: {
		make: async (chance) => mutateBytes(llama2c(chance), chance),
		read: async (input) => {
			await openChatModel([bytesSource('model.bin', input as Uint8Array)]);
		},
	},
	archive: {
		make: async (chance) => mutateBytes(await file('compatibility/star.evolvarium.zip'), chance),
		read: async (input) => {
			const store = openMemoryStore();
			try {
				await importRun(store, await readArchive(input as Uint8Array), { id: 'fuzzed' });
			} catch (error) {
				if ((await store.runs()).length > 0 || (await store.files.list()).length > 0)
					throw new PartialWriteError('something was left behind', { cause: error });
				throw error;
			}
		},
	},
	rows: importer,
	recording: {
		make: async (chance) => mutateJson(await json('compatibility/recording.json'), chance),
		read: async (input) => void readRecording(input),
	},
	lesson: {
		make: async (chance) => mutateJson(JSON.parse(JSON.stringify(lessons[0])) as unknown, chance),
		read: async (input) => {
			const lesson = lessonFromText(JSON.stringify(input));
			worldsOf(lesson, catalogue);
			lessonFromLink(toLink(lesson));
		},
	},
	'lesson in a link': {
		make: async (chance) => mutateText(lessons[0] ? toLink(lessons[0]) : '', chance),
		read: async (input) => void lessonFromLink(input as string),
	},
	events: {
		make: async (chance) => mutateText(events, chance),
		read: async (input) => {
			for await (const data of eventData(pieces(input as string)))
				if (data.trim() !== '[DONE]') readChoices(parsed(data));
		},
	},
};

function parsed(data: string): unknown {
	try {
		return JSON.parse(data);
	} catch (cause) {
		// As the request does.
		throw new EndpointFailure('is not JSON', { cause });
	}
}

async function* pieces(input: string): AsyncGenerator<Uint8Array> {
	const bytes = new TextEncoder().encode(input);
	for (let at = 0; at < bytes.length; at += 7)
		yield await Promise.resolve(bytes.subarray(at, at + 7));
}

/** A model of llama2.c with random weights and its tokenizer. */
function llama2c(chance: Random): Uint8Array {
	const [width, hidden, vocabulary, context] = [8, 16, 300, 16];
	const weights =
		vocabulary * width +
		2 * width +
		4 * width * width +
		3 * width * hidden +
		width +
		context * width;
	const bytes = new Uint8Array(28 + 4 * weights + 4 + vocabulary * 9);
	const view = new DataView(bytes.buffer);
	[width, hidden, 1, 2, 2, vocabulary, context].forEach((value, i) =>
		view.setInt32(4 * i, value, true),
	);
	for (let i = 0; i < vocabulary; i++) {
		const at = 28 + 4 * weights + 4 + 9 * i;
		view.setUint32(at + 4, 1, true);
		bytes[at + 8] = 97 + below(chance, 26);
	}
	return bytes;
}

export const chanceOf = (seed: number): Random => random(seed);
