/**
 * @file Course of what is presented: its ending after a chosen time or with the run, and the unattended loop, which begins
 * again with the recorded run or with a live run of the next seed.
 */
import { runLimits } from '#base/limits.ts';
import type { App } from '../../state/app.svelte.ts';
import { readWaitingRun } from '../../state/kept/waiting-run.ts';
import { recordingOf } from '../../state/replay.svelte.ts';
import type { Mode } from './mode.ts';

/** Minutes after which a turn of the loop ends whatever happens: a run that hangs must not stop a stand. */
const longestMinutes = 15;
/** Milliseconds between two tries to begin a run, and how often it is tried. */
const retryMs = 2000;
const mostTries = 60;

export class Show {
	readonly app: App;
	/** The summary is shown in place of ring and map. */
	ending = $state(false);
	/** Plays by itself, again and again. */
	loops = $state(false);
	/** Minutes until the ending; null is the end of the run. */
	minutes = $state<number | null>(null);
	/** Each turn of the loop is a live run with the next seed. */
	readonly isLive: boolean;
	/** Turns of the loop so far. */
	turns = $state(0);
	/** Seconds for which the loop shows the ending. */
	readonly #seconds: number;
	#endTimer: ReturnType<typeof setTimeout> | undefined;
	#nextTimer: ReturnType<typeof setTimeout> | undefined;
	/** Run that this loop began: deleted when the next one has begun. */
	#ownRun: string | undefined;
	#isDisposed = false;
	#tries = 0;

	constructor(app: App, mode: Mode) {
		this.app = app;
		this.minutes = mode.minutes;
		this.isLive = mode.isLive;
		this.#seconds = mode.seconds;
		this.loops = mode.loops;
	}

	/** Nothing more will happen in the run that is shown. */
	readonly isOver = $derived.by(() => {
		const { world, replay } = this.app;
		if (world.source === 'recorded') return replay.state === 'ended';
		return world.source === 'live' && ['finished', 'stopped', 'failed'].includes(world.status);
	});
	/** Two examinations are there to be compared. */
	readonly hasEnding = $derived.by(() => this.app.world.scores.length > 0);

	/** Sets the clock of the ending anew: for a run or a recording that begins now. */
	arm(): void {
		clearTimeout(this.#endTimer);
		const minutes = this.minutes ?? (this.loops ? longestMinutes : null);
		if (minutes === null || this.#isDisposed) return;
		this.#endTimer = setTimeout(() => this.end(), minutes * 60_000);
	}

	/** Shows the ending; the run waits meanwhile, and in the loop the next turn follows. */
	end(): void {
		clearTimeout(this.#endTimer);
		this.ending = true;
		if (!this.isOver) this.#wait();
		if (this.loops) this.#soon(this.#seconds * 1000);
	}

	/** Back from the ending to the run. */
	resume(): void {
		this.ending = false;
		const { app } = this;
		if (app.world.source === 'recorded') app.replay.resume();
	}

	/** Begins the loop, with a live run at once if it is one of those. */
	startLoop(): void {
		this.loops = true;
		if (this.isLive) void this.next();
		else if (this.isOver) this.end();
		else this.arm();
	}

	/** A visitor takes over. */
	stopLoop(): void {
		this.loops = false;
		this.ending = false;
		clearTimeout(this.#nextTimer);
		this.arm();
	}

	/** Plays again from the beginning: the recorded run, which is fetched if it is not there. */
	async again(): Promise<void> {
		const { replay } = this.app;
		this.ending = false;
		if (replay.recording) replay.again();
		else await replay.load(recordingOf('default'));
		this.arm();
	}

	/** A talk's direction to the recorded run; a live one goes its own way. */
	direct(does: 'begin' | 'hold' | 'play'): void {
		const { world, replay } = this.app;
		if (world.source === 'live') return;
		if (does === 'begin') void this.again().then(() => replay.pause());
		else if (does === 'hold') replay.pause();
		else replay.resume();
	}

	/** The next turn of the loop. */
	async next(): Promise<void> {
		if (!this.loops || this.#isDisposed) return;
		this.turns++;
		if (!this.isLive || !(await this.#runNext())) await this.again();
	}

	dispose(): void {
		this.#isDisposed = true;
		clearTimeout(this.#endTimer);
		clearTimeout(this.#nextTimer);
	}

	#wait(): void {
		const { app } = this;
		if (app.world.source === 'recorded') app.replay.pause();
		else if (this.loops) void app.stop();
		else if (app.can.pause) void app.pause();
	}

	#soon(ms: number): void {
		clearTimeout(this.#nextTimer);
		this.#nextTimer = setTimeout(() => void this.next(), ms);
	}

	/** Begins a live run with the next seed; false if it did not begin, so that the recorded run is shown. */
	async #runNext(): Promise<boolean> {
		const { app } = this;
		if (app.can.stop && this.#tries < mostTries) {
			// The last step of the run before is not over.
			this.#tries++;
			this.turns--;
			this.#soon(retryMs);
			return true;
		}
		this.#tries = 0;
		if (!app.can.evolve) return false;
		const before = this.#ownRun;
		this.#ownRun = undefined;
		const { seed } = app.setup.asked;
		if (this.turns > 1) app.setup.change({ seed: seed < runLimits.seed.to ? seed + 1 : 1 });
		await app.evolve();
		if (app.error !== null) return false;
		this.ending = false;
		this.#ownRun = readWaitingRun() ?? undefined;
		if (before !== undefined && before !== this.#ownRun) await this.#forget(before);
		this.arm();
		return true;
	}

	/** Hours of runs would fill the disk. */
	async #forget(runId: string): Promise<void> {
		try {
			await (await this.app.live.open()).delete(runId);
		} catch {
			// It stays under Runs.
		}
	}
}
