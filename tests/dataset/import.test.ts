/** @file Files as people have them become rows to learn from; what cannot be read is named with its line, and the rest goes on. */
import fc from 'fast-check';
import { zipSync } from 'fflate';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { importFiles, type ImportOptions } from '#dataset/import.ts';
import type { Imported } from '#dataset/imported.ts';
import { dataRow, shownLesson } from '#dataset/row.ts';
import { trlRow } from '#dataset/trl.ts';

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function read(
	name: string,
	content: string | Uint8Array<ArrayBuffer>,
	options: ImportOptions = {},
): Promise<Imported> {
	return importFiles([{ name, blob: new Blob([content]) }], options);
}
const lines = (...rows: readonly unknown[]): string =>
	rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
const shown = ({ rows }: Imported) => rows.map(({ lesson }) => shownLesson(lesson));
const formatOf = ({ files }: Imported) => files[0]?.format;

const user = { role: 'user', content: 'Where is the key?' };
const assistant = { role: 'assistant', content: 'Under the stone.' };
const pair = { asked: user.content, answered: assistant.content };

const chatGpt = {
	title: 'Keys',
	conversation_id: 'c1',
	current_node: 'd',
	mapping: {
		a: { message: null, parent: null, children: ['b'] },
		b: node('user', 'Where is the key?', 'a', ['c', 'd']),
		c: node('assistant', 'I do not know.', 'b', []),
		d: node('assistant', 'Under the stone.', 'b', []),
	},
};
function node(role: string, text: string, parent: string, children: readonly string[]) {
	const message = { author: { role }, content: { content_type: 'text', parts: [text] } };
	return { message, parent, children };
}
const claude = {
	uuid: 'u1',
	chat_messages: [
		{ sender: 'human', text: '', content: [{ type: 'text', text: 'Where is the key?' }] },
		{ sender: 'assistant', text: 'Under the stone.' },
	],
};
const telegram = {
	name: 'Anna',
	type: 'personal_chat',
	messages: [
		{ id: 1, type: 'service', date: '2024-01-01T10:00:00', actor: 'Anna' },
		message('Anna', 'Where is the key?', 1),
		message('Ben', [{ type: 'bold', text: 'Under ' }, 'the stone.'], 2),
		message('Anna', 'Thanks!', 3),
		message('Ben', 'Any time.', 3),
	],
};
function message(from: string, text: unknown, minutes: number) {
	return {
		type: 'message',
		from,
		text,
		date: '',
		date_unixtime: String(1_700_000_000 + 60 * minutes),
	};
}
const whatsApp = [
	'[24.12.23, 18:03:11] Anna: \u200eMessages are end-to-end encrypted.',
	'[24.12.23, 18:03:12] Anna: Where is',
	'the key?',
	'[24.12.23, 18:04:00] Ben: Under the stone.',
	'[24.12.23, 18:04:09] Ben: \u200e<image omitted>',
	'[25.12.23, 09:00:00] Anna: Up?',
	'[25.12.23, 09:01:00] Ben: Yes',
].join('\r\n');

describe('the format is recognised', () => {
	test.each<[string, string, string]>([
		['messages', 'a.jsonl', lines({ messages: [user, assistant] })],
		['prompt-completion', 'a.jsonl', lines({ prompt: pair.asked, completion: pair.answered })],
		['alpaca', 'a.json', JSON.stringify([{ instruction: pair.asked, output: pair.answered }])],
		[
			'sharegpt',
			'a.json',
			JSON.stringify([
				{
					conversations: [
						{ from: 'human', value: pair.asked },
						{ from: 'gpt', value: pair.answered },
					],
				},
			]),
		],
		['judged', 'a.jsonl', lines({ prompt: pair.asked, completion: pair.answered, label: true })],
		[
			'preference',
			'a.jsonl',
			lines({ prompt: pair.asked, chosen: pair.answered, rejected: 'No.' }),
		],
		['questions', 'a.csv', `Question,Answer\n"${pair.asked}",${pair.answered}\n`],
		['questions', 'a.tsv', `${pair.asked}\t${pair.answered}`],
		['questions', 'a.csv', `Frage;Antwort\r\n${pair.asked};"Under the stone."\r\n`],
		['chatgpt', 'conversations.json', JSON.stringify([chatGpt])],
		['claude', 'conversations.json', JSON.stringify([claude], null, 2)],
	])('%s (%s)', async (format, name, content) => {
		const imported = await read(name, content);
		expect(imported.problems).toEqual([]);
		expect(formatOf(imported)).toBe(format);
		const rejected = format === 'preference' ? { worse: 'No.' } : {};
		expect(shown(imported)).toEqual([{ ...pair, ...rejected }]);
		expect(v.is(v.array(dataRow), imported.rows)).toBe(true);
	});

	test('a chat of Telegram: turns of one person are joined, services are none', async () => {
		const imported = await read('result.json', JSON.stringify(telegram, null, 1), {
			choice: { me: 'Ben' },
		});
		expect(imported.files[0]).toMatchObject({
			format: 'telegram',
			me: 'Ben',
			authors: [
				['Anna', 2],
				['Ben', 2],
			],
		});
		expect(shown(imported)).toEqual([
			{ asked: 'Where is the key?\nUnder the stone.\nThanks!', answered: 'Any time.' },
		]);
	});

	test('a chat of WhatsApp: a night parts conversations, pictures and notices are none', async () => {
		const imported = await read('_chat.txt', whatsApp, { choice: { me: 'Ben' } });
		expect(formatOf(imported)).toBe('whatsapp');
		expect(shown(imported)).toEqual([
			{ asked: 'Where is\nthe key?', answered: 'Under the stone.' },
			{ asked: 'Up?', answered: 'Yes' },
		]);
		expect(imported.rows.map(({ line }) => line)).toEqual([2, 6]);
		expect(new Set(imported.rows.map(({ source }) => source)).size).toBe(2);
	});

	test('running text in whole paragraphs, one source; a page without its scripts', async () => {
		const note = await read('note.md', `# One\n\n${'word '.repeat(150)}\n\n## Two\n\nshort`);
		expect(note.rows.map(({ line, source }) => [line, source])).toEqual([
			[1, 'note.md'],
			[5, 'note.md'],
		]);
		const page = await read(
			'a.html',
			'<head><title>t</title></head><p>Under &amp; <b>over</b></p><script>alert(1)</script><ul><li>one<li>two</ul>',
		);
		expect(shown(page)).toEqual([{ asked: '', answered: 'Under & over\n\none\ntwo' }]);
	});

	test('and can be corrected: another format, other columns, another person', async () => {
		const table = 'id,text,reply to it\n1,"a, b",c\n2,d,\n';
		const before = await read('t.csv', table);
		expect(before.files[0]?.columns?.names).toEqual(['id', 'text', 'reply to it']);
		const imported = await read('t.csv', table, {
			choices: { 't.csv': { question: 'text', answer: 'reply to it' } },
		});
		expect(shown(imported)).toEqual([{ asked: 'a, b', answered: 'c' }]);
		expect(imported.problems).toEqual([
			{ file: 't.csv', line: 3, message: 'the column reply to it is empty: there is no answer' },
		]);
		const asText = await read('a.jsonl', '{"x":1}', { choice: { format: 'prose' } });
		expect(shown(asText)).toEqual([{ asked: '', answered: '{"x":1}' }]);
	});
});

describe('encodings', () => {
	const text = lines({ prompt: 'größe', completion: '漢字 😀' });
	const utf16 = (order: 'le' | 'be'): Uint8Array<ArrayBuffer> => {
		const bytes = new Uint8Array(2 * text.length);
		const view = new DataView(bytes.buffer);
		Array.from({ length: text.length }, (_, i) =>
			view.setUint16(2 * i, text.charCodeAt(i), order === 'le'),
		);
		return bytes;
	};
	test.each<[string, Uint8Array<ArrayBuffer>]>([
		['UTF-8 with a mark', encode(`\ufeff${text}`)],
		['UTF-16, little', utf16('le')],
		['UTF-16, big', utf16('be')],
	])('%s', async (_, bytes) => {
		expect(shown(await read('a.jsonl', bytes))).toEqual([{ asked: 'größe', answered: '漢字 😀' }]);
	});
	test('what is none of these is read as Windows-1252, and that is said', async () => {
		const imported = await read(
			'a.txt',
			Uint8Array.from(
				[...'gr', 0xf6, 0xdf, 'e'].map((c) => (typeof c === 'string' ? c.charCodeAt(0) : c)),
			),
		);
		expect(shown(imported)).toEqual([{ asked: '', answered: 'größe' }]);
		expect(imported.problems[0]?.message).toMatch(/not valid UTF-8.*Windows-1252/);
	});
});

describe('what is wrong is named with its line, and the rest goes on', () => {
	const right = { prompt: 'a', completion: 'b' };
	test('in lines, whatever ends them', async () => {
		for (const end of ['\n', '\r\n', '\r']) {
			const rows = [right, '{"prompt": "a", ', '', { prompt: 'x', completion: '' }, right];
			const text = rows
				.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)))
				.join(end);
			const imported = await read('a.jsonl', text);
			expect(imported.rows.map(({ line }) => line)).toEqual([1, 5]);
			expect(imported.problems.map(({ line }) => line)).toEqual([2, 4]);
			expect(imported.problems[0]?.message).toMatch(/is not JSON .*one JSON object on each line/);
			expect(imported.problems[1]?.message).toMatch(/completion is empty/);
		}
	});
	test.each([
		['{', 1, /is not JSON .*; write one JSON object/],
		['\n\n1', 3, /is not a JSON object; a row is/],
		['{"prompt":"a"}', 1, /prompt is no list of messages/],
		['{"messages":[{"role":"user","content":"x"}]}', 1, /nothing that the assistant says/],
		['{"messages":[null]}', 1, /holds something else than messages/],
		['', 0, /holds no row; write one JSON object/],
	])('%j', async (text, line, message) => {
		const { rows, problems } = await read('a.jsonl', text);
		expect(rows).toEqual([]);
		expect(problems.map((problem) => problem.line)).toEqual([line]);
		expect(problems[0]?.message).toMatch(message);
	});
	test('any JSON is read or named', async () => {
		await fc.assert(
			fc.asyncProperty(fc.json(), async (json) => {
				const { rows, problems } = await read('a.json', json);
				return rows.length + problems.length > 0;
			}),
			{ numRuns: 50 },
		);
	});
	test('in a list, over pieces of any size', async () => {
		const text = `[\n${JSON.stringify(right)},\n{"prompt": tru},\n{"messages":\n[]},\n{"prompt":"]}\\"","completion":"b"}\n]`;
		const imported = await read('a.json', text);
		expect(imported.rows.map(({ line }) => line)).toEqual([2, 6]);
		expect(imported.problems.map(({ line }) => line)).toEqual([3, 4]);
		const cut = await read('a.json', text.slice(0, -4));
		expect(cut.rows).toHaveLength(1);
		expect(cut.problems.at(-1)?.message).toMatch(/does not end/);
	});
	test('in a table with a quote that is not closed', async () => {
		const imported = await read('a.csv', 'prompt,completion\na,b\n"c,d\n');
		expect(shown(imported)).toEqual([{ asked: 'a', answered: 'b' }]);
		expect(imported.problems[0]).toMatchObject({ line: 3 });
	});
	test('and files of other kinds say what to do', async () => {
		const imported = await importFiles([
			{ name: 'a.parquet', blob: new Blob(['PAR1....']) },
			{ name: 'b.pdf', blob: new Blob(['%PDF-1.7']) },
			{ name: 'c.jpg', blob: new Blob(['x']) },
			{ name: 'd.txt', blob: new Blob(['']) },
			{ name: 'e.txt', blob: new Blob(['Under the stone.']) },
		]);
		expect(imported.rows).toHaveLength(1);
		expect(imported.skipped).toEqual(['c.jpg']);
		expect(imported.problems.map(({ file, message }) => `${file} ${message}`)).toEqual([
			expect.stringMatching(/^a.parquet is a Parquet file.*to_json/),
			expect.stringMatching(/^b.pdf is a PDF file.*\.txt/),
			'd.txt holds no text',
		]);
	});
});

test('a zip is read entry by entry; a damaged one is named', async () => {
	const zip = zipSync({
		'export/_chat.txt': encode(whatsApp),
		'export/IMG_1.jpg': encode('x'),
		'__MACOSX/._chat.txt': encode('x'),
	});
	const imported = await read('export.zip', new Uint8Array(zip), { choice: { me: 'Ben' } });
	expect(imported.rows).toHaveLength(2);
	expect(imported.skipped).toEqual(['export.zip/export/IMG_1.jpg']);
	const damaged = await read('export.zip', new Uint8Array(zip.slice(0, 60)));
	expect(damaged.problems[0]?.message).toMatch(/^this zip cannot be read/);
});

test('rows go out in TRL’s formats and come in again the same', async () => {
	const rows = [
		{ prompt: 'a', completion: 'b' },
		{ text: 'running' },
		{ messages: [user, assistant], tools: [{ name: 'find' }] },
		{ prompt: 'a', completion: 'b', label: false },
		{ prompt: [user], chosen: [assistant], rejected: [{ role: 'assistant', content: 'No.' }] },
	];
	const first = await read('a.jsonl', lines(...rows));
	const written = first.rows.map(({ lesson }) => trlRow(lesson));
	expect(written).toEqual(rows);
	const again = await read('b.jsonl', lines(...written));
	expect(again.rows.map(({ id }) => id)).toEqual(first.rows.map(({ id }) => id));
});
