/** @file Reads which command is meant, runs it, and turns every error into one sentence and an exit code. */
import { Command, CommanderError } from 'commander';
import { EnvironmentError } from '#environments/registry.ts';
import { RecipeError } from '#methods/parts/method.ts';
import { describeError } from '#runs/describe-error.ts';
import { nearest } from '#base/nearest.ts';
import { SessionFailure } from '#base/failure.ts';
import { auditCommand } from './commands/own-text/audit.ts';
import { chat } from './commands/chat.ts';
import { dataset } from './commands/own-text/dataset.ts';
import { evaluate } from './commands/evaluate.ts';
import { evolve } from './commands/evolve.ts';
import { examine } from './commands/own-text/examine.ts';
import { exportAny, importRun } from './commands/export.ts';
import { forget } from './commands/own-text/forget.ts';
import { handover } from './commands/own-text/handover.ts';
import { list } from './commands/list.ts';
import { models } from './commands/models.ts';
import { record } from './commands/record.ts';
import { replay } from './commands/replay.ts';
import { resume } from './commands/resume.ts';
import { runs } from './commands/runs.ts';
import { storage } from './commands/storage.ts';
import { tune } from './commands/own-text/tune.ts';
import { exitCodes, UsageError, type Terminal } from './terminal.ts';

type Run = (
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
) => number | Promise<number>;

const commands: Readonly<Record<string, Run>> = {
	evolve,
	list,
	evaluate,
	export: exportAny,
	import: importRun,
	resume,
	replay,
	runs,
	storage,
	record,
	chat,
	dataset,
	tune,
	audit: auditCommand,
	examine,
	forget,
	handover,
	models,
};

/** Runs one command; never throws, never ends the process. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
	const [name = '', ...rest] = argv;
	try {
		if (['', 'help', '--help', '-h'].includes(name)) {
			terminal.print(`Commands: ${Object.keys(commands).join(', ')}; each takes --help.`);
			return name === '' ? exitCodes.usage : exitCodes.done;
		}
		const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
		if (!run)
			throw new UsageError(
				`Command must be one of ${Object.keys(commands).join(', ')}; got "${name}".`,
			);
		return await run(rest, terminal, (command) => quiet(command, terminal));
	} catch (error) {
		return failed(error, terminal);
	}
}

/** Commander throws instead of ending the process, and writes help only. */
const quiet = (command: Command, terminal: Terminal): Command =>
	command
		.exitOverride((error) => {
			throw error.code === 'commander.unknownOption' ? unknownFlag(command, error) : error;
		})
		.configureOutput({
			writeOut: (text) => terminal.print(text.trimEnd()),
			writeErr: () => undefined,
			getOutHelpWidth: () => terminal.columns,
		});

/** More flags than these are not named in one sentence. */
const fewFlags = 8;

function unknownFlag(command: Command, error: CommanderError): UsageError {
	const [, flag = ''] = /'([^']*)'/.exec(error.message) ?? [];
	const flags = [...command.options.map((option) => option.long ?? option.flags), '--help'];
	if (flags.length <= fewFlags)
		return new UsageError(`${command.name()} has the flags ${flags.join(', ')}; got "${flag}".`);
	const meant = nearest(flags, flag);
	return new UsageError(
		`${command.name()} has no flag "${flag}"; ${meant === undefined ? '' : `did you mean ${meant}? `}--help names all of them.`,
	);
}

function failed(error: unknown, terminal: Terminal): number {
	if (error instanceof CommanderError) {
		if (error.exitCode === 0) return exitCodes.done;
		terminal.tell(`${error.message.replace(/^error: /, '').replace(/\.?$/, '')}.`);
		return exitCodes.usage;
	}
	const asked =
		error instanceof UsageError ||
		error instanceof RecipeError ||
		error instanceof EnvironmentError ||
		(error instanceof SessionFailure &&
			(error.code === 'bad-request' || error.code === 'no-such-run'));
	if (asked) {
		terminal.tell(error.message);
		return exitCodes.usage;
	}
	terminal.tell(describeError(error).message);
	return exitCodes.failed;
}
