/** @file What a run is computed on, in words for everybody; the engine's own description stands behind them. */
import { t } from '../language/language.svelte.ts';
import type { Source } from '../state/world.svelte.ts';

/** Empty before an engine is open. */
export function runsOnWords(source: Source, engine: string, trainer: string): string {
	if (engine === '' || engine === 'not open yet') return '';
	if (source === 'recorded') return t('runsOn.recorded');
	if (engine === 'watching') return t('runsOn.elsewhere');
	return t(/webgpu/i.test(`${engine} ${trainer}`) ? 'runsOn.gpu' : 'runsOn.cpu');
}
