/** @file The base model in place of the policy, for a while. */
import type { Context } from '#loop/types.ts';
import { basePolicy } from './policy.ts';

/** Does `work` while the engine speaks with the base model's weights. */
export async function asBase<C extends Context, T>(
	context: C,
	work: (context: C) => Promise<T>,
): Promise<T> {
	const { world, policy } = context;
	await world.engine.setAdapter(null);
	try {
		return await work({ ...context, policy: basePolicy(policy.base) });
	} finally {
		// The engine speaks with the policy's weights again, as the loop left it.
		await world.engine.setAdapter(policy.adapter);
	}
}
