/**
 * @file A sandbox on a thread of its own, which is ended when a program takes longer than it may, and started anew for the
 * next: steps are counted inside, so this happens only where something is broken.
 */
import type { Program, Ran, Sandbox } from '#environments/programs/sandbox.ts';

export interface Question {
	readonly id: number;
	readonly program: Program;
}
export interface Answer {
	readonly id: number;
	readonly ran: Ran;
}

/** A thread that answers each question once. */
export interface Thread {
	ask(question: Question): void;
	end(): void;
}

/** Starts a thread; whatever it says, or why it has died, is told to the listeners. */
export type StartThread = (heard: {
	answer(answer: Answer): void;
	died(reason: string): void;
}) => Thread;

/** Milliseconds for one program, the start of a thread included. */
const longest = 20_000;

/** A sandbox whose thread is started when the first program comes. */
export function sandboxOn(start: StartThread, mostMs = longest): Sandbox & { close(): void } {
	let thread: Thread | undefined;
	let ids = 0;
	const waiting = new Map<number, (ran: Ran) => void>();
	/** One program at a time, so that none waits on the time of another. */
	let queue: Promise<unknown> = Promise.resolve();
	const lose = (reason: string): void => {
		thread?.end();
		thread = undefined;
		for (const [id, tell] of [...waiting]) {
			waiting.delete(id);
			tell({ kind: 'lost', reason });
		}
	};
	const ask = (program: Program): Promise<Ran> =>
		new Promise((resolve) => {
			const id = ids++;
			const timer = setTimeout(() => {
				lose('the program took too long');
			}, mostMs);
			waiting.set(id, (ran) => {
				clearTimeout(timer);
				resolve(ran);
			});
			try {
				thread ??= start({
					answer: (answer) => {
						const tell = waiting.get(answer.id);
						waiting.delete(answer.id);
						tell?.(answer.ran);
					},
					died: lose,
				});
				thread.ask({ id, program });
			} catch (error) {
				lose(error instanceof Error ? error.message : String(error));
			}
		});
	return {
		async run(program, signal) {
			const turn = queue.then(() => {
				signal?.throwIfAborted();
				return ask(program);
			});
			queue = turn.catch(() => undefined);
			return turn;
		},
		close: () => {
			lose('the sandbox was closed');
		},
	};
}
