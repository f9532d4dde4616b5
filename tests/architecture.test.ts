/** @file The house stands as drawn: 22 cells in their places, sizes and words within limits. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cells, taxonomy, variants } from '#loop/taxonomy.ts';

const root = new URL('../', import.meta.url);

const filesUnder = (folder: string): readonly string[] =>
	readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => `${entry.parentPath.replaceAll('\\', '/')}/${entry.name}`)
		.map((path) => path.slice(root.pathname.length))
		.sort();
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const source = filesUnder('src').filter((path) => /\.(ts|svelte)$/.test(path));
const code = [
	...source,
	...[...filesUnder('tests'), ...filesUnder('scripts')].filter((path) => path.endsWith('.ts')),
	'vite.config.ts',
	'eslint.config.js',
	'svelte.config.js',
];

/** The leaf headings of sections 4 to 7 of the survey, as addresses. */
const leaves = {
	'1-acquire/task/knowledge-based': '4.1',
	'1-acquire/task/knowledge-free': '4.1',
	'1-acquire/task/selective': '4.1',
	'1-acquire/solution/positive/rationale-based': '4.2.1',
	'1-acquire/solution/positive/interactive': '4.2.1',
	'1-acquire/solution/positive/self-play': '4.2.1',
	'1-acquire/solution/positive/grounded': '4.2.1',
	'1-acquire/solution/negative/contrastive': '4.2.2',
	'1-acquire/solution/negative/perturbative': '4.2.2',
	'1-acquire/feedback/model': '4.3.1',
	'1-acquire/feedback/environment': '4.3.2',
	'2-refine/filter/metric-based': '5.1.1',
	'2-refine/filter/metric-free': '5.1.2',
	'2-refine/correct/critique-based': '5.2.1',
	'2-refine/correct/critique-free': '5.2.2',
	'3-update/in-weight/replay': '6.1.1',
	'3-update/in-weight/regularization': '6.1.2',
	'3-update/in-weight/architecture': '6.1.3',
	'3-update/in-context/external-memory': '6.2',
	'3-update/in-context/working-memory': '6.2',
	'4-evaluate/quantitative': '7.1',
	'4-evaluate/qualitative': '7.2',
} as const;
const addresses: readonly string[] = Object.keys(leaves);

describe('the 22 cells', () => {
	test('every leaf of the survey has one row in the taxonomy, in its order', () => {
		expect(Object.keys(taxonomy)).toEqual(addresses);
		expect(cells.map((cell) => cell.address)).toEqual(addresses);
	});

	test('every cell has one file at its address, and no stray file lies among them', () => {
		const found = source
			.filter((path) => /^src\/loop\/\d-/.test(path))
			// what the cells of a phase share lies in the phase's folder, and defines no cell
			.filter((path) => path.split('/').length > 4 || /\b(define|plan)Cell\(/.test(read(path)))
			.map((path) => path.slice('src/loop/'.length, -'.ts'.length));
		const others = variants.map((cell) => cell.address);
		expect(found).toEqual([...addresses, ...others].sort());
		// another way to fill a leaf lies in the leaf's folder
		for (const other of others) expect(addresses).toContain(other.replace(/\/[^/]*$/, ''));
	});

	test.each([...cells, ...variants])('$address names its section and its papers', (cell) => {
		const section =
			Object.entries(leaves).find(([address]) =>
				`${cell.address}/`.startsWith(`${address}/`),
			)?.[1] ?? '?';
		expect(cell.section).toMatch(new RegExp(`^${section.replaceAll('.', '\\.')}`));
		expect(cell.about).toMatch(/^[A-Z].*\.$/s);
		expect(cell.papers.length).toBeGreaterThan(0);
		for (const paper of cell.papers)
			expect(paper).toMatch(/^https:\/\/arxiv\.org\/abs\/\d{4}\.\d{5}$/);
		expect(read(`src/loop/${cell.address}.ts`)).toMatch(/survey \d/i);
	});

	test('every cell has a test of its own', () => {
		const tests = filesUnder('tests/loop');
		expect(cells.length).toBe(22);
		const missing = [...cells, ...variants]
			.map((cell) => `tests/loop/${cell.address}.test.ts`)
			.filter((path) => !tests.includes(path));
		expect(missing).toEqual([]);
	});
});

describe('sizes', () => {
	const over = (paths: readonly string[], limit: number): readonly string[] =>
		paths
			.map((path) => [path, read(path).trimEnd().split('\n').length] as const)
			.filter(([, lines]) => lines > limit)
			.map(([path, lines]) => `${path}: ${lines}`);

	test('no file is longer than 300 lines', () => {
		expect(over(code, 300)).toEqual([]);
	});
	test('no cell is longer than 150 lines', () => {
		expect(
			over(
				[...addresses, ...variants.map(({ address }) => address)].map(
					(address) => `src/loop/${address}.ts`,
				),
				150,
			),
		).toEqual([]);
	});
	test('no recipe is longer than 40 lines', () => {
		const recipes = source.filter((path) => /satisfies Recipe\b|: Recipe =/.test(read(path)));
		expect(recipes.length).toBeGreaterThanOrEqual(4);
		expect(
			over(
				recipes.filter((path) => path.startsWith('src/methods/')),
				40,
			),
		).toEqual([]);
	});
	test('the loop itself is no longer than 80 lines', () => {
		expect(over(['src/loop/evolve.ts'], 80)).toEqual([]);
	});
});

describe('words', () => {
	test('every file opens by saying what it is', () => {
		const silent = code.filter((path) => {
			const opening = read(path).split('\n').slice(0, 4).join('\n');
			return !/(\/\*\*|<!--)\s+(\*\s)?@(file|component) \S/.test(opening);
		});
		expect(silent).toEqual([]);
	});

	test('runes live in the page only', () => {
		const rune = /\$(state|derived|effect|props|bindable)\b[.(<]/;
		const outside = source.filter((path) => !path.startsWith('src/ui/'));
		expect(outside.filter((path) => path.includes('.svelte') || rune.test(read(path)))).toEqual([]);
	});

	test.each([
		['model text as HTML', /\{@html/],
		['a way around the types', /@ts-(ignore|nocheck)|\bas any\b/],
		['a rule set aside without a reason', /eslint-disable(?!.*--)|@ts-expect-error\s*$/m],
		['a test that leaves others out', /\b(test|it|describe)\.only\(/],
		['a note without an issue', /\b(TODO|FIXME|XXX)\b(?!\(#\d)/],
		['a path of one machine', /['"` (](\/work\/|\/root\/|\/home\/\w)/],
	])('no file holds %s', (_name, pattern) => {
		const self = 'tests/architecture.test.ts';
		expect(code.filter((path) => path !== self && pattern.test(read(path)))).toEqual([]);
	});

	test('no picture stands in place of a word', () => {
		expect(source.filter((path) => /\p{Emoji_Presentation}/u.test(read(path)))).toEqual([]);
	});

	test('the lock file names no registry, and holds what every platform needs', () => {
		const text = read('package-lock.json');
		expect(text).not.toMatch(/"resolved": "http/);
		// `npm ci` refuses a lock file without the packages of the platforms it was not written on
		const { packages } = JSON.parse(text) as {
			readonly packages: Readonly<
				Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
			>;
		};
		const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
			Object.keys(optionalDependencies),
		);
		const held = Object.keys(packages).map((path) => path.split('node_modules/').at(-1));
		expect(wanted.filter((name) => !held.includes(name))).toEqual([]);
	});
});
