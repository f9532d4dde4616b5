/** @file The session's events as JSON lines: the same objects the page draws, without weights and what repeats. */
import type { SessionEvent } from '#runs/session.ts';
import type { RunRecord } from '#storage/runs/store.ts';

/** The event as plain data; what it leaves out is in the store, and `export` brings it. */
export function lineOf(event: SessionEvent): string {
	switch (event.type) {
		case 'run':
			return JSON.stringify({ ...event, run: lightRun(event.run) });
		case 'committed':
			return JSON.stringify({
				...event,
				run: lightRun(event.run),
				rows: event.rows.map(({ payload: _payload, runId: _runId, ...row }) => row),
			});
		case 'opened':
		case 'status':
		case 'began':
		case 'progress':
		case 'failed':
			return JSON.stringify(event);
		default:
			return event satisfies never;
	}
}

/** Without the loop's state, and with the curve of the newest round only. */
function lightRun(run: RunRecord): Omit<RunRecord, 'state'> {
	const { state: _state, ...light } = run;
	const newest = run.curve.at(-1)?.t;
	return { ...light, curve: run.curve.filter((point) => point.t === newest) };
}
