/** @file `evaluate`: held-out accuracy of a base model, of a stored run's policy, or of a model on disk and its adapter. */
import { Command } from 'commander';
import { wilson } from '#loop/interval.ts';
import { environments } from '#environments/registry.ts';
import type { Recipe } from '#methods/parts/method.ts';
import { methods } from '#methods/registry.ts';
import { environmentsFor } from '#runs/join.ts';
import { examinePolicies, type Examination } from '#runs/measure/examination.ts';
import { SessionFailure } from '#base/failure.ts';
import { readAdapterFolder } from '#platform/node-files.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { isOfEnvironment, openEnvironmentOf, readKnobs } from '#runs/request.ts';
import type { RunRecord, Store } from '#storage/runs/store.ts';
import {
	flagOf,
	knobsAmong,
	parseFirst,
	parseWithKnobs,
	readNumber,
	readSeed,
	readWhole,
} from '../flags.ts';
import { interruptible, readThreads } from '../interruptible.ts';
import { exitCodes, UsageError, type Terminal } from '../terminal.ts';

interface EvaluateFlags {
	readonly environment: string;
	readonly model?: string;
	readonly adapter?: string;
	readonly from?: string;
	readonly to?: string;
	readonly items?: string;
	readonly seed?: string;
	readonly out: string;
	readonly models?: string;
	readonly threads?: string;
	readonly json?: boolean;
}

const baseCommand = (): Command =>
	new Command('evaluate')
		.description('Asks held-out problems: of a run, of the base model, or of a model on disk.')
		.argument('[run]', 'id of a run; without it the base model of the environment')
		.option('--environment <name>', 'environment of the base model; a run has its own', 'addition')
		.option(
			'--model <path>',
			'examine this model instead: a .gguf file, a folder, or the name of a fetched model; real models are for --environment instructions',
		)
		.option(
			'--adapter <folder>',
			'with --model: a LoRA, as PEFT writes it; examined after the base, on the same problems',
		)
		.option('--from <number>', 'easiest difficulty')
		.option('--to <number>', 'hardest difficulty')
		.option(
			'--items <number>',
			'problems of each difficulty and kind; default: 200, in English 20, which take longer',
		)
		.option('--seed <number>', 'which problems; default: those of the run, or 1')
		.option('--out <folder>', 'where runs are kept', 'runs')
		.option('--models <folder>', 'where the base models lie; default: public/models')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'one JSON object');

const fits = (recipe: Recipe, name: string): boolean =>
	environmentsFor(recipe, Object.values(environments)).some((one) => one.name === name);

export async function evaluate(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const first = parseFirst(prepare(baseCommand()), argv);
	const asked = first.opts<EvaluateFlags>().environment;
	const method = methods.find((recipe) => fits(recipe, asked))?.name ?? '';
	const rows = readKnobs({
		method: method || (methods[0]?.name ?? ''),
		environment: asked,
		knobs: {},
	}).filter(isOfEnvironment);
	const command = parseWithKnobs(prepare(baseCommand()), argv, rows);
	const flags = command.opts<EvaluateFlags & Record<string, unknown>>();
	const [runId] = command.args;
	const difficulty = (flag: 'from' | 'to'): number | undefined =>
		flags[flag] === undefined ? undefined : readNumber(flag, flags[flag]);
	const [from, to] = [difficulty('from'), difficulty('to')];
	const items = flags.items === undefined ? null : readWhole('items', flags.items, 1, 100_000);
	const askedSeed = flags.seed === undefined ? undefined : readSeed(flags.seed);
	const knobs = knobsAmong(rows, flags);
	const { model, adapter } = flags;
	if (runId !== undefined && model !== undefined)
		throw new UsageError(`Name a run or a model, not both; got "${runId}" and "${model}".`);
	if (adapter !== undefined && model === undefined)
		throw new UsageError('--adapter belongs to a model; name the model with --model.');
	if (runId !== undefined) {
		const ofRun = [
			...(command.getOptionValueSource('environment') === 'cli' ? ['environment'] : []),
			...Object.keys(knobs).map(flagOf),
		];
		if (ofRun.length > 0)
			throw new UsageError(
				`A run is examined in its own environment, with its own knobs; leave out ${ofRun.map((flag) => `--${flag}`).join(', ')}.`,
			);
	}
	const threads = readThreads(flags.threads);

	const folder = runId === undefined ? undefined : flags.out;
	const platform = await openNodePlatform({
		folder,
		models: flags.models,
		threads,
		readOnly: true,
	});
	return interruptible(terminal, async (signal) => {
		try {
			const run = runId === undefined ? null : await findRun(platform.store, runId);
			const seed = askedSeed ?? run?.recipe.seed ?? 1;
			const ofModel = model === undefined ? {} : { model };
			const recipe = run
				? { ...run.recipe, seed }
				: { method, environment: asked, seed, rounds: 1, knobs, ...ofModel };
			const environment = openEnvironmentOf(run ? run.recipe : asked);
			let shown = '';
			const found = await examinePolicies(platform, {
				run,
				recipe,
				...(adapter !== undefined && {
					beside: {
						name: adapter,
						read: (spec) => readAdapterFolder(adapter, spec, signal),
					},
				}),
				from,
				to,
				count: items ?? (environment.chat ? 20 : 200),
				signal,
				report: (progress, policy) => {
					if (progress.kind !== 'examined' || flags.json) return;
					if (adapter !== undefined && policy !== shown) terminal.print(`policy ${policy}`);
					shown = policy;
					const { difficulty, stratum, correct, n } = progress.cell;
					terminal.print(
						`difficulty ${String(difficulty).padStart(2)}  ${stratum.padEnd(8)}  ${inWords(correct, n)}`,
					);
				},
			});
			if (flags.json) terminal.print(lineOf(seed, found));
			else
				for (const one of found) {
					const { correct, n } = totalOf(one);
					terminal.print(`policy ${one.policy}: ${inWords(correct, n)}, seed ${seed}`);
				}
			return exitCodes.done;
		} finally {
			await platform.store.close();
		}
	});
}

const totalOf = ({ cells }: Examination) => {
	const sum = (part: 'correct' | 'n') => cells.reduce((total, cell) => total + cell[part], 0);
	return { correct: sum('correct'), n: sum('n') };
};

/** A cell or a total with the 95 % interval of its share. */
const withInterval = <T extends { readonly correct: number; readonly n: number }>(counted: T) => ({
	...counted,
	interval: wilson(counted.correct, counted.n),
});

function inWords(correct: number, n: number): string {
	const percent = (share: number) => (100 * share).toFixed(1);
	const [low, high] = wilson(correct, n);
	const share = percent(n === 0 ? 0 : correct / n).padStart(5);
	return `${share} %  (${correct}/${n}; 95 %: ${percent(low)} to ${percent(high)})`;
}

const entryOf = (one: Examination) => ({
	policy: one.policy,
	...withInterval(totalOf(one)),
	cells: one.cells.map(withInterval),
});

/** Columns, the evolved policy first; with an adapter the base stands beside it. */
function lineOf(seed: number, found: readonly Examination[]): string {
	const entries = found.map(entryOf);
	const [base] = entries;
	return JSON.stringify({
		type: 'evaluation',
		seed,
		...entries.at(-1),
		...(entries.length > 1 && { base }),
	});
}

async function findRun(store: Store, runId: string): Promise<RunRecord> {
	const run = await store.run(runId);
	if (run) return run;
	throw new SessionFailure(
		'no-such-run',
		`There is no run "${runId}"; \`runs\` lists those there are.`,
	);
}
