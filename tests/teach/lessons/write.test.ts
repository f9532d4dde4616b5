/** @file Lessons that a model writes of running text: what can be asked of a sentence, and the round trip of each question. */
import { describe, expect, test } from 'vitest';
import { importFiles } from '#dataset/import.ts';
import { scripted } from '#engines/scripted.ts';
import { passagesOf, spansOf } from '#teach/lessons/passages.ts';
import { writeLessons } from '#teach/lessons/write.ts';

const rowsOf = async (...notes: readonly string[]) =>
	(await importFiles(notes.map((text, i) => ({ name: `note-${i}.txt`, blob: new Blob([text]) }))))
		.rows;

const note =
	'Ilse moved to Tarnow with Mr. Brandt. She keeps four goats there. Too short.\nPetrov repaired the bike for 38 euros.';

describe('passages', () => {
	test('are sentences of some words; one that leans on the sentence before has it in view', async () => {
		const passages = passagesOf(await rowsOf(note));
		expect(passages.map(({ text }) => text)).toEqual([
			'Ilse moved to Tarnow with Mr. Brandt.',
			'She keeps four goats there.',
			'Petrov repaired the bike for 38 euros.',
		]);
		expect(passages.map(({ inView }) => inView)).toEqual([
			'Ilse moved to Tarnow with Mr. Brandt.',
			'Ilse moved to Tarnow with Mr. Brandt. She keeps four goats there.',
			'Petrov repaired the bike for 38 euros.',
		]);
	});

	test('are not made of questions and conversations', async () => {
		const { rows } = await importFiles([
			{
				name: 'a.jsonl',
				blob: new Blob(['{"prompt":"Where does Ilse live now?","completion":"In Tarnow."}']),
			},
		]);
		expect(passagesOf(rows)).toEqual([]);
	});

	test('offer spans within a clause that neither begin nor end with a function word', () => {
		const spans = spansOf('We sing in the church of Saint Bavo, then we eat.');
		expect(spans).toContain('church of Saint');
		expect(spans).toContain('Saint Bavo');
		expect(spans).not.toContain('Bavo, then');
		expect(spans.filter((span) => /^(we|in|the|of|then)\b|\b(we|in|the|of)$/i.test(span))).toEqual(
			[],
		);
	});
});

const modelOf = (mind: (prompt: string) => string) => ({
	engine: scripted({
		script: (prompt) => mind(prompt),
		score: (_prompt, completion) => Array.from(completion, () => -0.01),
	}),
});

const asked = (prompt: string): string => prompt.slice(prompt.lastIndexOf('\n\n') + 2);

describe('the round trip', () => {
	const write = async (
		answers: { readonly seen: string; readonly unseen: string },
		question = 'What is the name of the bike?',
	) => {
		const model = modelOf((prompt) => {
			const last = asked(prompt);
			if (last.includes('The fact in it:')) return 'Petrov';
			if (last.includes('Question with the answer')) return question;
			return last.startsWith('Text:') ? answers.seen : answers.unseen;
		});
		return writeLessons(model, await rowsOf('Petrov repaired the bike for 38 euros.'), {
			seed: 1,
			signal: new AbortController().signal,
		});
	};

	test('keeps a question that is answered with the text in view and not without it', async () => {
		const [lesson, ...more] = await write({ seen: 'Petrov', unseen: 'Gears' });
		expect(more).toEqual([]);
		expect(lesson).toMatchObject({
			passage: 'Petrov repaired the bike for 38 euros.',
			question: 'What is the name of the bike?',
			answer: 'Petrov',
			check: 'kept',
		});
		expect(lesson?.row.file).toBe('note-0.txt');
	});

	test('sets aside what is answered otherwise, or known already', async () => {
		expect((await write({ seen: 'bike', unseen: 'no' }))[0]?.check).toBe('not-answerable');
		expect((await write({ seen: 'Petrov', unseen: 'It is Petrov.' }))[0]?.check).toBe(
			'already-known',
		);
	});

	test('sets aside a question that is none, gives its answer away, or asks for a number that is not there', async () => {
		const seen = { seen: 'Petrov', unseen: 'no' };
		expect((await write(seen, 'The bike'))[0]).toMatchObject({ check: 'malformed', question: '' });
		expect((await write(seen, 'What did Petrov repair?'))[0]?.check).toBe('malformed');
		expect((await write(seen, 'How many bike are for euros?'))[0]?.check).toBe('malformed');
		expect((await write(seen, 'What is the name of Boris?'))[0]?.check).toBe('not-grounded');
	});
});

test('stops when it is told to', async () => {
	const stop = new AbortController();
	const model = modelOf(() => 'Petrov');
	const writing = writeLessons(model, await rowsOf(note), {
		...{ seed: 1, signal: stop.signal },
		report: () => {
			stop.abort(new Error('enough'));
		},
	});
	await expect(writing).rejects.toThrow('enough');
});
