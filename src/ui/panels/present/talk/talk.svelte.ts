/** @file State of the talk that is given: its beat, the elapsed time, and the event of the run that brings the next beat. */
import { language } from '../../../language/language.svelte.ts';
import type { Show } from '../show.svelte.ts';
import { talk, type Beat, type BeatWords, type TalkEvent } from './talk.ts';

/** Keys that a clicker sends, and their like on a keyboard: to the next beat, and back. */
const steps: Readonly<Record<string, 1 | -1>> = {
	...{ ' ': 1, ArrowRight: 1, ArrowDown: 1, PageDown: 1 },
	...{ ArrowLeft: -1, ArrowUp: -1, PageUp: -1 },
};

export class Talk {
	at = $state(0);
	/** The speaker's notes are open. */
	notes = $state(false);
	elapsedMs = $state(0);
	readonly count = talk.beats.length;
	readonly beat = $derived<Beat | undefined>(talk.beats[this.at]);
	readonly words = $derived<BeatWords | undefined>(talk.words[language.tag][this.at]);
	/** Examinations that were over when the beat began. */
	#examined = $state(0);
	readonly #show: Show;
	readonly #startedMs: number;
	readonly #now: () => number;
	readonly #timer: ReturnType<typeof setInterval>;

	constructor(show: Show, now: () => number = () => performance.now()) {
		this.#show = show;
		this.#now = now;
		this.#startedMs = now();
		this.#timer = setInterval(() => {
			this.elapsedMs = this.#now() - this.#startedMs;
		}, 500);
		this.#begin();
	}

	/** The event that the beat waits for is there. */
	readonly isDue = $derived.by(() => {
		const until = this.beat?.until;
		return until !== undefined && this.#isThere(until);
	});

	step(by: 1 | -1): void {
		const to = this.at + by;
		if (to < 0 || to >= this.count) return;
		this.at = to;
		this.#begin();
	}

	/** Takes a key of a clicker; true if it was one. */
	press(key: string): boolean {
		const by = steps[key];
		if (by !== undefined) this.step(by);
		return by !== undefined;
	}

	dispose(): void {
		clearInterval(this.#timer);
	}

	#begin(): void {
		const { world } = this.#show.app;
		this.#examined = world.scores.length;
		this.#show.ending = this.beat?.lit === 'ending';
		if (this.beat?.does) this.#show.direct(this.beat.does);
		// As the beat begins, since a run that starts anew has no examinations yet.
		if (this.beat?.does === 'begin') this.#examined = 0;
	}

	#isThere(event: TalkEvent): boolean {
		const { world } = this.#show.app;
		if (event === 'ended') return this.#show.isOver;
		if (event === 'examined') return world.scores.length > this.#examined;
		return world.phase === event && world.t > 0;
	}
}
