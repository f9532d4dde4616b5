/** @file Messages between the page and its service worker about what is kept for offline use. */

/**
 * Parts of the site: `core` is what a seedling, every page and a model of one's own need; `gpu` what WebGPU needs beside it;
 * `web-llm` the package that plays a role with a model fetched from the hub, so it is kept only once it was used.
 */
export type SitePart = 'core' | 'gpu' | 'web-llm';

/** A file of the build, below the folder of the service worker. */
export interface SiteFile {
	readonly path: string;
	readonly bytes: number;
	/** First 20 hexadecimal digits of its SHA-256. */
	readonly hash: string;
	readonly part: SitePart;
}

/** From the page. */
export type Order =
	/** Report what is kept of the parts; first fetch what is missing, or delete all that is kept. */
	| { readonly type: 'look' | 'keep' | 'drop'; readonly parts: readonly SitePart[] }
	/** Keep files that the page loaded past the service worker, before that ruled it. */
	| { readonly type: 'used'; readonly addresses: readonly string[] }
	/** Rule the pages instead of the older version. */
	| { readonly type: 'take-over' };

/** From the service worker, to every page of the site. */
export type Report =
	/** Bytes kept and bytes in all, of the parts asked for; `failed` says why no more are kept. */
	| {
			readonly type: 'kept';
			readonly bytes: number;
			readonly of: number;
			readonly busy: boolean;
			readonly failed?: 'no-network' | 'no-space' | 'changed';
	  }
	/** A request that went to the network; keeping the site's own files is not reported as such. */
	| { readonly type: 'request'; readonly host: string };
