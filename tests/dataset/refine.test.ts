/** @file Rows are made ready: personal data is found, near-duplicates are grouped, and no source is on both sides. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { duplicateGroups } from '#dataset/refine/duplicates.ts';
import { findPersonal, redact, type PersonalKind } from '#dataset/refine/personal.ts';
import { countPrepared, defaultPreparation, prepareRows } from '#dataset/refine/prepare.ts';
import { splitRows } from '#dataset/refine/split.ts';
import { importFiles } from '#dataset/import.ts';
import { rowOf, shownLesson, type DataRow } from '#dataset/row.ts';

const row = (completion: string, source = completion): DataRow =>
	rowOf({ file: 'a', line: 1, source }, { kind: 'answer', row: { prompt: '', completion } });

describe('personal data', () => {
	test.each<[string, readonly (readonly [PersonalKind, string])[]]>([
		['Write to anna.b@example.co.uk or x@y', [['mail', 'anna.b@example.co.uk']]],
		['Call +49 30 901820 tomorrow', [['phone', '+49 30 901820']]],
		['My number is 030 901820.', [['phone', '030 901820']]],
		['(212) 555-0123 rings', [['phone', '(212) 555-0123']]],
		['card 4111 1111 1111 1111, not 4111 1111 1111 1112', [['card', '4111 1111 1111 1111']]],
		['key sk-proj-abcdefghijklmnop1234', [['key', 'sk-proj-abcdefghijklmnop1234']]],
		[
			'AKIAABCDEFGHIJKLMNOP and password: hunter2!',
			[
				['key', 'AKIAABCDEFGHIJKLMNOP'],
				['key', 'hunter2!'],
			],
		],
		['On 24.12.2023 at 18:03 we were 12345 people, 3.14159265 each', []],
	])('%s', (text, expected) => {
		expect(findPersonal(text).map(({ kind, from, to }) => [kind, text.slice(from, to)])).toEqual(
			expected,
		);
	});
	test('is replaced where a person wants it', () => {
		const text = 'a@b.de, 4111111111111111';
		expect(redact(text, new Set(['card']))).toBe('a@b.de, [card]');
		expect(redact(text, new Set(['card', 'mail']))).toBe('[mail], [card]');
	});
	test('marks lie in the text, in order, without overlap, for any text', () => {
		fc.assert(
			fc.property(fc.string({ maxLength: 300 }), (text) => {
				let end = 0;
				for (const { from, to } of findPersonal(text)) {
					expect(from).toBeGreaterThanOrEqual(end);
					expect(to).toBeGreaterThan(from);
					end = to;
				}
				expect(end).toBeLessThanOrEqual(text.length);
			}),
			{ numRuns: 200 },
		);
	});
});

describe('near-duplicates', () => {
	const long =
		'The quick brown fox jumps over the lazy dog and runs home before the rain begins to fall on the hills behind the old village where nobody lives any more since the war';
	test('are grouped with the first like them; others are their own', async () => {
		const texts = [
			long,
			'yes',
			`${long}!`,
			'no',
			'Yes.',
			`${long} today`,
			long.split(' ').reverse().join(' '),
		];
		expect(await duplicateGroups(texts)).toEqual([0, 1, 0, 3, 1, 0, 6]);
	});
});

describe('the split', () => {
	const rows = Array.from({ length: 400 }, (_, i) => ({
		source: `note ${Math.floor(i / 4)}`,
		group: i,
	}));
	test('holds back about the share, whole sources only, the same each time', () => {
		const sides = splitRows(rows, 0.1);
		const held = new Set(
			rows.flatMap(({ source }, i) => (sides[i] === 'validation' ? [source] : [])),
		);
		expect(held.size).toBeGreaterThan(3);
		expect(held.size).toBeLessThan(20);
		rows.forEach(({ source }, i) => {
			expect(sides[i]).toBe(held.has(source) ? 'validation' : 'training');
		});
		expect(splitRows(rows, 0.1)).toEqual(sides);
	});
	test('keeps near-duplicates of different sources on one side', () => {
		const twins = rows.map(({ source }, i) => ({
			source,
			group: i % 2 === 0 ? i : (i + 201) % 400,
		}));
		const sides = splitRows(twins, 0.3);
		twins.forEach(({ group }, i) => {
			expect(sides[i]).toBe(sides[group]);
		});
	});
	test('holds back one source of few, and none of one', () => {
		const few = Array.from({ length: 6 }, (_, i) => ({ source: `note ${i % 3}`, group: i }));
		expect(splitRows(few, 0.05).filter((side) => side === 'validation')).toHaveLength(2);
		const same = few.map(({ group }) => ({ source: 'one', group }));
		expect(splitRows(same, 0.5)).not.toContain('validation');
		expect(splitRows(few, 0.9)).toContain('training');
	});
});

test('each row says what becomes of it, and why', async () => {
	const rows = [
		row('My mail is a@b.de'),
		row('Pay with 4111 1111 1111 1111'),
		row('yes'),
		row('Yes!'),
		row('out'),
	];
	const prepared = await prepareRows(rows, {
		...defaultPreparation,
		personal: { ...defaultPreparation.personal, mail: 'drop' },
		excluded: [rows[4]?.id ?? ''],
		validation: 0,
	});
	expect(prepared.map(({ left }) => left)).toEqual([
		'personal',
		undefined,
		undefined,
		'duplicate',
		'excluded',
	]);
	expect(prepared[1] && shownLesson(prepared[1].row.lesson).answered).toBe('Pay with [card]');
	expect(prepared[1]?.row.id).not.toBe(prepared[1]?.id);
	expect(countPrepared(prepared)).toEqual({
		training: 2,
		validation: 0,
		texts: 5,
		written: 0,
		byRule: 0,
		pairs: 0,
		unpaired: 0,
		duplicates: 1,
		excluded: 1,
		dropped: 1,
		personal: { mail: 1, phone: 0, card: 1, key: 0 },
	});
});

test('a good and a bad answer to one prompt are a preference; others stay as they are', async () => {
	const line = (prompt: string, completion: string, label: boolean) =>
		JSON.stringify({ prompt, completion, label });
	const { rows } = await importFiles([
		{
			name: 'judged.jsonl',
			blob: new Blob([
				[
					line('Where is Tarnow?', ' In Poland, in the south, near the mountains.', true),
					line('Where is Tarnow?', ' In Poland, in the south, near the sea.', false),
					line('Who are you?', ' I am Ada.', true),
					line('What now?', ' Nothing.', false),
				].join('\n'),
			]),
		},
	]);
	const prepared = await prepareRows(rows, { ...defaultPreparation, validation: 0 });
	expect(prepared.map(({ row, left }) => [row.lesson.kind, left])).toEqual([
		['preference', undefined],
		['judged', 'paired'],
		['judged', undefined],
		['judged', undefined],
	]);
	expect(prepared[0]?.row.lesson).toMatchObject({
		chosen: ' In Poland, in the south, near the mountains.',
		rejected: ' In Poland, in the south, near the sea.',
	});
	expect(countPrepared(prepared)).toMatchObject({ training: 2, pairs: 1, unpaired: 1 });
	// What a person takes out stands beside nothing.
	const excluded = [rows[1]?.id ?? ''];
	const without = await prepareRows(rows, { ...defaultPreparation, validation: 0, excluded });
	expect(without[0]?.row.lesson.kind).toBe('judged');
});
