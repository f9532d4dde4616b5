/** @file `list`: the 22 cells of the survey, the methods, the environments, the engines. */
import { Command } from 'commander';
import { abilities } from '#environments/environment.ts';
import { environments } from '#environments/registry.ts';
import { cells, variants } from '#loop/taxonomy.ts';
import { choicesOf } from '#methods/parts/method.ts';
import { environmentsFor } from '#runs/join.ts';
import { methods } from '#methods/registry.ts';
import type { Terminal } from '../terminal.ts';

const engines = [
	{ name: 'onnx', where: 'page, terminal', about: 'ONNX Runtime: wasm, WebGPU, Node; learns too' },
	{ name: 'scripted', where: 'tests', about: 'answers from a script, with known errors' },
] as const;

/** Everything there is to choose from, as plain data. */
const catalogue = () => ({
	type: 'list' as const,
	cells: [...cells, ...variants].map((cell) => ({
		address: cell.address,
		section: cell.section,
		title: cell.title,
		step: cell.step,
		about: cell.about,
		knobs: Object.keys(cell.knobs),
	})),
	methods: methods.map((recipe) => ({
		name: recipe.name,
		title: recipe.title,
		by: recipe.by,
		paper: recipe.paper,
		about: recipe.about,
		environments: environmentsFor(recipe, Object.values(environments)).map(({ name }) => name),
		rounds: recipe.rounds,
		cells: choicesOf(recipe).map(({ cell }) => cell.address),
	})),
	environments: Object.values(environments).map(({ name, title, ability, about, knobs }) => ({
		name,
		title,
		ability,
		about,
		knobs: Object.keys(knobs),
	})),
	engines,
});

export function list(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): number {
	const command = prepare(new Command('list'))
		.description('Lists cells, methods, environments and engines.')
		.option('--json', 'one JSON object')
		.parse([...argv], { from: 'user' });
	const all = catalogue();
	if (command.opts<{ readonly json?: boolean }>().json) {
		terminal.print(JSON.stringify(all));
		return 0;
	}
	const rows = (title: string, lines: readonly (readonly string[])[]): void => {
		terminal.print(title);
		const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((l) => l[i]?.length ?? 0)));
		for (const line of lines)
			terminal.print(
				`  ${line.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
			);
		terminal.print('');
	};
	rows(
		'Cells',
		all.cells.map((c) => [c.section, c.address, c.title]),
	);
	rows(
		'Methods',
		all.methods.map((m) => [m.name, m.by, m.environments.join(', '), m.about]),
	);
	rows(
		'Environments',
		all.environments.map((e) => [e.name, abilities[e.ability], e.about]),
	);
	rows(
		'Engines',
		all.engines.map((e) => [e.name, e.where, e.about]),
	);
	return 0;
}
