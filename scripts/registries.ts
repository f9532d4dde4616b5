/**
 * @file The indexes of parts: environments, methods, objectives and variants of cells, found in the files that declare
 * them. Adding a part is adding its file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

interface Registry {
	/** Folder under `src/`, searched to the bottom. */
	readonly folder: string;
	/** The index, relative to `src/`. */
	readonly index: string;
	/** Finds the exported constant that declares a part; its first group is the name. */
	readonly declares: RegExp;
	/** Whether a file, relative to the folder, may declare a part. */
	readonly holds?: (file: string, leaves: ReadonlySet<string>) => boolean;
	/** The index out of the exported names and the file of each. */
	write(parts: readonly Part[]): string;
}

interface Part {
	readonly name: string;
	/** Relative to the folder of the index, with `./`. */
	readonly file: string;
}

const imports = (parts: readonly Part[]): string =>
	parts.map(({ name, file }) => `import { ${name} } from '${file}';\n`).join('');
const names = (parts: readonly Part[]): string => parts.map(({ name }) => name).join(', ');
/** The parts by their names as people spell them: `listPrograms` is `list-programs`. */
const byName = (parts: readonly Part[]): string =>
	parts
		.map(({ name }) => {
			const spelt = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
			return spelt === name ? name : `'${spelt}': ${name}`;
		})
		.join(', ');
const header = (what: string): string =>
	`/** @file ${what}, as found in the files beside it; written by \`npm run docs\`. */\n`;

const all: readonly Registry[] = [
	{
		folder: 'environments',
		index: 'environments/index.ts',
		declares: /^export const (\w+) = defineEnvironment\(/m,
		write: (parts) =>
			`${header('Every environment')}${imports(parts)}\nexport const environments = { ${byName(parts)} } as const;\n`,
	},
	{
		folder: 'methods',
		index: 'methods/index.ts',
		declares: /^export const (\w+) = \{[^]*^\} satisfies Recipe;/m,
		write: (parts) =>
			`${header('Every recipe')}${imports(parts)}\nexport const recipes = [${names(parts)}] as const;\n`,
	},
	{
		folder: 'objectives',
		index: 'objectives/index.ts',
		declares: /^export const (\w+) = define(?:Objective|Penalty)\(/m,
		write: (parts) =>
			`${header('Every objective and penalty')}${imports(parts)}\nexport const definitions = [${names(parts)}] as const;\n`,
	},
	{
		folder: 'loop',
		index: 'loop/variants.ts',
		declares: /^export const (\w+) = defineCell\(/m,
		// A leaf of the survey is a file; a variant lies in a folder of the leaf's name.
		holds: (file, leaves) => !leaves.has(file),
		write: (parts) =>
			`${header('Cells that fill a leaf of the survey in another way')}${imports(parts)}import type { Cell } from './cell.ts';\n\nexport const variants = [${names(parts)}] as readonly Cell[];\n`,
	},
];

/** The files of the survey's leaves, relative to `src/loop/`, as its taxonomy lists them. */
function leavesUnder(root: string): ReadonlySet<string> {
	const taxonomy = readFileSync(join(root, 'src/loop/taxonomy.ts'), 'utf8');
	const rows = taxonomy.matchAll(/^\t'([1-4]-[^']+)':/gm);
	return new Set([...rows].map(([, address = '']) => `${address}.ts`));
}

/** Every index of the `src` folder under `root`, as it should be; `path` is relative to `root`. */
export async function registries(
	root: string,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
	const leaves = leavesUnder(root);
	const options = (await resolveConfig(join(root, 'package.json'))) ?? {};
	return Promise.all(
		all.map(async ({ folder, index, declares, holds, write }) => {
			const at = join(root, 'src', folder);
			const parts = readdirSync(at, { recursive: true, encoding: 'utf8' })
				.map((file) => file.replaceAll('\\', '/'))
				.filter((file) => file.endsWith('.ts') && (holds?.(file, leaves) ?? true))
				.sort()
				.flatMap((file): Part[] => {
					const [, name] = declares.exec(readFileSync(join(at, file), 'utf8')) ?? [];
					return name === undefined ? [] : [{ name, file: `./${file}` }];
				});
			const text = await format(write(parts), { ...options, parser: 'typescript' });
			return { path: `src/${index}`, text };
		}),
	);
}
