/** @file A model in words: its size, what fits, how fast, how far its download is. */
import type { Need, FitVerdict } from '#library/fit.ts';
import type { LibraryEvent } from '#library/library-api.ts';
import type { LibraryEntry } from '#storage/library/library.ts';
import { bytesInWords } from '../runs/files.ts';

export type ModelProgress = Extract<LibraryEvent, { type: 'model-progress' }>;

/** `134.5 million`, `1.2 billion` */
export const parametersInWords = (count: number): string =>
	count >= 1e9
		? `${(count / 1e9).toFixed(1)} billion`
		: count >= 1e6
			? `${(count / 1e6).toFixed(count >= 1e8 ? 0 : 1)} million`
			: count.toLocaleString('en');

export const verdictWords: Readonly<Record<FitVerdict, string>> = {
	fits: 'fits',
	tight: 'tight',
	'too-big': 'too big',
	unknown: 'unknown in this browser',
};

/** `20 to 50` */
export const speedInWords = ({ tokensPerSecond: [low, high] }: Need): string =>
	low === high ? String(low) : `${low} to ${high}`;

/** Source of the model, in short. */
export const sourceInWords = ({ source }: LibraryEntry): string =>
	source.kind === 'hub' ? `hub, ${source.repository}` : 'from your disk';

/** `120 MB of 271 MB, 3.1 MB/s, about 50 s to go` */
export function progressInWords({ phase, bytes, total, bytesPerSecond }: ModelProgress): string {
	if (phase === 'checking') return 'Verifying the files …';
	const done = `${bytesInWords(bytes)} of ${bytesInWords(total)}`;
	if (phase === 'copying') return `Copying: ${done}`;
	if (bytesPerSecond === null || bytesPerSecond <= 0) return done;
	const seconds = (total - bytes) / bytesPerSecond;
	const left =
		seconds < 1 ? '' : seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
	const togo = left === '' ? '' : `, about ${left} to go`;
	return `${done}, ${bytesInWords(bytesPerSecond)}/s${togo}`;
}
