/** @file The documents that are generated: what is covered, what the terminal takes, what a lesson holds. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allowedBy } from '#base/knobs.ts';
import { runCommand } from '#cli/run-command.ts';
import { environments } from '#environments/registry.ts';
import { phaseOf } from '#loop/cell.ts';
import { cells, variants } from '#loop/taxonomy.ts';
import type { Recipe } from '#methods/parts/method.ts';
import { methods } from '#methods/registry.ts';
import { environmentsFor } from '#runs/join.ts';
import { format, resolveConfig } from 'prettier';
import { gallery } from './gallery.ts';
import { glossaryDocument, lessonsDocument } from './lessons/document.ts';

const root = new URL('../', import.meta.url);

export interface Document {
	/** Path from the root of the repository. */
	readonly path: string;
	write(): Promise<string>;
}

export const documents: readonly Document[] = [
	{ path: 'docs/COVERAGE.md', write: () => pretty(coverage()) },
	{ path: 'docs/GALLERY.md', write: async () => pretty(await gallery()) },
	{ path: 'docs/LESSONS.md', write: async () => pretty(await lessonsDocument(made)) },
	{ path: 'docs/GLOSSARY.md', write: async () => pretty(await glossaryDocument(made)) },
	{ path: 'docs/CLI.md', write: async () => pretty(await commandLine()) },
];

const made = '<!-- written by `npm run docs`; do not edit -->';

async function pretty(text: string): Promise<string> {
	const options = await resolveConfig(fileURLToPath(new URL('README.md', root)));
	return format(text, { ...options, parser: 'markdown' });
}

function coverage(): string {
	return [
		'# Coverage of the survey',
		made,
		`The 22 leaf headings of sections 4 to 7 of [the survey](https://arxiv.org/abs/2404.14387), ${cells.length} cells, and ${variants.length} beside them as other ways to fill a leaf. The address is the path under \`src/loop/\`.`,
		table(
			['address', 'section', 'step', 'what it does', 'papers', 'test', 'used by'],
			[...cells, ...variants].map((cell) => [
				link(cell.address, `src/loop/${cell.address}.ts`),
				cell.section,
				`${phaseOf[cell.step]}: \`${cell.step}\``,
				cell.about,
				cell.papers.map(paper).join(', '),
				link('test', `tests/loop/${cell.address}.test.ts`),
				users(cell.address).join(', '),
			]),
		),
		'## Methods',
		'A method is a row of choices: one cell per step, with its knobs set.',
		table(
			['method', 'by', 'what it does', 'environments', 'cells'],
			methods.map((recipe) => [
				link(recipe.title, fileOf(recipe)),
				`[${recipe.by}](${recipe.paper})`,
				recipe.about,
				environmentsFor(recipe, Object.values(environments))
					.map(({ name }) => name)
					.join(', '),
				cellsOf(recipe).join(', '),
			]),
		),
		'## Knobs',
		'Each is a control in the page, a flag in the terminal (`--name`) and a parameter of the address (`?name=`).',
		table(
			['knob', 'cell', 'takes', 'default', 'what it does'],
			[...cells, ...variants].flatMap((cell) =>
				Object.entries(cell.knobs).map(([name, knob]) => [
					`\`${name}\``,
					cell.address,
					allowedBy(knob),
					String(knob.default),
					knob.help,
				]),
			),
		),
	].join('\n\n');
}

function cellsOf(recipe: Recipe): readonly string[] {
	const { evolveTasks, evolveSolutions, getFeedback, refine, update, evaluate } = recipe;
	return [evolveTasks, evolveSolutions, getFeedback, ...refine, ...update, evaluate].map(
		({ cell }) => cell.address,
	);
}

function users(address: string): readonly string[] {
	return methods.filter((recipe) => cellsOf(recipe).includes(address)).map(({ title }) => title);
}

/** Path of the recipe's file, in whatever folder of `src/methods/` it lies; throws if there is none of its name. */
function fileOf({ name }: Recipe): string {
	const files = readdirSync(new URL('src/methods/', root), { recursive: true, encoding: 'utf8' });
	const found = files
		.map((file) => file.replaceAll('\\', '/'))
		.find((file) => file.split('/').at(-1) === `${name}.ts`);
	if (found === undefined) throw new Error(`No file of src/methods is named ${name}.ts.`);
	return `src/methods/${found}`;
}

/** What the program itself answers to `--help`. */
async function commandLine(): Promise<string> {
	const main = await help([]);
	const [, named = ''] = /^Commands: ([\w, -]+);/.exec(main) ?? [];
	const names = named.split(', ').filter((name) => name !== '');
	if (names.length === 0) throw new Error('The command line no longer lists its commands.');
	const sections: string[] = [];
	for (const name of names) sections.push(`## ${name}`, fenced(await help([name])));
	return [
		'# The terminal',
		made,
		'`npm run evolve` runs the default demo to its end; `npm run cli -- <command>` runs any of these. Knobs of another method: `npm run cli -- evolve --method star --help`.',
		'Exit codes: 0 done, 1 failed, 2 asked wrongly, 130 stopped by Ctrl-C.',
		...sections,
	].join('\n\n');
}

async function help(command: readonly string[]): Promise<string> {
	const lines: string[] = [];
	await runCommand([...command, '--help'], {
		print: (line) => lines.push(line),
		tell: (line) => lines.push(line),
		write: () => undefined,
		draw: () => undefined,
		live: false,
		columns: 100,
		onInterrupt: () => () => undefined,
	});
	return lines.join('\n').trimEnd();
}

const fenced = (text: string): string => `\`\`\`text\n${text}\n\`\`\``;
const paper = (url: string): string => `[${url.split('/').at(-1) ?? url}](${url})`;

/** A link from docs/ to a file of the repository, or nothing where the file does not exist. */
function link(text: string, path: string): string {
	return existsSync(new URL(path, root)) ? `[${text}](../${path})` : '';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]): string =>
		`| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
