/** @file The page About: its numbers stand in the log, and its second index holds every cell. The QR code is readable data. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { taxonomy } from '#loop/taxonomy.ts';
import { questions, results } from '../../src/ui/panels/about/facts.ts';
import { isOwnAddress, qrOf } from '../../src/ui/panels/present/qr.ts';

test('every cell of the survey has a place by what, when or how', () => {
	const placed = new Set(questions.flatMap(({ terms }) => terms.flatMap(({ cells }) => cells)));
	expect([...placed].sort()).toEqual(Object.keys(taxonomy).sort());
});

test('every share and interval that is claimed stands in the log', async () => {
	const log = await readFile(new URL('../../docs/LOG.md', import.meta.url), 'utf8');
	const claims = results.flatMap(({ before, after, n, control }) =>
		[before, after, n, control].flatMap((words) => words.match(/\d+\.\d|\(\d+–\d+\)/g) ?? []),
	);
	expect(claims.length).toBeGreaterThan(12);
	for (const claim of claims) expect(log).toContain(claim);
	const documents = [
		log,
		await readFile(new URL('../../docs/BENCHMARKS.md', import.meta.url), 'utf8'),
	].join('');
	for (const { command } of results) {
		const said = command.replace(/ --rounds \d+ --seed \d+.*$/, '').replace(/ --threads.*$/, '');
		const asked = said.replace(/ --environment reversal$/, '');
		expect(documents, command).toContain(asked);
	}
});

test('a link becomes a square code with its quiet zone, and one that is too long is refused', () => {
	const { size, path } = qrOf('https://example.org/?environment=reversal&seed=3');
	// Version 4 and more: 33 squares and four of quiet on each side.
	expect(size).toBeGreaterThanOrEqual(33 + 8);
	expect((size - 8 - 17) % 4).toBe(0);
	// The finder pattern in the corner, and nothing in the quiet zone.
	for (let i = 4; i < 11; i++) expect(path).toContain(`M${i} 4h1v1h-1z`);
	expect(path).not.toMatch(/M[0-3] \d/);
	expect(() => qrOf('x'.repeat(5000))).toThrow('too long');
	expect(['localhost', '127.0.0.1', 'example.org'].map(isOwnAddress)).toEqual([true, true, false]);
});
