/** @file Router: the hash of the address names the page, so that any static host and sub-path will do. */

const routes = [
	...(['world', 'learn', 'experiences', 'runs', 'models', 'chat'] as const),
	...(['teach', 'map', 'gallery', 'about', 'class'] as const),
] as const;
export type Route = (typeof routes)[number];

/** `#/runs?run=abc` → the page and its own parameters. */
function readRoute(hash: string): {
	readonly route: Route;
	readonly parameters: URLSearchParams;
	/** A page that was asked for and does not exist. */
	readonly unknown?: string;
} {
	const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
	const parameters = new URLSearchParams(query);
	const route = path === '' ? 'world' : routes.find((name) => name === path);
	return route ? { route, parameters } : { route: 'world', parameters, unknown: path };
}

/** The link to a page. */
export function linkTo(route: Route, parameters: Readonly<Record<string, string>> = {}): string {
	const query = new URLSearchParams(parameters).toString();
	return `#/${route === 'world' ? '' : route}${query ? `?${query}` : ''}`;
}

/** The page shown now; follows the address bar. */
export class Router {
	#at = $state.raw(readRoute(location.hash));
	readonly #follow = () => {
		this.#at = readRoute(location.hash);
	};
	constructor() {
		addEventListener('hashchange', this.#follow);
	}
	get route(): Route {
		return this.#at.route;
	}
	get parameters(): URLSearchParams {
		return this.#at.parameters;
	}
	/** The name in the address that no page has. */
	get unknown(): string | undefined {
		return this.#at.unknown;
	}
	/** Goes to a link in place of the page shown; unlike a navigation it leaves the focus where it is. */
	replace(link: string): void {
		history.replaceState(history.state, '', link);
		this.#follow();
	}
	dispose(): void {
		removeEventListener('hashchange', this.#follow);
	}
}
