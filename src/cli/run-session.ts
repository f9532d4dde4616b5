/** @file Takes a run to its end in the terminal: prints its events, and stops it cleanly at Ctrl-C. */
import { describeError } from '#runs/describe-error.ts';
import { LocalSession } from '#runs/local-session.ts';
import type { Platform } from '#platform/platform.ts';
import type { Session, SessionEvent } from '#runs/session.ts';
import { costWords } from '#runs/measure/cost-words.ts';
import { elsewhereWords } from '#runs/measure/elsewhere.ts';
import { outcomeWords } from '#runs/measure/outcome.ts';
import { summarise } from '#runs/measure/summary.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { draw, emptyBoard, fold } from './board.ts';
import { lineOf } from './json-lines.ts';
import { exitCodes, type Terminal } from './terminal.ts';

export interface RunOptions {
	readonly platform: Platform;
	readonly terminal: Terminal;
	readonly json: boolean;
	/** Command line that goes on with a stopped run. */
	resumeWith(runId: string): string;
	/** Listener of every event, besides the terminal. */
	readonly listener?: (event: SessionEvent) => void;
}

/** Shortest time between two drawings, milliseconds. */
const drawEveryMs = 120;

/** Starts or resumes a run and waits for its end; resolves with the exit code and the record. */
export async function runToEnd(
	options: RunOptions,
	begin: (session: Session) => Promise<string>,
): Promise<{ readonly code: number; readonly run: RunRecord | null }> {
	const { platform, terminal } = options;
	const session = new LocalSession(platform);
	const show = options.json || !terminal.live ? showLines(terminal) : showBoard(terminal);
	const interrupt = new AbortController();
	const ended = new Promise<void>((resolve) => {
		session.subscribe((event) => {
			show(event);
			options.listener?.(event);
			if (event.type === 'failed') terminal.tell(event.error.message);
			if (event.type === 'status' && ['finished', 'stopped', 'failed'].includes(event.status))
				resolve();
		});
	});
	const begun = begin(session);
	const quiet = terminal.onInterrupt(() => {
		if (interrupt.signal.aborted) return;
		interrupt.abort();
		terminal.tell('Stopping; the finished steps are written …');
		// Not before the run is there to be stopped.
		begun
			.then(() => session.stop())
			.catch((error: unknown) => terminal.tell(describeError(error).message));
	});
	try {
		const runId = await begun;
		await ended;
		const run = (await platform.store.run(runId)) ?? null;
		if (run) report(run, options);
		const code = interrupt.signal.aborted
			? exitCodes.interrupted
			: run?.status === 'finished'
				? exitCodes.done
				: exitCodes.failed;
		return { code, run };
	} finally {
		quiet();
		await session.dispose();
	}
}

function report(run: RunRecord, { terminal, json, resumeWith }: RunOptions): void {
	const summary = summarise(run);
	if (run.status !== 'finished') terminal.tell(`Go on with: ${resumeWith(run.id)}`);
	if (json || !terminal.live) {
		terminal.print(JSON.stringify(summary));
		return;
	}
	const { frontierBefore, frontierAfter, outcome, seconds } = summary;
	const elsewhere = (summary.elsewhere ?? []).map((one) => `\nelsewhere: ${elsewhereWords(one)}`);
	const findings = (summary.findings ?? []).map((one) => `\n${one}`);
	const cost = run.cost ? `\n${costWords(run.cost)}` : '';
	terminal.print(
		`\n${run.status}: frontier ${frontierBefore ?? '?'} → ${frontierAfter ?? '?'} in ${seconds} s; run ${run.id}${outcome ? `\noutcome: ${outcomeWords(outcome)}` : ''}${elsewhere.join('')}${findings.join('')}${cost}`,
	);
}

const showLines =
	(terminal: Terminal) =>
	(event: SessionEvent): void =>
		terminal.print(lineOf(event));

function showBoard(terminal: Terminal): (event: SessionEvent) => void {
	let board = emptyBoard;
	let drawnMs = -Infinity;
	return (event) => {
		board = fold(board, event);
		const now = performance.now();
		if (event.type === 'progress' && now - drawnMs < drawEveryMs) return;
		drawnMs = now;
		terminal.draw(draw(board, terminal.columns));
	};
}
