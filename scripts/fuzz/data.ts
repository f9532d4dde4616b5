/** @file Reader of a person's data under test: every format, mutated as text, as bytes and as zips. */
import { zipSync } from 'fflate';
import type { Random } from '#base/random.ts';
import { importFiles } from '#dataset/import.ts';
import { formatNames } from '#dataset/formats.ts';
import { prepareRows } from '#dataset/refine/prepare.ts';
import { mutateBytes, mutateText, pick } from './mutate.ts';

const node = (role: string, text: string, parent: string | null) => ({
	message: { author: { role }, content: { content_type: 'text', parts: [text] } },
	...{ parent, children: [] },
});

/** Small files of each format, by name. */
const samples: Readonly<Record<string, string>> = {
	'rows.jsonl': [
		'{"prompt":"1+1=","completion":"2"}',
		'{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}]}',
		'{"prompt":"a","chosen":"b","rejected":"c"}',
		'{"prompt":"a","completion":"b","label":true}',
	].join('\n'),
	'list.json':
		'[{"instruction":"a","output":"b"},\n{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}]',
	'table.csv': 'question,answer\n"a, ""b""",c\nd,"e\nf"\n',
	'conversations.json': JSON.stringify([
		{ mapping: { a: node('user', 'a', null), b: node('assistant', 'b', 'a') }, current_node: 'b' },
		{
			uuid: 'u',
			chat_messages: [
				{ sender: 'human', text: 'a' },
				{ sender: 'assistant', text: 'b' },
			],
		},
	]),
	'result.json':
		'{\n"name":"x","messages":[{"type":"message","from":"A","date":"","date_unixtime":"1","text":["a",{"text":"b"}]},{"type":"message","from":"B","date":"","text":"c"}]}',
	'_chat.txt':
		'[24.12.23, 18:03:12] Anna: Where is\nthe key? +49 30 901820\n[24.12.23, 18:04:00] Ben: Under the stone.\n',
	'page.html': '<p>Under &amp; <b>over</b><script>x</script><ul><li>one</ul>',
	'note.md': '# One\n\nMail a@b.de, card 4111 1111 1111 1111\n\n## Two\n',
};
const names = Object.keys(samples);

export const importer = {
	make: async (chance: Random) => {
		const name = pick(chance, names, 'note.md');
		const bytes = new TextEncoder().encode(mutateText(samples[name] ?? '', chance));
		const content = chance.next() < 0.3 ? mutateBytes(bytes, chance) : bytes;
		const zip = chance.next() < 0.2;
		const format = chance.next() < 0.3 ? pick(chance, formatNames, 'prose') : undefined;
		return {
			name: zip ? 'a.zip' : name,
			content: zip ? mutateBytes(zipSync({ [name]: content }), chance) : content,
			format,
		};
	},
	read: async (input: unknown) => {
		const { name, content, format } = input as {
			readonly name: string;
			readonly content: Uint8Array;
			readonly format?: (typeof formatNames)[number];
		};
		const { rows } = await importFiles([{ name, blob: new Blob([new Uint8Array(content)]) }], {
			...(format && { choice: { format } }),
		});
		await prepareRows(rows);
	},
};
