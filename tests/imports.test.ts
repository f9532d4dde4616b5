/** @file Import graph of `src/`, type imports included: no circle, no arrow that is not allowed, no folder too full. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../src/', import.meta.url));

/** Files of `src/` that can import, as paths below it. */
const files: readonly string[] = readdirSync(root, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name))
	.map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
	.sort();

/** Every specifier of `import`, `export … from`, `import()` and `import('…').Type`. */
function specifiersIn(path: string): readonly string[] {
	const text = readFileSync(join(root, path), 'utf8');
	const scripts = path.endsWith('.svelte')
		? [...text.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map((match) => match[1] ?? '')
		: [text];
	const markup = path.endsWith('.svelte') ? text.replace(/<script[^>]*>[^]*?<\/script>/g, '') : '';
	return [
		...scripts.flatMap((script) =>
			ts.preProcessFile(script, true, true).importedFiles.map(({ fileName }) => fileName),
		),
		...[...markup.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? ''),
	];
}

/** The path below `src/` that a specifier names; undefined for a package. */
function targetOf(from: string, specifier: string): string | undefined {
	const bare = specifier.replace(/\?.*$/, '');
	if (bare.startsWith('#')) return bare.slice(1);
	if (bare.startsWith('.')) return join(dirname(from), bare).replaceAll('\\', '/');
	return undefined;
}

/** AssemblyScript leaves the extension out. */
const withExtension = (path: string): string =>
	path.startsWith('kernel/assembly/') && !path.endsWith('.ts') ? `${path}.ts` : path;

/** File to the files of `src/` that it imports. */
const graph: ReadonlyMap<string, readonly string[]> = new Map(
	files.map((file) => [
		file,
		specifiersIn(file)
			.map((specifier) => targetOf(file, specifier))
			.filter((target) => target !== undefined)
			.map(withExtension)
			.filter((target) => /\.(ts|svelte)$/.test(target)),
	]),
);

/** Paths that come back to where they began, one for each back edge of a depth-first search. */
function circlesOf(arrows: ReadonlyMap<string, readonly string[]>): readonly string[] {
	const circles: string[] = [];
	const done = new Set<string>();
	const path: string[] = [];
	const visit = (file: string): void => {
		if (path.includes(file)) {
			circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
			return;
		}
		if (done.has(file)) return;
		path.push(file);
		for (const next of arrows.get(file) ?? []) visit(next);
		path.pop();
		done.add(file);
	};
	for (const file of arrows.keys()) visit(file);
	return circles;
}

type Allowed = Readonly<Record<string, true | readonly string[]>>;
const { mayImport } = (await import(new URL('../eslint.config.js', import.meta.url).href)) as {
	readonly mayImport: Readonly<Record<string, Allowed>>;
};

const roomOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] ?? '') : '');

/** May a file of `src/` import another? The page and the terminal may import all but each other. */
function isAllowed(from: string, to: string): boolean {
	const [room, other] = [roomOf(from), roomOf(to)];
	if (room === other || room === '') return true;
	if (room === 'ui') return other !== 'cli';
	if (room === 'cli') return other !== 'ui';
	const allowed = mayImport[room]?.[other];
	return allowed === true || (allowed?.includes(to.slice(other.length + 1)) ?? false);
}

describe('the import graph', () => {
	test('names only files that are there', () => {
		const known = new Set(files);
		const missing = [...graph].flatMap(([from, targets]) =>
			targets.filter((to) => !known.has(to)).map((to) => `${from} → ${to}`),
		);
		expect(missing).toEqual([]);
		expect([...graph.values()].flat().length).toBeGreaterThan(files.length);
	});

	test('has no circle, type imports counted', () => {
		expect(circlesOf(graph)).toEqual([]);
	});

	test('a circle of two files, or of one, would be found', () => {
		expect(
			circlesOf(
				new Map([
					['a', ['b', 'c']],
					['b', ['a']],
					['c', ['c']],
				]),
			),
		).toEqual(['a → b → a', 'c → c']);
	});

	test('every room is in the table, or is the page or the terminal', () => {
		const rooms = new Set(files.map(roomOf).filter((room) => room !== ''));
		expect([...rooms].sort()).toEqual([...Object.keys(mayImport), 'cli', 'ui'].sort());
	});

	test('has no arrow between rooms that is not in the table', () => {
		const refused = [...graph].flatMap(([from, targets]) =>
			targets.filter((to) => !isAllowed(from, to)).map((to) => `${from} → ${to}`),
		);
		expect(refused).toEqual([]);
	});

	test.each([
		['loop/evolve.ts', 'engines/engine.ts', true],
		['loop/evolve.ts', 'engines/scripted.ts', false],
		['runs/session.ts', 'worker/rpc.ts', false],
		['ui/App.svelte', 'worker/api.ts', true],
		['ui/App.svelte', 'cli/main.ts', false],
		['base/random.ts', 'ui/App.svelte', false],
	])('an arrow from %s to %s: %s', (from, to, allowed) => {
		expect(isAllowed(from, to)).toBe(allowed);
	});
});

describe('folders', () => {
	/** Folders over the limit, and how many files they hold today; a number may fall, and never rise. */
	const tooFull: Readonly<Record<string, number>> = { 'kernel/assembly': 19 };

	test('no folder holds more than 15 files', () => {
		const counts = new Map<string, number>();
		for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
		const over = [...counts].filter(([folder, count]) => count > (tooFull[folder] ?? 15));
		expect(over).toEqual([]);
		const split = Object.keys(tooFull).filter((folder) => (counts.get(folder) ?? 0) <= 15);
		expect(split, 'folders that need no exception any more').toEqual([]);
	});
});
