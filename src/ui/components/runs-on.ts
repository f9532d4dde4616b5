/** @file What a run is computed on, in words for everybody; the engine's own description stands behind them. */
import type { Source } from '../state/world.svelte.ts';

/** Empty before an engine is open. */
export function runsOnWords(source: Source, engine: string, trainer: string): string {
	if (engine === '' || engine === 'not open yet') return '';
	if (source === 'recorded') return 'recorded earlier';
	if (engine === 'watching') return 'another tab works';
	return /webgpu/i.test(`${engine} ${trainer}`)
		? 'runs on your graphics card'
		: 'runs on your processor';
}
