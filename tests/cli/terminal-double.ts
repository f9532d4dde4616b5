/** @file A terminal that remembers, with a Ctrl-C key. */
import type { Terminal } from '#cli/terminal.ts';

export interface TerminalDouble extends Terminal {
	readonly out: string[];
	readonly err: string[];
	readonly written: string[];
	readonly drawn: (readonly string[])[];
	interrupt(): void;
	/** Called with every line printed. */
	onLine: (line: string) => void;
}

export function terminalDouble(live = false): TerminalDouble {
	const listeners = new Set<() => void>();
	const double: TerminalDouble = {
		out: [],
		err: [],
		written: [],
		drawn: [],
		onLine: () => undefined,
		print: (line) => {
			double.out.push(line);
			double.onLine(line);
		},
		write: (text) => void double.written.push(text),
		tell: (line) => void double.err.push(line),
		draw: (lines) => {
			double.drawn.push(lines);
			double.onLine(lines.join('\n'));
		},
		live,
		columns: 100,
		onInterrupt: (listener) => {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		interrupt: () => {
			for (const listener of listeners) listener();
		},
	};
	return double;
}
