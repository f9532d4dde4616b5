/**
 * @file Role assignment of a run, as text: each role is the policy's, its base model's, a model's elsewhere, or a script's.
 *
 * A role goes to a server only if a person names it, since its prompts leave this machine.
 */
import { roles, type Role } from '#loop/types.ts';
import { SessionFailure } from '#base/failure.ts';

/** A model that is not the run's own. */
export type Elsewhere =
	| { readonly kind: 'endpoint'; readonly url: string; readonly model: string }
	| { readonly kind: 'web-llm'; readonly model: string };

/** Player of a role. `script` gives a constant answer, e.g. a judge that approves of everything. */
export type Player =
	| { readonly kind: 'policy' }
	| { readonly kind: 'frozen' }
	| { readonly kind: 'script'; readonly text: string }
	| Elsewhere;

/** Role by role, as a recipe keeps it: `{ judge: 'frozen' }`. */
export type RoleAssignment = Readonly<Record<string, string>>;

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
export function readRoles(assignment: RoleAssignment): ReadonlyMap<Role, Player> {
	return new Map(
		Object.entries(assignment).flatMap(([name, text]): [Role, Player][] => {
			const role = roles.find((known) => known === name);
			if (!role) throw bad(`Role must be one of ${roles.join(', ')}; got "${name}".`);
			const player = readPlayer(role, text);
			return player.kind === 'policy' ? [] : [[role, player]];
		}),
	);
}

/**
 * The servers that an assignment sends tasks and answers to, as `localhost:8000`. Refuses nothing, since a run may come from
 * another's file: what is meant as an endpoint counts as one.
 */
export const serversOf = (assignment: RoleAssignment): readonly string[] => [
	...new Set(
		Object.values(assignment).flatMap((text) => {
			const [kind, rest] = splitOnce(text.trim(), ':');
			if (kind !== 'endpoint') return [];
			const [url] = splitOnce(rest, '#');
			return [URL.canParse(url) ? new URL(url).host : 'a server'];
		}),
	),
];

/** Says whether an assignment sends anything away from this tab. */
export const leavesTab = (assignment: RoleAssignment): boolean => serversOf(assignment).length > 0;

/**
 * True if a page of this origin may send requests there; the rule of its content security policy (`src/ui/offline/headers.ts`): its
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

function splitOnce(text: string, mark: string): readonly [string, string] {
	const at = text.indexOf(mark);
	return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

const bad = (message: string): SessionFailure => new SessionFailure('bad-request', message);
