/**
 * @file Who plays the roles of a run: the policy itself, its base model, a model elsewhere, or a script.
 *
 * Nobody plays a role elsewhere unless a person says so by name: what is asked there leaves this machine.
 */
import type { Engine } from '#engines/engine.ts';
import { scripted } from '#engines/scripted.ts';
import { roles, type Role, type World } from '#loop/types.ts';
import { SessionFailure } from '#base/failure.ts';
import type { SharedEngine } from './shared-engine.ts';

/** A model that is not the run's own. */
export type Elsewhere =
	| { readonly kind: 'endpoint'; readonly url: string; readonly model: string }
	| { readonly kind: 'web-llm'; readonly model: string };

/** Who plays a role. `script` says the same whatever it is asked: a judge who likes all, say. */
export type Player =
	| { readonly kind: 'policy' }
	| { readonly kind: 'frozen' }
	| { readonly kind: 'script'; readonly text: string }
	| Elsewhere;

/** Opens a model elsewhere; a platform without it has none. */
export type OpenElsewhere = (elsewhere: Elsewhere) => Promise<Engine>;

/** Role by role, as a recipe keeps it: `{ judge: 'frozen' }`. */
export type Casting = Readonly<Record<string, string>>;

const forms = 'policy, frozen, script:TEXT, endpoint:URL#MODEL, web-llm:MODEL';

/** Reads `frozen`, `script:5`, `endpoint:http://localhost:8000/v1#qwen`, `web-llm:MODEL`. */
export function readPlayer(role: string, text: string): Player {
	const [kind, rest] = splitOnce(text.trim(), ':');
	switch (kind) {
		case 'policy':
		case 'frozen':
			if (rest === '') return { kind };
			break;
		case 'script':
			return { kind, text: rest };
		case 'web-llm':
			if (rest !== '') return { kind, model: rest };
			break;
		case 'endpoint': {
			const [url, model] = splitOnce(rest, '#');
			if (/^https?:\/\/\S+$/.test(url) && model !== '') return { kind, url, model };
			break;
		}
	}
	throw bad(`${role} must be one of ${forms}; got "${text}".`);
}

/** Checks every role by name; those that the policy plays are left out. */
export function readCasting(casting: Casting): ReadonlyMap<Role, Player> {
	return new Map(
		Object.entries(casting).flatMap(([name, text]): [Role, Player][] => {
			const role = roles.find((known) => known === name);
			if (!role) throw bad(`Role must be one of ${roles.join(', ')}; got "${name}".`);
			const player = readPlayer(role, text);
			return player.kind === 'policy' ? [] : [[role, player]];
		}),
	);
}

/**
 * The servers that a casting sends tasks and answers to, as `localhost:8000`. Refuses nothing, since a run may come from
 * another's file: what is meant as an endpoint counts as one.
 */
export const serversOf = (casting: Casting): readonly string[] => [
	...new Set(
		Object.values(casting).flatMap((text) => {
			const [kind, rest] = splitOnce(text.trim(), ':');
			if (kind !== 'endpoint') return [];
			const [url] = splitOnce(rest, '#');
			return [URL.canParse(url) ? new URL(url).host : 'a server'];
		}),
	),
];

/** Says whether a casting sends anything away from this tab. */
export const leavesTab = (casting: Casting): boolean => serversOf(casting).length > 0;

/**
 * Whether a page of this origin may ask there; the same rule as its content security policy (`scripts/headers.ts`): its
 * own host, and servers on the person's own machine.
 */
export function isWithinReach(url: string, origin: string): boolean {
	if (!URL.canParse(url)) return false;
	const { hostname, origin: there } = new URL(url);
	return there === origin || ['localhost', '127.0.0.1'].includes(hostname);
}

/** Why a page may not ask there, and what else to do. */
export const outOfReach = (url: string): string =>
	`This page asks servers on this machine only, at http://localhost or http://127.0.0.1; got "${url}". Run in the terminal to ask any other.`;

/** The engines of a run's roles, to be closed with it; equal players share one. */
export interface Cast {
	readonly roles: NonNullable<World['roles']>;
	dispose(): Promise<void>;
}

export async function openCast(
	casting: Casting,
	shared: SharedEngine,
	openElsewhere: OpenElsewhere | undefined,
): Promise<Cast> {
	const own = new Map<string, Engine>();
	const open = async (player: Player): Promise<Engine> => {
		switch (player.kind) {
			case 'policy':
				return shared.engine;
			case 'frozen':
				return shared.frozen;
			case 'script':
				return scripted({ script: () => player.text });
			case 'endpoint':
			case 'web-llm':
				if (openElsewhere) return openElsewhere(player);
				throw bad(`There is no ${player.kind} here; use policy, frozen or script.`);
			default:
				return player satisfies never;
		}
	};
	const dispose = async (): Promise<void> => {
		for (const engine of own.values())
			if (engine !== shared.engine && engine !== shared.frozen) await engine.dispose();
	};
	try {
		const cast: Partial<Record<Role, Engine>> = {};
		for (const [role, player] of readCasting(casting)) {
			const key = JSON.stringify(player);
			const engine = own.get(key) ?? (await open(player));
			own.set(key, engine);
			cast[role] = engine;
		}
		return { roles: cast, dispose };
	} catch (error) {
		await dispose();
		throw error;
	}
}

function splitOnce(text: string, mark: string): readonly [string, string] {
	const at = text.indexOf(mark);
	return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

const bad = (message: string): SessionFailure => new SessionFailure('bad-request', message);
