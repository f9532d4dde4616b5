/** @file Terminal interface of the commands, so that tests can pass their own. */

/** Exit codes: 0 done, 1 failed, 2 asked wrongly, 130 stopped by Ctrl-C. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export interface Terminal {
	/** Standard output, a line at a time. */
	print(line: string): void;
	/** Standard output, without ending the line. */
	write(text: string): void;
	/** Standard error: what is not the result. */
	tell(line: string): void;
	/** Draws these lines over those drawn before; only if `live`. */
	draw(lines: readonly string[]): void;
	/** A person watches: tables instead of JSON lines. */
	readonly live: boolean;
	readonly columns: number;
	/** Calls back at each Ctrl-C (SIGINT) or SIGTERM; returns how to stop listening. */
	onInterrupt(listener: () => void): () => void;
}

/** Wrong arguments; the message is one sentence that names what is allowed. */
export class UsageError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'UsageError';
	}
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
	const { stdout, stderr } = process;
	// A reader that closes early (`| head`) is no failure.
	stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code !== 'EPIPE') throw error;
	});
	let drawn = 0;
	return {
		print: (line) => void stdout.write(`${line}\n`),
		write: (text) => void stdout.write(text),
		tell: (line) => void stderr.write(`${line}\n`),
		draw: (lines) => {
			// Up to the first line drawn before, then clear to the end of the screen.
			const up = drawn > 0 ? `\u001b[${drawn}A\r` : '';
			stdout.write(`${up}\u001b[J${lines.join('\n')}\n`);
			drawn = lines.length;
		},
		live: stdout.isTTY,
		columns: stdout.isTTY ? stdout.columns : 100,
		onInterrupt: (listener) => {
			process.on('SIGINT', listener).on('SIGTERM', listener);
			return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
		},
	};
}
