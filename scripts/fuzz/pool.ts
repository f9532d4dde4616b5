/** @file Child processes that read inputs, each with a limit of time and memory; one that fails is replaced. */
import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Answer, Question } from './outcome.ts';

export interface Limits {
	/** ms of one input. */
	readonly time: number;
	/** Resident bytes. */
	readonly memory: number;
}

export interface FuzzPool {
	ask(question: Question): Promise<Answer>;
	close(): void;
}

/** One child process; questions come one at a time. */
export function openChild(limits: Limits): FuzzPool {
	let child: ChildProcess | undefined;
	const start = (): ChildProcess =>
		fork(fileURLToPath(new URL('child.ts', import.meta.url)), {
			execArgv: ['--import', 'tsx', `--max-old-space-size=${limits.memory >> 20}`],
			stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
		});
	return {
		ask: (question) =>
			new Promise((resolve) => {
				const process = (child ??= start());
				const finish = (answer: Answer, isDead: boolean): void => {
					clearTimeout(timer);
					clearInterval(watch);
					process.removeAllListeners();
					if (isDead) {
						process.kill('SIGKILL');
						child = undefined;
					}
					resolve(answer);
				};
				const timer = setTimeout(() => {
					finish({ kind: 'hang', message: `more than ${limits.time} ms` }, true);
				}, limits.time);
				const watch = setInterval(() => {
					void residentBytes(process.pid).then((bytes) => {
						if (bytes > limits.memory && child === process)
							finish({ kind: 'memory', message: `${bytes >> 20} MB` }, true);
					});
				}, 50);
				process.on('message', (answer: Answer) => {
					finish(answer, false);
				});
				process.on('exit', (code, signal) => {
					finish({ kind: 'crash', message: `exit ${String(code ?? signal)}` }, true);
				});
				process.send(question);
			}),
		close: () => {
			child?.kill('SIGKILL');
			child = undefined;
		},
	};
}

/** Resident memory of a process where the system tells it; 0 elsewhere, where the heap's limit must do. */
async function residentBytes(pid: number | undefined): Promise<number> {
	try {
		const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
		return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
	} catch {
		return 0;
	}
}
