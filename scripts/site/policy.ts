/** @file The content security policy in what the page is served by: the built HTML, our own servers, and hosts that read `_headers`. */
import type { Connect, Plugin } from 'vite';
import {
	contentSecurityPolicy,
	everyResponse,
	framePolicy,
	headersFile,
	policyOf,
} from '../../src/ui/offline/headers.ts';

/** Writes the policy into the built HTML, which any static host keeps, and the file `_headers`, which some read. */
export function policyInBuild(): Plugin {
	return {
		name: 'evolvarium:content-security-policy',
		apply: 'build',
		transformIndexHtml: () => [
			{
				tag: 'meta',
				attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
				injectTo: 'head-prepend',
			},
		],
		generateBundle() {
			this.emitFile({ type: 'asset', fileName: '_headers', source: headersFile() });
		},
	};
}

/** Sends the headers from the preview, and the policy of workers from the development server, whose HTML has none. */
export function policyOfServers(): Plugin {
	return {
		name: 'evolvarium:headers',
		configurePreviewServer({ middlewares }) {
			middlewares.use(sealedPreview);
		},
		configureServer({ middlewares, config }) {
			// Vitest's own page asks more than this one may.
			if (process.env['VITEST'] === undefined && config.mode === 'development')
				middlewares.use(sealedWorkers);
		},
	};
}

const addressOf = ({ url = '/', headers: { host = 'localhost' } }: Connect.IncomingMessage): URL =>
	new URL(url, `http://${host}`);

const sealedPreview: Connect.NextHandleFunction = (request, response, next) => {
	const address = addressOf(request);
	const isPage = /(\/|\.html)$/.test(address.pathname);
	response.setHeader('Content-Security-Policy', isPage ? framePolicy : policyOf(address));
	for (const [name, value] of Object.entries(everyResponse)) response.setHeader(name, value);
	next();
};

const sealedWorkers: Connect.NextHandleFunction = (request, response, next) => {
	if (request.headers['sec-fetch-dest'] === 'worker')
		response.setHeader('Content-Security-Policy', policyOf(addressOf(request)));
	next();
};
