/** @file A model in words: its size, what fits, how fast, how far its download is. */
import type { Need } from '#library/fit.ts';
import type { LibraryEvent } from '#library/library-api.ts';
import type { LibraryEntry } from '#storage/library/library.ts';
import { t } from '../../language/language.svelte.ts';
import { count } from '../../language/numbers.ts';
import { bytesInWords } from '../runs/files.ts';

export type ModelProgress = Extract<LibraryEvent, { type: 'model-progress' }>;

/** `134.5 million`, `1.2 billion` */
export const parametersInWords = (n: number): string =>
	n >= 1e9
		? t('models.billion', { n: (n / 1e9).toFixed(1) })
		: n >= 1e6
			? t('models.million', { n: (n / 1e6).toFixed(n >= 1e8 ? 0 : 1) })
			: count(n);

/** `20 to 50` */
export const speedInWords = ({ tokensPerSecond: [low, high] }: Need): string =>
	low === high ? String(low) : t('models.range', { low, high });

/** Source of the model, in short. */
export const sourceInWords = ({ source }: LibraryEntry): string =>
	source.kind === 'hub' ? t('models.ofHub', { repository: source.repository }) : t('models.ofDisk');

/** `120 MB of 271 MB, 3.1 MB/s, about 50 s to go` */
export function progressInWords({ phase, bytes, total, bytesPerSecond }: ModelProgress): string {
	if (phase === 'checking') return t('models.verifying');
	const done = t('models.of', { done: bytesInWords(bytes), all: bytesInWords(total) });
	if (phase === 'copying') return t('models.copying', { done });
	if (bytesPerSecond === null || bytesPerSecond <= 0) return done;
	const seconds = (total - bytes) / bytesPerSecond;
	const pace = bytesInWords(bytesPerSecond);
	if (seconds < 1) return t('models.pace', { done, pace });
	const time =
		seconds < 90
			? t('models.seconds', { n: Math.ceil(seconds) })
			: t('models.minutes', { n: Math.ceil(seconds / 60) });
	return t('models.paceLeft', { done, pace, time });
}
