/** @file What the tests of one file share: a served site and a browser; a context is each test's own. */
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { openBrowser, servePreview, type Site } from './site.ts';

/** Of one file; usable once its tests run. */
export interface Visits {
	/** Where the site is, ending in `/`. */
	readonly url: string;
	/** A visitor who was never here, on a laptop unless said otherwise; closed after the test. */
	newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
}

/** Serves and opens before the first test of the file, and closes after its last. */
export function useVisits(serve: () => Promise<Site> = servePreview): Visits {
	let opened: { readonly site: Site; readonly browser: Browser } | undefined;
	const contexts: BrowserContext[] = [];

	beforeAll(async () => {
		const [site, browser] = await Promise.all([serve(), openBrowser()]);
		opened = { site, browser };
	});
	afterEach(async () => {
		for (const context of contexts.splice(0)) await context.close();
	});
	afterAll(async () => {
		await opened?.browser.close();
		await opened?.site.close();
	});

	const now = () => {
		if (opened) return opened;
		throw new Error('The site is there once the tests run; ask for it in a test or a hook.');
	};
	return {
		get url() {
			return now().site.url;
		},
		newContext: async (options) => {
			const context = await now().browser.newContext({
				viewport: { width: 1280, height: 900 },
				...options,
			});
			contexts.push(context);
			return context;
		},
	};
}
