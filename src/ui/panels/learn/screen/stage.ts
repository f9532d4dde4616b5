/** @file What a lesson's screen needs of its worlds, however they are made. */
import type { Measured } from '../lesson/figures.ts';

export type StageState =
	'idle' | 'opening' | 'running' | 'stopping' | 'ended' | 'stopped' | 'failed';

export interface Stage {
	readonly state: StageState;
	readonly source: 'live' | 'recorded';
	/** Why it failed, with a remedy. */
	readonly message: string;
	/** The session has a run of its own under way. */
	readonly isBusy: boolean;
	/** Records of the worlds, as far as they are. */
	readonly measured: readonly Measured[];
	stop(): Promise<void>;
}

/** A lesson's recording: how it comes, and how it is shown. */
export interface Recorded<R> {
	fetch(): Promise<R>;
	play(recording: R): void;
	/** Its end, at once. */
	showEnd(recording: R): void;
	dayOf(recording: R): string | undefined;
}
