/** @file Data files as people bring them: what `tune` learns of them, and what it says. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTrainingRow } from '#training/data/read-row.ts';
import { caseFile, caseText, expected, modelFolder, run, temporaryFolder } from './folder.ts';

const withTools = async () =>
	modelFolder({ 'chat_template.jinja': await caseText('templates/tools.jinja') });

async function tune(data: string, model: string, ...more: readonly string[]) {
	const out = join(await temporaryFolder(), 'adapter');
	return run(
		...['tune', '--model', model, '--data', data, '--out', out, '--steps', '1', '--batch', '1'],
		...['--threads', '1', '--json', ...more],
	);
}

/** A data file of these bytes or rows. */
async function dataFile(content: string | Uint8Array | readonly unknown[]): Promise<string> {
	const path = join(await temporaryFolder(), 'rows.jsonl');
	const isRows = typeof content !== 'string' && !(content instanceof Uint8Array);
	await writeFile(path, isRows ? content.map((row) => JSON.stringify(row)).join('\n') : content);
	return path;
}

const step = (events: readonly unknown[]) =>
	events.find((event) => (event as { type: string }).type === 'step') as {
		readonly loss: number;
		readonly tokens: number;
	};
const noted = (events: readonly unknown[]) =>
	events.find((event) => (event as { type: string }).type === 'rows');

const [byteOrderMark, jsonList, shareGpt] = await Promise.all(
	['bom-utf8.jsonl', 'json-array.json', 'sharegpt.jsonl'].map((name) =>
		readFile(caseFile(`data/${name}`)),
	),
);

const question = { role: 'user', content: 'Where is the key?' };
const answer = { role: 'assistant', content: 'Under the stone.' };
const plain = { messages: [question, answer] };

describe('the first loss of one row', () => {
	test.each(Object.entries(expected.loss))('is transformers’ for %s', async (name, right) => {
		const { code, err, events } = await tune(caseFile(`data/${name}.jsonl`), await withTools());
		expect({ code, err }).toEqual({ code: 0, err: [] });
		expect(step(events).loss).toBeCloseTo(right.loss, 3);
		expect(step(events).tokens).toBe(right.taught);
		expect(noted(events)).toBeUndefined();
	});

	test.each<[string, string | Uint8Array | readonly unknown[] | undefined]>([
		['with a byte order mark', byteOrderMark],
		['as one JSON list', jsonList],
		['in UTF-16', new Uint8Array(Buffer.from(`\ufeff${JSON.stringify(plain)}`, 'utf16le'))],
		['as one object over several lines', JSON.stringify(plain, null, 2)],
		['in ShareGPT’s form', shareGpt],
		['as question and answer', [{ query: question.content, response: answer.content }]],
		['in Alpaca’s form', [{ instruction: question.content, input: '', output: answer.content }]],
		[
			'in text parts',
			[
				{
					messages: [
						{
							role: 'user',
							content: [
								{ type: 'text', text: 'Where is ' },
								{ type: 'text', text: 'the key?' },
							],
						},
						answer,
					],
				},
			],
		],
		['as prompt and completion of messages', [{ prompt: [question], completion: [answer] }]],
		['with keys that say where it comes from', [{ ...plain, id: 7, source: 'x', tools: null }]],
		['with null beside the content', [{ messages: [question, { ...answer, tool_calls: null }] }]],
	])('is the same %s', async (_, content) => {
		const model = await withTools();
		const right = step((await tune(await dataFile([plain]), model)).events);
		const { code, err, events } = await tune(await dataFile(content ?? ''), model);
		expect({ code, err }).toEqual({ code: 0, err: [] });
		expect(step(events)).toMatchObject({ loss: right.loss, tokens: right.tokens });
	});

	test('includes the thought that its template writes, and the switches of the row', async () => {
		const model = await withTools();
		const { events } = await tune(
			await dataFile([
				{ messages: [question, { ...answer, reasoning_content: 'Hm.' }], note: 'a' },
				{ messages: [question, answer], chat_template_kwargs: { enable_thinking: true } },
			]),
			model,
		);
		expect(noted(events)).toEqual({
			type: 'rows',
			rows: 2,
			leftOut: 0,
			cut: 0,
			notes: [
				'“note” is not used (1 of 2 rows).',
				'“enable_thinking” is not read by this model’s chat template (1 of 2 rows).',
			],
		});
	});
});

describe('what is not learnt', () => {
	test('rows that do not fit are counted', async () => {
		const data = caseFile('data/long-prompt.jsonl');
		const { code, events } = await tune(data, await modelFolder(), '--max-tokens', '256');
		expect(code).toBe(0);
		expect(noted(events)).toEqual({
			type: 'rows',
			rows: 5,
			leftOut: 4,
			cut: 0,
			notes: ['4 of 5 rows do not fit into 256 tokens and were left out.'],
		});
	});

	test('answers that are cut are counted', async () => {
		const { events } = await tune(
			await dataFile([
				plain,
				{ messages: [question, { role: 'assistant', content: 'No. '.repeat(99) }] },
			]),
			await modelFolder(),
			...['--max-tokens', '64'],
		);
		expect(noted(events)).toMatchObject({
			cut: 1,
			notes: ['Answers in 1 of 2 rows were cut at 64 tokens.'],
		});
	});

	test('tool calls are refused by a model whose template has no place for them', async () => {
		const data = caseFile('data/toolcall-content-empty.jsonl');
		const { code, err } = await tune(data, await modelFolder());
		expect(code).not.toBe(0);
		expect(err.join()).toMatch(/calls tools, but this model’s chat template has no place/);
	});

	test.each<[string, string | Uint8Array | readonly unknown[], RegExp]>([
		[
			'a bad answer without a good one',
			[{ prompt: 'a', completion: 'b', label: false }],
			/^An answer marked as bad stands beside no good one/,
		],
		[
			'a picture',
			[{ messages: [{ role: 'user', content: [{ type: 'image' }] }, answer] }],
			/holds image; only text/,
		],
		['Parquet', new Uint8Array(Buffer.from('PAR1....')), /is a Parquet file.*to_json/],
		['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), /is a gzip file.*unpack/],
		['no JSON', 'prompt,completion\na,b', /line 1: is not JSON; write one JSON object/],
		['Latin-1', Uint8Array.of(0x7b, 0xe9, 0x7d), /is not valid UTF-8/],
		['another form', [{ left: 'a', right: 'b' }], /has the keys left, right, none of/],
		[
			'a half weight of one answer',
			[{ messages: [question, { ...answer, weight: 0.5 }] }],
			/give the weight to the whole row/,
		],
	])('%s is refused by its name', async (_, content, message) => {
		const { code, err } = await tune(await dataFile(content), 'none');
		expect(code).toBe(2);
		expect(err[0]).toMatch(message);
	});
});

describe('a row', () => {
	test('without anything but answers of weight 0 teaches nothing', () => {
		const row = { messages: [question, { ...answer, weight: 0 }] };
		expect(() => readTrainingRow(row, 'Line 1')).toThrow('nothing that the assistant says');
		expect(() =>
			readTrainingRow({ messages: [question, { ...answer, train: false }] }, 'Line 1'),
		).toThrow('nothing that the assistant says');
	});
	test('keeps its weight, and reads tools that are written as text', () => {
		expect(
			readTrainingRow({ ...plain, weight: 0.5, tools: '[{"name":"find"}]' }, 'Line 1'),
		).toEqual({ ...plain, weight: 0.5, variables: { tools: [{ name: 'find' }] } });
	});
});
