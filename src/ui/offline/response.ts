/** @file Decisions of the service worker about a response: its headers, and whether to cache it. */
import { everyResponse, framePolicy, policyOf } from './headers.ts';

/** The response's headers with those of the site: isolation, and the policy by address; HTML has one in itself. */
export function headFor(headers: Headers, address: URL): Headers {
	const head = new Headers(headers);
	const isHtml = headers.get('Content-Type')?.startsWith('text/html') ?? false;
	head.set('Content-Security-Policy', isHtml ? framePolicy : policyOf(address));
	for (const [name, value] of Object.entries(everyResponse)) head.set(name, value);
	return head;
}

/** The same response with the site's headers; opaque responses cannot be copied and stay as they are. */
export function sealed(response: Response, address: URL): Response {
	if (response.type === 'opaque' || response.type === 'opaqueredirect') return response;
	const { status, statusText } = response;
	const isEmpty = status === 204 || status === 304;
	return new Response(isEmpty ? null : response.body, {
		status,
		statusText,
		headers: headFor(response.headers, address),
	});
}

/** Whole and sound responses are kept; errors, parts and redirects are not. */
export function isCacheable(response: Pick<Response, 'status' | 'type' | 'redirected'>): boolean {
	return response.status === 200 && response.type === 'basic' && !response.redirected;
}

/** First 20 hexadecimal digits of the SHA-256 of bytes, as the list of the build has them. */
export async function hashOf(bytes: BufferSource): Promise<string> {
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return [...digest.subarray(0, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
