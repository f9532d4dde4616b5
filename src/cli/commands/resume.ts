/** @file `resume`: goes on with a stored run from its last finished step. */
import { Command } from 'commander';
import type { KnobRow } from '#runs/knob-rows.ts';
import { SessionFailure } from '#base/failure.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { isOfEnvironment, readKnobs } from '#runs/request.ts';
import { knobsAmong, parseFirst, parseWithKnobs, readNumber } from '../flags.ts';
import { readThreads } from '../interruptible.ts';
import { runToEnd } from '../run-session.ts';
import type { Terminal } from '../terminal.ts';

interface ResumeFlags {
	readonly rounds?: string;
	readonly out: string;
	readonly models?: string;
	readonly threads?: string;
	readonly json?: boolean;
}

/** The command line that goes on with a run. */
export const resumeLine = (runId: string, folder: string): string =>
	`npm run -s cli -- resume ${runId}${folder === 'runs' ? '' : ` --out ${folder}`}`;

const baseCommand = (): Command =>
	new Command('resume')
		.description(
			"Goes on with a run from its last finished step. Beside these flags, each knob of the run's method is one, as in evolve; `resume RUN --help` shows them as they stand.",
		)
		.argument('<run>', 'id of the run; `runs` lists them')
		.option('--rounds <number>', 'go on to this round')
		.option('--out <folder>', 'where runs are kept', 'runs')
		.option('--models <folder>', 'where the base models lie; default: public/models')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'JSON lines, also where a person watches');

export async function resume(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const first = parseFirst(prepare(baseCommand()), argv);
	const words = first.args.filter((word) => !word.startsWith('-'));
	// Nothing is opened if no word can name a run.
	const rows = words.length === 0 ? [] : await knobsOf(words, first.opts<ResumeFlags>().out);
	const command = parseWithKnobs(prepare(baseCommand()), argv, rows);
	const [runId = ''] = command.args;
	const flags = command.opts<ResumeFlags & Record<string, unknown>>();
	const rounds = flags.rounds === undefined ? undefined : readNumber('rounds', flags.rounds);
	const platform = await openNodePlatform({
		folder: flags.out,
		models: flags.models,
		threads: readThreads(flags.threads),
	});
	const { code } = await runToEnd(
		{
			platform,
			terminal,
			json: flags.json ?? false,
			resumeWith: (id) => resumeLine(id, flags.out),
		},
		async (session) => {
			await session.resume(runId, {
				knobs: knobsAmong(rows, flags),
				...(rounds !== undefined && { rounds }),
			});
			return runId;
		},
	);
	return code;
}

/** Knobs of the stored run that one of these words names, at their present values; the values of knobs are words too. */
async function knobsOf(words: readonly string[], folder: string): Promise<readonly KnobRow[]> {
	const { store } = await openNodePlatform({ folder, readOnly: true });
	try {
		for (const word of words) {
			const run = await store.run(word);
			if (!run) continue;
			return readKnobs(run.recipe)
				.filter((row) => !isOfEnvironment(row))
				.map((row) => ({ ...row, preset: row.value }));
		}
	} finally {
		await store.close();
	}
	throw new SessionFailure(
		'no-such-run',
		`There is no run "${words[0] ?? ''}"; \`runs\` lists those there are.`,
	);
}
