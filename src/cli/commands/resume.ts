/** @file `resume`: goes on with a stored run from its last finished step. */
import { Command } from 'commander';
import { openNodePlatform } from '#session/open-node.ts';
import { readNumber } from '../flags.ts';
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

export async function resume(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = prepare(new Command('resume'))
		.description('Goes on with a run from its last finished step.')
		.argument('<run>', 'id of the run; `runs` lists them')
		.option('--rounds <number>', 'go on to this round')
		.option('--out <folder>', 'where runs are kept', 'runs')
		.option('--models <folder>', 'where the base models lie; default: public/models')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'JSON lines, also where a person watches')
		.parse([...argv], { from: 'user' });
	const [runId = ''] = command.args;
	const flags = command.opts<ResumeFlags>();
	const rounds = flags.rounds === undefined ? undefined : readNumber('rounds', flags.rounds);
	const platform = await openNodePlatform({
		folder: flags.out,
		models: flags.models,
		threads: flags.threads === undefined ? undefined : readNumber('threads', flags.threads),
	});
	const { code } = await runToEnd(
		{
			platform,
			terminal,
			json: flags.json ?? false,
			resumeWith: (id) => resumeLine(id, flags.out),
		},
		async (session) => {
			await session.resume(runId, { ...(rounds !== undefined && { rounds }) });
			return runId;
		},
	);
	return code;
}
