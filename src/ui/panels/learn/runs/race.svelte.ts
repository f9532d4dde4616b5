/**
 * @file Race of a lesson's worlds: runs of the page's session that take turns, one step of the loop each, so that they move
 * side by side although one run at a time is under way; or their recordings, played together.
 */
import type { SessionEvent, StartOptions } from '#runs/session.ts';
import { Player, type Recording } from '#runs/stored/recording.ts';
import type { WorkerClient } from '#worker/api.ts';
import type { App } from '../../../state/app.svelte.ts';
import { asSessionError } from '../../../state/live.svelte.ts';
import { World } from '../../../state/world.svelte.ts';
import type { Measured } from '../lesson/figures.ts';
import type { Stage, StageState } from '../screen/stage.ts';

/** A world's request and the name of its run. */
export interface Starter {
	readonly name: string;
	readonly start: StartOptions;
}

/** Seconds that a recording is played in. */
const playedSeconds = 14;

const going: ReadonlySet<string> = new Set(['running', 'pausing']);

export class Race implements Stage {
	worlds = $state.raw<readonly World[]>([]);
	source = $state.raw<'live' | 'recorded'>('live');
	state = $state.raw<StageState>('idle');
	/** Why it failed, with a remedy. */
	message = $state.raw('');
	/** The session has a run of its own under way. */
	isBusy = $state.raw(false);
	readonly #app: App;
	#ids: string[] = [];
	/** Resolves when the world at this place has ended its step. */
	#settle: ((status: string) => void) | undefined;
	#players: readonly Player[] = [];
	/** Rises with each race; an earlier one ends when it sees another number. */
	#turn = 0;

	constructor(app: App) {
		this.#app = app;
	}

	/** Records of the worlds, as far as they are. */
	readonly measured: readonly Measured[] = $derived.by(() =>
		this.worlds.map(({ scores, truths, curve }) => ({ scores, truths, curve })),
	);

	/** Runs every world to its end, live. */
	async run(starters: readonly Starter[]): Promise<void> {
		const turn = this.#begin('live', starters.length);
		this.state = 'opening';
		this.#app.replay.pause();
		this.#app.aside = (events) => {
			for (const event of events) this.#hear(event);
		};
		try {
			const session = await this.#app.live.openForRun();
			for (const { name, start } of starters) {
				if (turn !== this.#turn) return;
				await this.#step(async () => {
					await session.start({ ...start, name });
					await session.pause();
				});
				this.state = 'running';
			}
			while (await this.#nextSteps(session, turn));
			if (turn === this.#turn) this.state = 'ended';
		} catch (error) {
			if (turn !== this.#turn) return;
			const { code, message } = asSessionError(error);
			this.isBusy = code === 'busy';
			this.#fail(message);
		} finally {
			if (turn === this.#turn) this.#app.aside = null;
		}
	}

	/** Plays a recording of each world, all at once. */
	play(recordings: readonly Recording[]): void {
		this.#begin('recorded', recordings.length);
		const lengths = recordings.map(({ events }) => events.at(-1)?.atMs ?? 0);
		const speed = Math.max(1, Math.max(...lengths) / (playedSeconds * 1000));
		let left = recordings.length;
		this.state = 'running';
		this.#players = recordings.map(
			(recording, i) =>
				new Player(recording, {
					speed,
					onEvents: (events) => this.worlds[i]?.apply(events),
					onEnd: () => {
						if (--left === 0) this.state = 'ended';
					},
				}),
		);
		for (const player of this.#players) player.play();
	}

	/** The end of recordings, at once. */
	showEnd(recordings: readonly Recording[]): void {
		this.#begin('recorded', recordings.length);
		recordings.forEach(({ events }, i) => this.worlds[i]?.apply(events.map(({ event }) => event)));
		this.state = 'ended';
	}

	/** Ends after the step under way; the runs stay, paused. */
	async stop(): Promise<void> {
		const isUnderWay = this.state === 'opening' || this.state === 'running';
		const turn = ++this.#turn;
		this.#clearPlayers();
		if (!isUnderWay) return;
		this.state = 'stopped';
		if (this.source === 'recorded') return;
		this.state = 'stopping';
		try {
			await (await this.#app.live.open()).pause();
		} catch {
			// There is none to pause: it ended meanwhile.
		}
		this.#app.live.flush();
		if (turn !== this.#turn) return;
		this.state = 'stopped';
		this.#app.aside = null;
	}

	/** One step of each world that is not at its end; false if all are. */
	async #nextSteps(session: WorkerClient, turn: number): Promise<boolean> {
		let isAnyLeft = false;
		for (const [i, { status }] of this.worlds.entries()) {
			const id = this.#ids[i];
			if (id === undefined || status === 'finished') continue;
			if (turn !== this.#turn) return false;
			const ended = await this.#step(() => session.resume(id, { singleStep: true }));
			if (ended === 'failed' || ended === 'stopped')
				throw new Error(this.worlds[i]?.message || 'The run stopped.');
			isAnyLeft = true;
		}
		return isAnyLeft;
	}

	/** Status in which the step ended. */
	async #step(begin: () => Promise<void>): Promise<string> {
		const settled = new Promise<string>((resolve) => {
			this.#settle = resolve;
		});
		await begin();
		return settled;
	}

	#hear(event: SessionEvent): void {
		if (event.type === 'opened') return;
		const id = event.type === 'run' || event.type === 'committed' ? event.run.id : event.runId;
		if (id === null) {
			if (event.type === 'failed') this.#fail(event.error.message);
			return;
		}
		// The first that is heard of a run that began just now.
		const isNew = event.type === 'run' && event.run.status === 'running' && !this.#ids.includes(id);
		if (isNew && this.#ids.length < this.worlds.length) this.#ids.push(id);
		const world = this.worlds[this.#ids.indexOf(id)];
		world?.apply([event]);
		const isEnd = event.type === 'failed' || (event.type === 'status' && !going.has(event.status));
		if (!world || !isEnd) return;
		this.#settle?.(world.status);
		this.#settle = undefined;
	}

	#begin(source: 'live' | 'recorded', worlds: number): number {
		this.#clearPlayers();
		this.#ids = [];
		this.source = source;
		this.message = '';
		this.isBusy = false;
		this.worlds = Array.from({ length: worlds }, () => {
			const world = new World();
			world.begin(source === 'live' ? 'live' : 'recorded');
			return world;
		});
		return ++this.#turn;
	}

	#clearPlayers(): void {
		for (const player of this.#players) player.dispose();
		this.#players = [];
	}

	#fail(message: string): void {
		this.state = 'failed';
		this.message = message;
	}
}
