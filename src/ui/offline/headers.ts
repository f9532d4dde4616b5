/**
 * @file The security headers of the page, in one place: development, preview, the built HTML, the service worker and the
 * file `_headers` of a static host all take them from here.
 */
import { localServerParameter } from '../../platform/local-server/protocol.ts';

/** Makes the page cross-origin isolated, which threads in WebAssembly need. */
export const isolation = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

/** Headers of every response that is ours to answer: isolation, no address told to others, no guessing of types. */
export const everyResponse = {
	...isolation,
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
} as const;

/**
 * Whom workers may ask beside this site, each only when a person says so: the hub for a model by name, a library of web-llm
 * for a role given to one of its models.
 */
const hub =
	'https://huggingface.co https://*.huggingface.co https://*.hf.co https://raw.githubusercontent.com/mlc-ai/binary-mlc-llm-libs/';

/**
 * What page and workers may load and run: this site's files.
 *
 * `wasm-unsafe-eval` compiles WebAssembly (it does not allow `eval`). Trusted Types refuse text as HTML or as the address of
 * a script unless a named policy lets it through: `default` takes addresses of this site (`src/base/trusted-types.ts`),
 * Svelte's its own templates, DOMPurify's what it reads without running.
 */
const ownFilesOnly = [
	"default-src 'self'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"worker-src 'self'",
	"object-src 'none'",
	"base-uri 'none'",
	"form-action 'none'",
	"require-trusted-types-for 'script'",
	'trusted-types default svelte-trusted-html dompurify',
];

/** Policy of the page, which asks this site and nobody else; charts and the virtual list set inline styles. */
export const contentSecurityPolicy = [
	...ownFilesOnly,
	"style-src 'self' 'unsafe-inline'",
	"connect-src 'self'",
	"img-src 'self' data: blob:",
	"font-src 'self'",
].join('; ');

/** Policy of HTML as a header: a policy in the HTML itself cannot say who may show the page in a frame. */
export const framePolicy = "frame-ancestors 'none'";

/** Policy of workers. What stands in the HTML does not bind them, only a header of their own script. */
export const workerPolicy = [...ownFilesOnly, `connect-src 'self' ${hub}`].join('; ');

/** Folder of the only script that may ask a server on the person's own machine; its address names which. */
export const localServerFolder = 'local';

/** Connections of that script if its address names no server, as on a host that sends headers by path. */
const anyLocalServer = 'http://localhost:* http://127.0.0.1:*';

/** Policy of that script: it loads this site's files and asks one server, or none if `server` is not on this machine. */
export function localServerPolicy(server: string, site: string): string {
	const allowed = isLocalServer(server, site) ? server : "'none'";
	return [...ownFilesOnly, `connect-src ${allowed}`].join('; ');
}

/** An origin on the person's own machine, or this site's own; an IPv6 address cannot be written in a policy. */
function isLocalServer(server: string, site: string): boolean {
	if (!URL.canParse(server)) return false;
	const { origin, hostname, protocol } = new URL(server);
	if (origin !== server || !/^https?:$/.test(protocol)) return false;
	return origin === site || ['localhost', '127.0.0.1'].includes(hostname);
}

/** Policy of any response but HTML, by its address. */
export function policyOf({ pathname, searchParams, origin }: URL): string {
	// Built, or as the development server has it.
	const isLocal = new RegExp(`/${localServerFolder}/[^/]+\\.js$|/local-server-worker\\.ts$`).test(
		pathname,
	);
	return isLocal
		? localServerPolicy(searchParams.get(localServerParameter) ?? '', origin)
		: workerPolicy;
}

/** The headers as Netlify, Cloudflare Pages and others read them from a file `_headers`. */
export function headersFile(): string {
	const block = (path: string, headers: Readonly<Record<string, string>>): string =>
		[path, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`)].join('\n');
	const policy = (value: string) => ({ 'Content-Security-Policy': value });
	const local = [...ownFilesOnly, `connect-src ${anyLocalServer}`].join('; ');
	return [
		block('/*', everyResponse),
		block('/', policy(framePolicy)),
		block('/index.html', policy(framePolicy)),
		block('/assets/*', policy(workerPolicy)),
		block('/service-worker.js', policy(workerPolicy)),
		block(`/${localServerFolder}/*`, policy(local)),
		'',
	].join('\n\n');
}
