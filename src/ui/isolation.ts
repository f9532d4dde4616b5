/** @file Decisions of the service worker about a response: its headers, and whether to cache it. */

/** The answer's headers, with those that isolate the page, and the policy of a worker; HTML brings its own. */
export function headFor(headers: Headers, policy?: string): Headers {
	const isolated = new Headers(headers);
	const isHtml = headers.get('Content-Type')?.startsWith('text/html') ?? false;
	if (policy !== undefined && !isHtml) isolated.set('Content-Security-Policy', policy);
	isolated.set('Cross-Origin-Opener-Policy', 'same-origin');
	isolated.set('Cross-Origin-Embedder-Policy', 'require-corp');
	isolated.set('Cross-Origin-Resource-Policy', 'same-origin');
	return isolated;
}

/** Whole and sound answers are kept; errors, parts and redirects are not. */
export function isCacheable(response: Pick<Response, 'status' | 'type' | 'redirected'>): boolean {
	return response.status === 200 && response.type === 'basic' && !response.redirected;
}

/** The build puts a hash of the content into the names in `assets/`: such a file never changes. */
export function keepsForever(pathname: string): boolean {
	return /\/assets\/[^/]+-[\w-]{8}\.\w+$/.test(pathname);
}
