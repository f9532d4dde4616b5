/** @file The recorded run that plays until the visitor begins their own. */
import type { Player, Recording } from '#runs/stored/recording.ts';
import type { RecordedPolicies, SessionEvent } from '#runs/session.ts';
import { fetchPolicies } from './recorded-policies.ts';

/** Recorded seconds that pass in one second, at least; a longer recording is played faster, so that nobody waits. */
const leastSpeed = 4;
const longestMs = 90_000;

/** Reader and player of recordings: loaded with the first one, after the first paint. */
type Recordings = typeof import('#runs/stored/recording.ts');

/** Address of a recorded run of this program. */
export const recordingOf = (name: 'default' | 'english'): string =>
	new URL(`recordings/${name}.json`, document.baseURI).href;

export class Replay {
	state = $state.raw<'none' | 'loading' | 'playing' | 'paused' | 'ended' | 'missing'>('none');
	recording = $state.raw<Recording | null>(null);
	/** Position in the recording. */
	atMs = $state(0);
	readonly lengthMs = $derived(this.recording?.events.at(-1)?.atMs ?? 0);
	/** Recorded seconds that pass in one second. */
	readonly speed = $derived.by(() => {
		const { recording, lengthMs } = this;
		const playedMs = lengthMs - (recording ? firstRound(recording) : 0);
		return Math.max(leastSpeed, Math.ceil(playedMs / longestMs));
	});
	readonly #onStart: () => void;
	readonly #onEvents: (events: readonly SessionEvent[]) => void;
	#player: Player | undefined;
	#recordings: Recordings | undefined;
	/** Rises with each recording that is shown, and with each stop. */
	#shown = 0;
	/** Address of the recording. */
	#url = '';
	#policies: Promise<RecordedPolicies> | undefined;
	/** Rises with every load and stop: a recording that comes after a stop is not shown. */
	#turn = 0;

	constructor(onStart: () => void, onEvents: (events: readonly SessionEvent[]) => void) {
		this.#onStart = onStart;
		this.#onEvents = onEvents;
	}

	/**
	 * Fetches the recording and plays it, in place of one that plays; a page without any shows its empty state. `late` if
	 * something else was shown meanwhile.
	 */
	async load(url: string): Promise<'shown' | 'late' | 'missing'> {
		if (!this.recording) this.state = 'loading';
		const turn = ++this.#turn;
		const isLate = (): boolean => turn !== this.#turn;
		try {
			const [response, recordings] = await Promise.all([
				fetch(url),
				import('#runs/stored/recording.ts'),
			]);
			if (!response.ok) throw new Error(`${response.status}`);
			const recording = recordings.readRecording(await response.json());
			this.#recordings = recordings;
			if (isLate()) return 'late';
			this.#url = url;
			this.#policies = undefined;
			this.show(recording);
			return 'shown';
		} catch {
			if (isLate()) return 'late';
			if (!this.recording) this.state = 'missing';
			return 'missing';
		}
	}

	/** Plays a recording from its beginning. */
	show(recording: Recording): void {
		// The first examination is the start line: it is there at once.
		this.#playFrom(recording, firstRound(recording));
	}

	/** Shows a stored run that was told again, in place of a recording on its way. */
	tell(recording: Recording): void {
		this.#turn++;
		this.#url = '';
		this.#policies = undefined;
		this.show(recording);
	}

	/** Goes to a moment, in milliseconds of the recording; plays on from there if it was playing. */
	seek(toMs: number): void {
		const { recording, state } = this;
		if (!recording || state === 'none' || state === 'loading' || state === 'missing') return;
		this.#playFrom(recording, Math.max(0, Math.min(toMs, this.lengthMs)));
		if (state !== 'playing') this.pause();
		this.atMs = toMs;
	}

	#playFrom(recording: Recording, fromMs: number): void {
		this.#player?.dispose();
		this.#player = undefined;
		this.recording = recording;
		this.atMs = 0;
		this.#onStart();
		this.state = 'playing';
		const shown = ++this.#shown;
		if (this.#recordings) this.#play(recording, fromMs, this.#recordings);
		else
			import('#runs/stored/recording.ts').then(
				(recordings) => {
					this.#recordings = recordings;
					if (shown === this.#shown) this.#play(recording, fromMs, recordings);
				},
				() => {
					this.state = 'missing';
				},
			);
	}

	#play(recording: Recording, fromMs: number, { Player }: Recordings): void {
		this.#player = new Player(recording, {
			speed: this.speed,
			fromMs,
			onEvents: (events, atMs) => {
				this.atMs = atMs;
				this.#onEvents(events);
			},
			onEnd: () => {
				this.state = 'ended';
			},
		});
		this.#player.play();
		if (this.state === 'paused') this.#player.pause();
	}

	/** Policies of the recorded run, fetched when they are first asked for; null without a recording that has some. */
	async policies(): Promise<RecordedPolicies | null> {
		const { recording } = this;
		if (!recording?.adapters?.length) return null;
		try {
			return await (this.#policies ??= fetchPolicies(recording, this.#url));
		} catch (error) {
			this.#policies = undefined;
			throw error;
		}
	}

	pause(): void {
		this.#player?.pause();
		if (this.state === 'playing') this.state = 'paused';
	}

	resume(): void {
		if (this.state !== 'paused') return;
		this.state = 'playing';
		this.#player?.play();
	}

	/** Slow motion: goes on by one answer, step of training or round, and holds there. */
	advance(by: Stride): void {
		if (this.state !== 'playing' && this.state !== 'paused') return;
		this.state = 'paused';
		this.#player?.advance(ends[by]);
	}

	again(): void {
		if (this.recording) this.show(this.recording);
	}

	/** Gives way to a live run. */
	stop(): void {
		this.#turn++;
		this.#shown++;
		this.#player?.dispose();
		this.#player = undefined;
		this.state = this.recording ? 'ended' : 'none';
	}
}

/** What slow motion goes on by. */
export const strides = ['answer', 'step', 'round'] as const;
export type Stride = (typeof strides)[number];

const ends: Readonly<Record<Stride, (event: SessionEvent) => boolean>> = {
	answer: (event) => event.type === 'progress' && event.progress.kind === 'sample',
	step: (event) => event.type === 'progress' && event.progress.kind === 'trained',
	round: (event) => event.type === 'committed' && event.score !== undefined,
};

const firstRound = (recording: Recording): number =>
	recording.events.find(({ event }) => event.type === 'began' && event.t > 0)?.atMs ?? 0;
