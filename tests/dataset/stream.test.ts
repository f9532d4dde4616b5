/** @file Large files are read piece by piece. */
import { expect, test } from 'vitest';
import { importFiles } from '#dataset/import.ts';

test('20,000 rows are read as a stream, and a person can stop it', async () => {
	const row = `${JSON.stringify({ prompt: 'a', completion: 'b'.repeat(100) })}\n`;
	const blob = new Blob([row.repeat(20_000)]);
	let first = 0;
	const imported = await importFiles([{ name: 'a.jsonl', blob }], {
		onRows: ({ length }) => void (first ||= length),
	});
	expect(imported.rows).toHaveLength(20_000);
	expect(first).toBe(500);
	const stop = new AbortController();
	const stopped = importFiles([{ name: 'a.jsonl', blob }], {
		signal: stop.signal,
		onRows: () => {
			stop.abort();
		},
	});
	await expect(stopped).rejects.toThrow(/abort/i);
});
