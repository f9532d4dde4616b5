/** @file Worlds of a lesson with a planted note, one after the other: live in the page's worker, or as they were recorded. */
import type { App } from '../../../state/app.svelte.ts';
import { asSessionError } from '../../../state/live.svelte.ts';
import type { Measured } from '../lesson/figures.ts';
import {
	plant,
	type Planted,
	type PlantedPoint,
	type PlantedRecording,
} from '../lesson/planted.ts';
import type { Stage, StageState } from '../screen/stage.ts';

/** Milliseconds between two points of a recording that is played. */
const playedMs = 900;

export class Planting implements Stage {
	worlds = $state.raw<readonly (readonly PlantedPoint[])[]>([]);
	source = $state.raw<'live' | 'recorded'>('live');
	state = $state.raw<StageState>('idle');
	message = $state.raw('');
	readonly isBusy = false;
	/** World at work, from 0. */
	at = $state.raw(0);
	readonly #app: App;
	#timer: ReturnType<typeof setInterval> | undefined;
	/** Rises with each start; an earlier one ends when it sees another number. */
	#turn = 0;

	constructor(app: App) {
		this.#app = app;
	}

	readonly measured: readonly Measured[] = $derived.by(() =>
		this.worlds.map((planted) => ({ scores: [], truths: [], curve: [], planted })),
	);

	/** Trains and asks in every world, live. */
	async run(all: readonly Planted[], seed: number): Promise<void> {
		const turn = this.#begin('live', all.length);
		this.state = 'opening';
		try {
			const api = await this.#app.live.open();
			for (const [i, planted] of all.entries()) {
				await api.openChat(planted.model);
				for await (const point of plant(api, planted, seed)) {
					if (turn !== this.#turn) return;
					this.state = 'running';
					this.at = i;
					this.#add(i, point);
				}
				if (turn !== this.#turn) return;
			}
			this.state = 'ended';
		} catch (error) {
			if (turn !== this.#turn) return;
			this.state = 'failed';
			({ message: this.message } = asSessionError(error));
		}
	}

	/** Shows a recording point by point. */
	play({ worlds }: PlantedRecording): void {
		this.#begin('recorded', worlds.length);
		this.state = 'running';
		const points = worlds.flatMap(({ planted }, i) => planted.map((point) => ({ i, point })));
		let next = 0;
		this.#timer = setInterval(() => {
			const due = points[next++];
			if (!due) {
				clearInterval(this.#timer);
				this.state = 'ended';
				return;
			}
			this.at = due.i;
			this.#add(due.i, due.point);
		}, playedMs);
	}

	/** The end of a recording, at once. */
	showEnd({ worlds }: PlantedRecording): void {
		this.#begin('recorded', worlds.length);
		this.worlds = worlds.map(({ planted }) => planted);
		this.state = 'ended';
	}

	/** Ends after the training under way. */
	stop(): Promise<void> {
		if (this.state === 'opening' || this.state === 'running') this.state = 'stopped';
		this.#turn++;
		clearInterval(this.#timer);
		return Promise.resolve();
	}

	#add(i: number, point: PlantedPoint): void {
		this.worlds = this.worlds.map((points, world) => (world === i ? [...points, point] : points));
	}

	#begin(source: 'live' | 'recorded', worlds: number): number {
		clearInterval(this.#timer);
		this.source = source;
		this.message = '';
		this.at = 0;
		this.worlds = Array.from({ length: worlds }, () => []);
		return ++this.#turn;
	}
}
