/** @file `evolve`: a new run, from its method's flags to its last line. */
import { Command } from 'commander';
import { roles } from '#loop/types.ts';
import { methodFor, methods } from '#methods/registry.ts';
import { recipeOf } from '#runs/recipe/alter.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { readKnobs } from '#runs/request.ts';
import type { SessionEvent, StartOptions } from '#runs/session.ts';
import type { RunRecord, Store } from '#storage/runs/store.ts';
import {
	knobsAmong,
	parseFirst,
	parseWithKnobs,
	readKvFlags,
	readNumber,
	withKvFlags,
	type KvFlags,
} from '../flags.ts';
import { readThreads } from '../interruptible.ts';
import { runToEnd } from '../run-session.ts';
import type { Terminal } from '../terminal.ts';
import { resumeLine } from './resume.ts';

/** Default folder of the store. */
const defaultFolder = 'runs';

interface EvolveFlags extends KvFlags {
	readonly method?: string;
	readonly cells?: string;
	readonly environment?: string;
	readonly rounds?: string;
	readonly seed: string;
	readonly name?: string;
	readonly out: string;
	readonly models?: string;
	readonly model?: string;
	readonly alsoExamine?: string;
	readonly proposer?: string;
	readonly solver?: string;
	readonly critic?: string;
	readonly judge?: string;
	readonly threads?: string;
	readonly json?: boolean;
}

/** Players that a role can have; an endpoint receives the prompts of its role. */
const players =
	'policy, frozen (its base), script:TEXT, or endpoint:URL#MODEL, which leaves this machine';

/** The command without the knobs of any method: enough to read which method is meant. */
function baseCommand(name: string, about: string): Command {
	const command = new Command(name)
		.description(about)
		.option(
			'--method <name>',
			`${methods.map((m) => m.name).join(', ')}; default: the one for the environment`,
		)
		.option(
			'--cells <names>',
			'cells to put in the place of the method’s own, or with - to take out: learnability,cross-seed,-metric-free',
		)
		.option('--environment <name>', 'default: the first one that the method is for')
		.option('--rounds <number>', 'how often round the loop; default: as the method says')
		.option('--seed <number>', 'the same seed gives the same run', '1')
		.option('--name <text>', 'a name for the run')
		.option('--out <folder>', 'where runs are kept', defaultFolder)
		.option('--models <folder>', 'where the base models lie; default: public/models')
		.option(
			'--model <path>',
			'base model: a .gguf file, a folder, or the name of a fetched model; default: the one that the environment names',
		)
		.option(
			'--also-examine <environments>',
			'environments to examine beside it, which the model can read: sorting,reversal:direction=copy',
		)
		.option('--proposer <who>', `writes the tasks: ${players}`)
		.option('--solver <who>', 'answers them; the policy learns from the answers')
		.option('--critic <who>', 'says what is wrong with an answer')
		.option('--judge <who>', 'says how good an answer is')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'JSON lines, also where a person watches');
	return withKvFlags(command, 'long prompts to proposer, critic and judge');
}

/** Reads the arguments of `evolve` (or `record`) in two passes: first the method, then its knobs. */
export function readEvolve(
	name: string,
	about: string,
	argv: readonly string[],
	prepare: (command: Command) => Command,
): { readonly flags: EvolveFlags & Record<string, unknown>; readonly options: StartOptions } {
	const first = parseFirst(prepare(baseCommand(name, about)), argv);
	const chosen = first.opts<EvolveFlags>();
	const usual = methodFor(methods, chosen.environment ?? null);
	const cells = namesIn(chosen.cells);
	const recipe = recipeOf({ method: chosen.method ?? usual?.name ?? '', cells });
	const environment = chosen.environment ?? recipe.environment;
	const rows = readKnobs({ method: recipe.name, cells, environment, knobs: {} });
	const command = parseWithKnobs(prepare(baseCommand(name, about)), argv, rows);
	const flags = command.opts<EvolveFlags & Record<string, unknown>>();
	const cache = readKvFlags(flags);
	const assigned = roles.flatMap((role) => {
		const player = flags[role];
		return player === undefined ? [] : [[role, player] as const];
	});
	return {
		flags,
		options: {
			method: recipe.name,
			...(cells.length > 0 && { cells }),
			environment,
			rounds: flags.rounds === undefined ? recipe.rounds : readNumber('rounds', flags.rounds),
			seed: readNumber('seed', flags.seed),
			knobs: knobsAmong(rows, flags),
			...(flags.name !== undefined && { name: flags.name }),
			...(flags.model !== undefined && { model: flags.model }),
			...(flags.alsoExamine !== undefined && { alsoExamine: flags.alsoExamine.split(',') }),
			...(cache && { cache }),
			...(assigned.length > 0 && { roles: Object.fromEntries(assigned) }),
		},
	};
}

const namesIn = (text = ''): readonly string[] =>
	text
		.split(',')
		.map((name) => name.trim())
		.filter((name) => name !== '');

/** Listener of all that a run says and writes. */
export interface Witness {
	heard(event: SessionEvent): void;
	/** A file of the store, before it is named by a commit. */
	wrote(name: string, bytes: Uint8Array): void;
}

const witnessed = (store: Store, witness: Witness): Store => ({
	...store,
	files: {
		...store.files,
		write: async (name, bytes) => {
			await store.files.write(name, bytes);
			witness.wrote(name, bytes);
		},
	},
});

/** Runs to the end; resolves with the exit code and the record. */
export async function startRun(
	flags: EvolveFlags,
	options: StartOptions,
	terminal: Terminal,
	witness?: Witness,
): Promise<{ readonly code: number; readonly run: RunRecord | null }> {
	const platform = await openNodePlatform({
		folder: flags.out,
		models: flags.models,
		threads: readThreads(flags.threads),
	});
	return runToEnd(
		{
			platform: witness ? { ...platform, store: witnessed(platform.store, witness) } : platform,
			terminal,
			json: flags.json ?? false,
			resumeWith: (id) => resumeLine(id, flags.out),
			...(witness && { listener: (event) => witness.heard(event) }),
		},
		(session) => session.start(options),
	);
}

export async function evolve(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const about = 'Lets a model evolve; without flags the default demo, to its end.';
	const { flags, options } = readEvolve('evolve', about, argv, prepare);
	return (await startRun(flags, options, terminal)).code;
}
