/** @file Engines of a run's roles, opened from its role assignment and closed with the run. */
import { SessionFailure } from '#base/failure.ts';
import type { Engine } from '#engines/engine.ts';
import { scripted } from '#engines/scripted.ts';
import type { Role, World } from '#loop/types.ts';
import { readRoles, type Elsewhere, type Player, type RoleAssignment } from './roles.ts';
import type { SharedEngine } from '../shared-engine.ts';

/** Opens a model elsewhere; a platform without it has none. */
export type OpenElsewhere = (elsewhere: Elsewhere) => Promise<Engine>;

/** The engines of a run's roles, to be closed with it; equal players share one. */
export interface RoleEngines {
	readonly roles: NonNullable<World['roles']>;
	dispose(): Promise<void>;
}

/** Opens one engine per distinct player; fails with a `bad-request` if one is not available. */
export async function openRoleEngines(
	assignment: RoleAssignment,
	shared: SharedEngine,
	openElsewhere: OpenElsewhere | undefined,
): Promise<RoleEngines> {
	const own = new Map<string, Engine>();
	const open = async (player: Player): Promise<Engine> => {
		switch (player.kind) {
			case 'policy':
				return shared;
			case 'frozen':
				return shared.frozen;
			case 'script':
				return scripted({ script: () => player.text });
			case 'endpoint':
			case 'web-llm':
				if (openElsewhere) return openElsewhere(player);
				throw new SessionFailure(
					'bad-request',
					`There is no ${player.kind} here; use policy, frozen or script.`,
				);
			default:
				return player satisfies never;
		}
	};
	const dispose = async (): Promise<void> => {
		for (const engine of own.values())
			if (engine !== shared && engine !== shared.frozen) await engine.dispose();
	};
	try {
		const engines: Partial<Record<Role, Engine>> = {};
		for (const [role, player] of readRoles(assignment)) {
			const key = JSON.stringify(player);
			const engine = own.get(key) ?? (await open(player));
			own.set(key, engine);
			engines[role] = engine;
		}
		return { roles: engines, dispose };
	} catch (error) {
		await dispose();
		throw error;
	}
}
