/** @file The documents tell the truth: generated ones are current, links lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { documents } from '../scripts/documents.ts';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const pages = [
	...readdirSync(root).filter((name) => name.endsWith('.md')),
	...readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.md'))
		.map((name) => `docs/${name.replaceAll('\\', '/')}`),
].sort();

test.each(documents)('$path is what `npm run docs` writes', async ({ path, write }) => {
	expect(read(path)).toBe(await write());
});

test('the pages that a reader expects are there', () => {
	expect(pages).toEqual(
		expect.arrayContaining([
			'ARCHITECTURE.md',
			'CHANGELOG.md',
			'CONTRIBUTING.md',
			'README.md',
			'docs/COVERAGE.md',
			'docs/LOG.md',
		]),
	);
});

describe.each(pages)('%s', (page) => {
	const text = read(page);
	const prose = text.replaceAll(/```[\s\S]*?```/g, '');
	const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);

	test('has links that lead to a file, and to a heading in it', () => {
		const broken = links
			.filter((target) => !/^[a-z]+:/.test(target))
			.filter((target) => {
				const [path = '', anchor] = target.split('#');
				const file = path === '' ? new URL(page, root) : new URL(path, new URL(page, root));
				if (!existsSync(file)) return true;
				return anchor !== undefined && !headings(readFileSync(file, 'utf8')).includes(anchor);
			});
		expect(broken).toEqual([]);
	});

	test('names only scripts that exist', () => {
		const known = Object.keys(scripts());
		const named = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name);
		expect(named.filter((name) => !known.includes(name))).toEqual([]);
	});

	test('names only files of the repository that exist', () => {
		const named = [...prose.matchAll(/`((?:src|tests|scripts|docs|public)\/[\w./-]+)`/g)];
		const missing = named
			.map(([, path = '']) => path)
			.filter((path) => !existsSync(new URL(path, root)));
		expect(missing).toEqual([]);
	});
});

test('the README runs it with one command, and tests it with one', () => {
	const commands = [...read('README.md').matchAll(/```sh\n([\s\S]*?)```/g)]
		.flatMap(([, block = '']) => block.trim().split('\n'))
		.filter((line) => line !== '');
	expect(commands).toEqual(['npm ci && npm start', 'npm ci && npm test']);
});

test('the README draws the tree as it is', () => {
	const [, tree = ''] = /```text\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
	const drawn = [...tree.matchAll(/^[├└]── ([\w.-]+)\//gm)].map(([, name = '']) => name).sort();
	const real = readdirSync(new URL('src/', root), { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map(({ name }) => name)
		.sort();
	expect(drawn).toEqual(real);
});

function scripts(): object {
	const parsed: unknown = JSON.parse(read('package.json'));
	const found: unknown =
		typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'scripts') : null;
	if (typeof found !== 'object' || found === null) throw new Error('package.json has no scripts.');
	return found;
}

/** The anchors that a page's headings get. */
function headings(text: string): readonly string[] {
	return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
		title
			.toLowerCase()
			.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
			.replaceAll(' ', '-'),
	);
}
