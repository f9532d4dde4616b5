/** @file A run for a benchmark, in Node on one thread and kept in memory; and shares of right answers as people read them. */
import { wilson } from '#loop/interval.ts';
import type { ScoreCell } from '#loop/types.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { LocalSession } from '#runs/local-session.ts';
import type { StartOptions } from '#runs/session.ts';
import type { RunRecord } from '#storage/runs/store.ts';

export type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };
export type Keep = (figures: readonly Figure[]) => Promise<void>;

/** Of this process, its threads included, in seconds. */
export const processorSeconds = (): number => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1e6;
};

/**
 * Runs to the end, or until so many minutes of processor time are spent, which on one thread of a quiet machine are
 * minutes; what was finished by then counts.
 */
export async function runInMemory(
	options: StartOptions,
	mostMinutes = Infinity,
): Promise<RunRecord> {
	const session = new LocalSession(await openNodePlatform({ threads: 1 }));
	let last: RunRecord | undefined;
	const ended = new Promise<void>((resolve, reject) => {
		session.subscribe((event) => {
			if (event.type === 'committed') last = event.run;
			if (event.type === 'status' && ['finished', 'stopped'].includes(event.status)) resolve();
			if (event.type === 'failed') reject(new Error(event.error.message));
		});
	});
	await session.start(options);
	const began = processorSeconds();
	const timer = setInterval(() => {
		if (processorSeconds() - began <= mostMinutes * 60) return;
		clearInterval(timer);
		void session.stop();
	}, 1000);
	await ended;
	clearInterval(timer);
	await session.dispose();
	if (!last) throw new Error(`Nothing was finished in ${options.environment}.`);
	return last;
}

type Counted = Pick<ScoreCell, 'correct' | 'n'>;

export const sumOf = (cells: readonly Counted[]): Counted => ({
	correct: cells.reduce((sum, cell) => sum + cell.correct, 0),
	n: cells.reduce((sum, cell) => sum + cell.n, 0),
});

/** `12/200 = 6 % (3–10)`, the interval of 95 % after Wilson. */
export function inWords(cells: readonly Counted[]): string {
	const { correct, n } = sumOf(cells);
	const percent = (share: number): string => (100 * share).toFixed(0);
	const [low, high] = wilson(correct, n);
	return `${correct}/${n} = ${percent(correct / n)} % (${percent(low)}–${percent(high)})`;
}
