/** @file Progress of cells: how far they are, and a few of the answers as they come. */
import { type Context, type Experience, phases } from './types.ts';

/** Says how far a cell is; the phase is read off its address. */
export function reportStep(context: Context, cell: string, done: number, total: number): void {
	const phase = phases.find((name) => cell.includes(`-${name}/`)) ?? 'acquire';
	context.world.report({ kind: 'step', t: context.t, phase, cell, done, total });
}

const samplesShown = 12;

/** Shows a few experiences, evenly spread over the round. */
export function reportSamples(context: Context, experience: readonly Experience[]): void {
	const every = Math.max(1, Math.ceil(experience.length / samplesShown));
	experience.forEach((one, i) => {
		if (i % every === 0) context.world.report({ kind: 'sample', t: context.t, experience: one });
	});
}
