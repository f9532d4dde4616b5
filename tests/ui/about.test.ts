/** @file The page About: its numbers stand in the log, and its second index holds every cell. The QR code is readable data. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { taxonomy } from '#loop/taxonomy.ts';
import chinese from '#ui/language/zh/about.json' with { type: 'json' };
import english from '#ui/language/en/about.json' with { type: 'json' };
import japanese from '#ui/language/ja/about.json' with { type: 'json' };
import { questions, results, type Result } from '../../src/ui/panels/about/facts.ts';
import { isOwnAddress, qrOf } from '../../src/ui/panels/present/qr.ts';

test('every cell of the survey has a place by what, when or how', () => {
	const placed = new Set<string>(
		questions.flatMap(({ terms }) => terms.flatMap(({ cells }): readonly string[] => cells)),
	);
	expect([...placed].sort()).toEqual(Object.keys(taxonomy).sort());
});

/** Texts of the results in a language, each with the name of its result. */
const claimsIn = (texts: Readonly<Record<string, string>>): readonly string[] =>
	results.flatMap(({ name }) =>
		['before', 'after', 'n', 'control'].flatMap(
			(part) => texts[`about.${name}.${part}`]?.match(/\d+\.\d|\(\d+–\d+\)|（\d+–\d+）/g) ?? [],
		),
	);

test('every share and interval that is claimed stands in the log, and alike in the three languages', async () => {
	const log = await readFile(new URL('../../docs/LOG.md', import.meta.url), 'utf8');
	const claims = claimsIn(english);
	expect(claims.length).toBeGreaterThan(12);
	for (const claim of claims) expect(log).toContain(claim);
	for (const texts of [chinese, japanese])
		expect(claimsIn(texts).map((claim) => claim.replace('（', '(').replace('）', ')'))).toEqual(
			claims,
		);
	// Every result has the texts that the page asks for, and no others.
	const listed: readonly Result[] = results;
	for (const { name, hasBefore, hasControl } of listed)
		expect(
			['what', 'before', 'after', 'n', 'control'].filter(
				(part) => `about.${name}.${part}` in english,
			),
		).toEqual([
			'what',
			...(hasBefore ? ['before'] : []),
			'after',
			'n',
			...(hasControl ? ['control'] : []),
		]);
	const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
	const inReadme = readme.match(/\d+\.\d(?= %)|\(\d+–\d+\)/g) ?? [];
	expect(inReadme.length).toBeGreaterThan(4);
	for (const claim of inReadme) expect(log).toContain(claim);
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
