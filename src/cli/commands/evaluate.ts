/** @file `evaluate`: held-out accuracy of a base model or of a stored run's policy. */
import { Command } from 'commander';
import { methods } from '#methods/registry.ts';
import { examinePolicy } from '#session/examination.ts';
import { SessionFailure } from '#session/failure.ts';
import { openNodePlatform } from '#session/open-node.ts';
import { readKnobs } from '#session/request.ts';
import type { RunRecord, Store } from '#storage/store.ts';
import { addKnobFlags, knobsAmong, readNumber, withKebabFlags } from '../flags.ts';
import { interruptible } from '../interruptible.ts';
import { exitCodes, UsageError, type Terminal } from '../terminal.ts';

interface EvaluateFlags {
	readonly environment: string;
	readonly from?: string;
	readonly to?: string;
	readonly items: string;
	readonly seed?: string;
	readonly out: string;
	readonly models?: string;
	readonly threads?: string;
	readonly json?: boolean;
}

const baseCommand = (): Command =>
	new Command('evaluate')
		.description('Asks held-out problems: of a run, or of the base model.')
		.argument('[run]', 'id of a run; without it the base model of the environment')
		.option('--environment <name>', 'environment of the base model', 'addition')
		.option('--from <number>', 'easiest difficulty')
		.option('--to <number>', 'hardest difficulty')
		.option('--items <number>', 'problems of each difficulty and kind', '200')
		.option('--seed <number>', 'which problems; default: those of the run, or 1')
		.option('--out <folder>', 'where runs are kept', 'runs')
		.option('--models <folder>', 'where the base models lie; default: public/models')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'one JSON object');

export async function evaluate(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const first = prepare(baseCommand())
		.allowUnknownOption()
		.allowExcessArguments()
		.helpOption(false)
		.parse([...argv], { from: 'user' });
	const asked = first.opts<EvaluateFlags>().environment;
	const method = methods.find((recipe) => recipe.environments.includes(asked))?.name ?? '';
	const rows = readKnobs({
		method: method || (methods[0]?.name ?? ''),
		environment: asked,
		knobs: {},
	}).filter((row) => row.readBy.some((reader) => reader.startsWith('environments/')));
	const command = prepare(baseCommand());
	addKnobFlags(command, rows);
	command.parse(withKebabFlags(argv, rows), { from: 'user' });
	const flags = command.opts<EvaluateFlags & Record<string, unknown>>();
	const [runId] = command.args;
	const number = (flag: 'from' | 'to' | 'seed' | 'threads'): number | undefined =>
		flags[flag] === undefined ? undefined : readNumber(flag, flags[flag]);
	const items = readNumber('items', flags.items);
	if (!Number.isInteger(items) || items < 1 || items > 100_000)
		throw new UsageError(`--items must be a whole number from 1 to 100000; got "${flags.items}".`);

	const folder = runId === undefined ? undefined : flags.out;
	const platform = await openNodePlatform({
		folder,
		models: flags.models,
		threads: number('threads'),
	});
	return interruptible(terminal, async (signal) => {
		try {
			const run = runId === undefined ? null : await findRun(platform.store, runId);
			const knobs = knobsAmong(rows, flags);
			const seed = number('seed') ?? run?.recipe.seed ?? 1;
			const { policy, cells } = await examinePolicy(platform, {
				run,
				recipe: run
					? { ...run.recipe, seed }
					: { method, environment: asked, seed, rounds: 1, knobs },
				from: number('from'),
				to: number('to'),
				count: items,
				signal,
				report: (progress) => {
					if (progress.kind !== 'examined' || flags.json) return;
					const { difficulty, stratum, correct, n } = progress.cell;
					const percent = ((100 * correct) / n).toFixed(1).padStart(5);
					terminal.print(
						`difficulty ${String(difficulty).padStart(2)}  ${stratum.padEnd(8)}  ${percent} %  (${correct}/${n})`,
					);
				},
			});
			if (flags.json) terminal.print(JSON.stringify({ type: 'evaluation', policy, seed, cells }));
			else terminal.print(`policy ${policy}`);
			return exitCodes.done;
		} finally {
			await platform.store.close();
		}
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
