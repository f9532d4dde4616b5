/** @file Processes of the terminal, killed in the middle of a run and sent on from its last finished step. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { derive, random } from '#base/random.ts';
import { runCommand } from '#cli/run-command.ts';
import { terminalDouble } from '../cli/terminal-double.ts';

/** Enough rounds that several kills find the run under way. */
const flags = [
	...['--rounds', '4', '--seed', '7', '--threads', '1', '--agreement', 'off', '--problems', '24'],
	...['--views', '2', '--steps', '3', '--batch', '16', '--rank', '2', '--examined', '10'],
	...['--min-kept', '4', '--replay-problems', '4'],
];
/** Kills of one run; those that are left when it has ended hit the next one. */
const perRun = 10;

type Line = Readonly<Record<string, unknown>>;

export interface TerminalKills {
	/** The last line of a calm run, without its time. */
	readonly whole: Line;
	/** The same of each run that was killed. */
	readonly ends: readonly Line[];
	/** Kills that found the process at work. */
	readonly underWay: number;
}

/** Kills as many processes as told, at moments drawn by the seed. */
export async function killTerminals(kills: number, seed: number): Promise<TerminalKills> {
	const folder = await mkdtemp(join(tmpdir(), 'evolvarium-kills-'));
	const at = (name: string): readonly string[] => ['--out', join(folder, name), '--json'];
	const draw = random(derive(seed, 'terminal kills'));
	try {
		const whole = await inProcess('evolve', ...flags, ...at('calm'));
		const ends: Line[] = [];
		let underWay = 0;
		for (let killed = 0; killed < kills;) {
			const out = at(String(ends.length));
			const most = Math.min(kills, killed + perRun);
			let id: string | undefined;
			let isOver = false;
			while (killed < most && !isOver) {
				const command = id === undefined ? ['evolve', ...flags] : ['resume', id, '--threads', '1'];
				isOver = await endsBefore(100 + draw.next() * 1200, [...command, ...out]);
				if (!isOver) underWay++;
				killed++;
				id ??= await firstRun(out);
			}
			ends.push(
				id === undefined
					? await inProcess('evolve', ...flags, ...out)
					: await inProcess('resume', id, '--threads', '1', ...out),
			);
		}
		return { whole, ends, underWay };
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Starts a command and kills it so many ms after its first line; true if it ended by itself before. */
async function endsBefore(ms: number, argv: readonly string[]): Promise<boolean> {
	const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...argv], {
		cwd: root,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	child.stdout.once('data', () => {
		child.stdout.resume();
		setTimeout(() => child.kill('SIGKILL'), ms);
	});
	const [code] = (await once(child, 'close')) as [number | null];
	if (code !== null && code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}`);
	return code === 0;
}

/** The last line of a command that runs in this process. */
async function inProcess(...argv: readonly string[]): Promise<Line> {
	const terminal = terminalDouble();
	const code = await runCommand(argv, terminal);
	if (code !== 0) throw new Error(terminal.err.join('\n'));
	const line = JSON.parse(terminal.out.at(-1) ?? 'null') as Line;
	return { ...line, seconds: 0 };
}

/** Id of the run that is there, if one is. */
async function firstRun(out: readonly string[]): Promise<string | undefined> {
	const terminal = terminalDouble();
	await runCommand(['runs', ...out], terminal);
	const [line] = terminal.out;
	return line === undefined ? undefined : (JSON.parse(line) as { readonly id: string }).id;
}
