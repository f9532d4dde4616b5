/** @file Another policy as a player, on the engine that speaks with the weights of the present one. */
import type { Context } from '../types.ts';
import type { Player } from './episode.ts';

/**
 * The base model, or the oldest policy that the present one carries for a merge (the base model if it carries none). It
 * takes over the engine for its moves only, and gives it back with the present policy's weights.
 */
export function opponentOf(which: 'earlier' | 'base', { world, policy }: Context): Player {
	const { engine } = world;
	const adapter = which === 'earlier' ? (policy.trained?.[0] ?? null) : null;
	return {
		name: engine.name,
		async generate(prompts, options) {
			await engine.setAdapter(adapter);
			try {
				return await engine.generate(prompts, options);
			} finally {
				await engine.setAdapter(policy.adapter);
			}
		},
	};
}
