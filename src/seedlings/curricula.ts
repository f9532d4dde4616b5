/** @file What each seedling is taught. */
import { openEnvironment } from '#environments/registry.ts';
import type { SeedlingName } from './alphabets.ts';
import type { Lesson } from './pretraining.ts';

export const curricula: Readonly<Record<SeedlingName, () => readonly Lesson[]>> = {
	addition: () => [openEnvironment('addition', { format: 'hints' })],
	'addition-plain': () => [openEnvironment('addition', { format: 'plain' })],
	'addition-scratchpad': () => [openEnvironment('addition', { format: 'scratchpad' })],
	reversal: () => [
		openEnvironment('reversal', { direction: 'reverse' }),
		openEnvironment('reversal', { direction: 'copy' }),
	],
	sorting: () => [openEnvironment('sorting')],
};
