/**
 * @file The service worker's caches: one for each build, filled from the build's list of files and checked by their hashes;
 * another in its place while it does not answer.
 */
import type { Report, SiteFile, SitePart } from './messages.ts';
import { hashOf, isCacheable } from './response.ts';

export interface KeptOptions {
	/** Address of the folder that the service worker rules, ending in `/`. */
	readonly scope: string;
	/** Name of the build. */
	readonly build: string;
	readonly files: readonly SiteFile[];
	readonly caches: CacheStorage;
	readonly fetch: (address: string, init: RequestInit) => Promise<Response>;
	/** Longest time to wait for a cache, milliseconds. */
	readonly patienceMs?: number;
}

type Failure = NonNullable<Extract<Report, { type: 'kept' }>['failed']>;

/** Thrown inside to end the fetching of files. */
class Stopped extends Error {
	readonly why: Failure;
	constructor(why: Failure, options?: ErrorOptions) {
		super(why, options);
		this.why = why;
	}
}

/** Downloads at a time: few, so that the page's own requests go first. */
const atOnce = 3;

/** Files of this site in the browser's cache. */
export class Kept {
	readonly #options: KeptOptions;
	/** Beginning of the names of all caches of this site; a site in another folder has others. */
	readonly #mine: string;
	readonly #byPath: ReadonlyMap<string, SiteFile>;
	/**
	 * Names of caches that do not answer. Where a tab dies while files are kept, Chromium now and then leaves a cache that
	 * answers nothing for minutes, in new tabs too: whoever waits for it opens no page of the site.
	 */
	readonly #stuck = new Set<string>();
	#running: Promise<void> | undefined;

	constructor(options: KeptOptions) {
		this.#options = options;
		this.#mine = `evolvarium ${options.scope} `;
		this.#byPath = new Map(options.files.map((file) => [file.path, file]));
	}

	/** The file of the build that an address means; settings of the page and of workers stand behind its `?`. */
	fileAt(address: URL): SiteFile | undefined {
		const { scope } = this.#options;
		const bare = address.origin + address.pathname;
		if (!bare.startsWith(scope)) return undefined;
		return this.#byPath.get(decodeURIComponent(bare.slice(scope.length)) || 'index.html');
	}

	/** The kept copy of a file, as this build has it. */
	async read(file: SiteFile): Promise<Response | undefined> {
		return this.#askCurrent((cache) => cache.match(this.#addressOf(file)));
	}

	/** A copy in another cache: of a tab that is still open, or of a page whose newer build could not be fetched. */
	async readOlder(file: string): Promise<Response | undefined> {
		for (const name of await this.#older()) {
			const found = await this.#ask(name, (cache) => cache.match(this.#options.scope + file));
			if (found) return found;
		}
		return undefined;
	}

	/** Keeps a response if it is the file that the build has; a full disk must not keep the page from loading. */
	async write(file: SiteFile, response: Response): Promise<void> {
		if (isCacheable(response)) await this.#put(file, response).catch(() => undefined);
	}

	/** Keeps single files by their addresses; those that cannot be had are left out. */
	async keepUsed(addresses: readonly string[]): Promise<void> {
		const used = new Set(addresses.map((address) => this.fileAt(new URL(address))));
		const files = [...used].filter((file) => file !== undefined);
		const missing = await this.#missing(files);
		await Promise.all(missing.map((file) => this.#fetch(file).catch(() => undefined)));
	}

	/** Reports how much of the parts is kept. */
	async look(parts: readonly SitePart[], report: (report: Report) => void): Promise<void> {
		const wanted = this.#filesOf(parts);
		const missing = await this.#missing(wanted);
		const of = sum(wanted);
		report({ type: 'kept', bytes: of - sum(missing), of, busy: this.#running !== undefined });
	}

	/** Fetches what is missing of the parts, reporting as it goes; one call at a time, a second waits for the first. */
	async keep(parts: readonly SitePart[], report: (report: Report) => void): Promise<void> {
		await this.#running;
		this.#running = this.#keep(parts, report).finally(() => (this.#running = undefined));
		await this.#running;
	}

	async #keep(parts: readonly SitePart[], report: (report: Report) => void): Promise<void> {
		const wanted = this.#filesOf(parts);
		const missing = [...(await this.#missing(wanted))];
		const of = sum(wanted);
		let bytes = of - sum(missing);
		let failed: Failure | undefined;
		const fetchNext = async (): Promise<void> => {
			for (;;) {
				const file = missing.shift();
				if (!file || failed) return;
				try {
					await this.#fetch(file);
				} catch (error) {
					failed ??= error instanceof Stopped ? error.why : 'no-space';
					return;
				}
				bytes += file.bytes;
				if (missing.length > 0) report({ type: 'kept', bytes, of, busy: true });
			}
		};
		await Promise.all(Array.from({ length: atOnce }, fetchNext));
		report({ type: 'kept', bytes, of, busy: false, ...(failed && { failed }) });
	}

	/** Deletes the caches of this build and of all others. */
	async drop(): Promise<void> {
		await this.#delete(await this.#names());
	}

	/** Deletes all other caches, but for one that is stuck: it may come back. */
	async dropOlder(): Promise<void> {
		await this.#delete((await this.#older()).filter((name) => !this.#stuck.has(name)));
	}

	async #delete(names: readonly string[]): Promise<void> {
		const { caches } = this.#options;
		await Promise.all(names.map((name) => this.#inTime(name, caches.delete(name))));
	}

	/** From an older build if it had the very same file, else from the network; past the HTTP cache if that is stale. */
	async #fetch(file: SiteFile): Promise<void> {
		const older = await this.readOlder(file.path);
		if (older && (await this.#put(file, older))) return;
		for (const cache of ['default', 'reload'] as const) {
			const response = await this.#options
				.fetch(this.#addressOf(file), { cache, priority: 'low' })
				.catch((cause: unknown) => {
					throw new Stopped('no-network', { cause });
				});
			if (response.status === 404) throw new Stopped('changed');
			if (!isCacheable(response)) throw new Stopped('no-network');
			if (await this.#put(file, response)) return;
		}
		throw new Stopped('changed');
	}

	/** Puts a response into the cache if its bytes are the file's; says whether they were. */
	async #put(file: SiteFile, response: Response): Promise<boolean> {
		const bytes = await response.arrayBuffer();
		if ((await hashOf(bytes)) !== file.hash) return false;
		const { status, statusText, headers } = response;
		const isPut = await this.#askCurrent(async (cache) => {
			await cache.put(this.#addressOf(file), new Response(bytes, { status, statusText, headers }));
			return true;
		});
		if (!isPut) throw new Error('no cache answers');
		return true;
	}

	/** `index.html` is asked for by its folder: some hosts redirect its own address there. */
	#addressOf({ path }: SiteFile): string {
		return this.#options.scope + (path === 'index.html' ? '' : path);
	}

	#filesOf(parts: readonly SitePart[]): readonly SiteFile[] {
		return this.#options.files.filter(({ part }) => parts.includes(part));
	}

	async #missing(files: readonly SiteFile[]): Promise<readonly SiteFile[]> {
		const found = await this.#askCurrent((cache) => cache.keys());
		const kept = new Set(found?.map(({ url }) => url));
		return files.filter((file) => !kept.has(this.#addressOf(file)));
	}

	/** Name of the cache of this build; where that is stuck, of one that takes its place. */
	get #current(): string {
		const name = this.#mine + this.#options.build;
		return this.#stuck.has(name) ? `${name} again` : name;
	}

	/** What the cache of this build answers, or where that turns out to be stuck, the one in its place. */
	async #askCurrent<T>(question: (cache: Cache) => Promise<T>): Promise<T | undefined> {
		const name = this.#current;
		const answer = await this.#ask(name, question);
		const isAnswered = answer !== undefined || name === this.#current;
		return isAnswered ? answer : this.#ask(this.#current, question);
	}

	/** What a cache answers; undefined where it is stuck. */
	async #ask<T>(name: string, question: (cache: Cache) => Promise<T>): Promise<T | undefined> {
		if (this.#stuck.has(name)) return undefined;
		return this.#inTime(name, this.#options.caches.open(name).then(question));
	}

	/** The answer of a cache; undefined where it takes too long, and the cache is stuck until it comes after all. */
	async #inTime<T>(name: string, answer: Promise<T>): Promise<T | undefined> {
		const { patienceMs = 5000 } = this.#options;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const late = new Promise<undefined>((resolve) => {
			timer = setTimeout(() => {
				this.#stuck.add(name);
				const isBack = (): boolean => this.#stuck.delete(name);
				answer.then(isBack, isBack);
				resolve(undefined);
			}, patienceMs);
		});
		try {
			return await Promise.race([answer, late]);
		} finally {
			clearTimeout(timer);
		}
	}

	async #names(): Promise<readonly string[]> {
		return (await this.#options.caches.keys()).filter((name) => name.startsWith(this.#mine));
	}

	async #older(): Promise<readonly string[]> {
		const current = this.#current;
		return (await this.#names()).filter((name) => name !== current);
	}
}

const sum = (files: readonly SiteFile[]): number =>
	files.reduce((bytes, file) => bytes + file.bytes, 0);
