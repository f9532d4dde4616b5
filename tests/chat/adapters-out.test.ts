/** @file What goes out of a chat with an adapter: its audit, its card, and files for llama.cpp. */
import { describe, expect, test } from 'vitest';
import { unzipSync } from 'fflate';
import type { ChatAdapter } from '#chat/adapters.ts';
import { readAuditReport, withoutTexts } from '#chat/audit/report.ts';
import type { ChatApi } from '#chat/chat-api.ts';
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { readGgufHeader } from '#model/checkpoint/gguf/header.ts';
import { readPeftAdapter } from '#model/checkpoint/peft.ts';
import { blobSource } from '#model/checkpoint/sources/memory.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { tinyChatSpec } from '../fixtures/tiny-chat.ts';
import { model, open } from './chat-bench.ts';
import { lessonFor } from './lesson.ts';

const lesson = lessonFor(model);

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
		const { name, blob, card, check } = await api.exportGguf(model, adapter.id, format);
		expect(card).toContain('It was not audited');
		expect(card).not.toContain(adapter.name);
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
