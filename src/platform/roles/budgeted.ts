/**
 * @file A budget of the KV cache for roles. Proposer, critic and judge read long prompts; what the solver says is learnt and
 * examined, so that it always sees the whole cache.
 */
import { SessionFailure } from '#base/failure.ts';
import type { KvBudget } from '#base/limits.ts';
import type { Engine } from '#engines/engine.ts';
import type { World } from '#loop/types.ts';

const budgeted = ['proposer', 'critic', 'judge'] as const;

/** The engine, with a budget for every prompt. */
export const withBudget = (engine: Engine, cache: KvBudget): Engine => ({
	...engine,
	generate: (prompts, options) => engine.generate(prompts, { ...options, cache }),
	stream: (prompt, options) => engine.stream(prompt, { ...options, cache }),
});

/**
 * The players of roles, those of this machine with a budget; `policy` plays what nobody else does. Refuses a model whose
 * engine cannot keep a part of its cache.
 */
export function budgetedRoles(
	roles: NonNullable<World['roles']>,
	policy: Engine,
	cache: KvBudget | undefined,
): NonNullable<World['roles']> {
	if (!cache) return roles;
	if (!policy.takesBudget)
		throw new SessionFailure(
			'bad-request',
			`This run keeps a part of the KV cache or fewer bits of it, which only the kernel can, and its model is on ${policy.description}; take a model in 4 or 8 bits, or leave out kv-budget and kv-type.`,
		);
	const own = budgeted.flatMap((role) => {
		const player = roles[role] ?? policy;
		return player.takesBudget ? [[role, withBudget(player, cache)] as const] : [];
	});
	return { ...roles, ...Object.fromEntries(own) };
}
