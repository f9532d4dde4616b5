/** @file `replay`: a stored run once more from its record, and whether it came out the same. */
import { Command } from 'commander';
import { SessionFailure } from '#base/failure.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { again } from '#runs/replay/again.ts';
import { fingerprintOf, sameRun } from '#runs/replay/same.ts';
import { samenessWords } from '#runs/replay/words.ts';
import { readThreads } from '../interruptible.ts';
import { runToEnd } from '../run-session.ts';
import { exitCodes, type Terminal } from '../terminal.ts';
import { resumeLine } from './resume.ts';

interface ReplayFlags {
	readonly out: string;
	readonly models?: string;
	readonly threads?: string;
	readonly json?: boolean;
}

export async function replay(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = prepare(new Command('replay'))
		.description(
			'Runs a stored run once more from its record, as a new run, and compares the two round by round, to the last bit; fails if they differ.',
		)
		.argument('<run>', 'id of the run; `runs` lists them')
		.option('--out <folder>', 'where runs are kept', 'runs')
		.option('--models <folder>', 'where the base models lie; default: public/models')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'JSON lines, also where a person watches')
		.parse([...argv], { from: 'user' });
	const [runId = ''] = command.args;
	const flags = command.opts<ReplayFlags>();
	const platform = await openNodePlatform({
		folder: flags.out,
		models: flags.models,
		threads: readThreads(flags.threads),
	});
	const before = await platform.store.run(runId);
	if (!before) {
		await platform.store.close();
		throw new SessionFailure(
			'no-such-run',
			`There is no run "${runId}"; \`runs\` lists those there are.`,
		);
	}
	const json = flags.json ?? false;
	const { code, run } = await runToEnd(
		{ platform, terminal, json, resumeWith: (id) => resumeLine(id, flags.out) },
		(session) => session.start(again(before)),
	);
	if (!run || code !== exitCodes.done) return code;
	const same = sameRun(before, run);
	const fingerprint = fingerprintOf(run);
	terminal.print(
		json || !terminal.live
			? JSON.stringify({ type: 'compared', with: before.id, ...same, fingerprint })
			: `${samenessWords(same, before.name)} Fingerprint ${fingerprint}.`,
	);
	return same.kind === 'equal' ? exitCodes.done : exitCodes.failed;
}
