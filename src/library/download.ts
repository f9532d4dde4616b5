/** @file Download of a model's files into the library, resumed after an interruption and verified at the end. */
import type { Library, LibraryEntry, LibraryFile } from '#storage/library/library.ts';
import { LibraryError } from '#storage/library/library.ts';
import { HubError, type Hub } from './hub.ts';

/** Progress of a download, of all its files together. */
export interface DownloadProgress {
	/** `checking`: all bytes are here, their hash is being computed. */
	readonly phase: 'downloading' | 'checking';
	/** The file in transfer. */
	readonly file: string;
	readonly bytes: number;
	readonly total: number;
	/** Over the last seconds; null at first. */
	readonly bytesPerSecond: number | null;
}

export interface DownloadOptions {
	readonly library: Library;
	readonly hub: Hub;
	readonly token?: string | undefined;
	readonly signal: AbortSignal;
	readonly onProgress: (progress: DownloadProgress) => void;
	/** Milliseconds; any origin. */
	readonly now: () => number;
	/** Between attempts. */
	readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Number of times that a connection may break without a new byte before the download gives up. */
const attempts = 4;
const progressEveryMs = 200;
const speedOverMs = 4000;

/** Completes an entry of the hub; bytes fetched before an error or an abort stay. */
export async function download(
	entry: LibraryEntry,
	options: DownloadOptions,
): Promise<LibraryEntry> {
	const { library, signal } = options;
	const { source } = entry;
	if (source.kind !== 'hub')
		throw new LibraryError('incomplete', `"${entry.name}" came from files; add them again.`);
	await refuseIfFull(entry, library);
	const meter = startMeter(entry, options);
	let newest = entry;
	// The small files first, since they show early that something is wrong.
	for (const file of [...entry.files].sort((a, b) => a.bytes - b.bytes)) {
		if (file.state === 'complete') continue;
		const url = options.hub.address(source.repository, source.revision, file.path ?? file.name);
		await fetchWhole(entry, file, url, options, meter);
		newest = await library.finish(entry.id, file.name, {
			signal,
			onProgress: () => meter.report('checking', file.name),
		});
	}
	return newest;
}

async function refuseIfFull(entry: LibraryEntry, library: Library): Promise<void> {
	const space = await library.space();
	const needed = entry.bytes - entry.held;
	if (!space || needed <= space.quota - space.used) return;
	const mb = (bytes: number) => `${Math.max(0, Math.ceil(bytes / 1e6))} MB`;
	throw new LibraryError(
		'full',
		`"${entry.name}" needs ${mb(needed)} more, but ${mb(space.quota - space.used)} are free: delete models or runs, or free disk space, then resume.`,
	);
}

interface Meter {
	/** Bytes of this file that are here now. */
	at(file: string, held: number): void;
	report(phase: DownloadProgress['phase'], file: string): void;
}

function startMeter(entry: LibraryEntry, { now, onProgress }: DownloadOptions): Meter {
	const held = new Map(entry.files.map((file) => [file.name, file.held]));
	const sum = () => [...held.values()].reduce((a, b) => a + b, 0);
	const marks: { readonly time: number; readonly bytes: number }[] = [];
	let told = -Infinity;
	const report: Meter['report'] = (phase, file) => {
		const [time, bytes] = [now(), sum()];
		const isLast = bytes >= entry.bytes;
		if (time - told < progressEveryMs && !isLast) return;
		told = time;
		marks.push({ time, bytes });
		while (marks.length > 2 && time - (marks[0]?.time ?? time) > speedOverMs) marks.shift();
		const first = marks[0];
		const seconds = first ? (time - first.time) / 1000 : 0;
		onProgress({
			phase,
			file,
			bytes,
			total: entry.bytes,
			bytesPerSecond: first && seconds > 0 ? Math.max(0, (bytes - first.bytes) / seconds) : null,
		});
	};
	return {
		at: (file, bytes) => {
			held.set(file, bytes);
			report('downloading', file);
		},
		report,
	};
}

/** Downloads until all bytes are there; resumes after a broken connection. */
async function fetchWhole(
	entry: LibraryEntry,
	file: LibraryFile,
	url: string,
	options: DownloadOptions,
	meter: Meter,
): Promise<void> {
	let { held, version = '' } = file;
	let failures = 0;
	if (held > file.bytes) held = 0;
	while (held < file.bytes) {
		options.signal.throwIfAborted();
		const before = held;
		try {
			({ held, version } = await fetchSome(entry, file, url, { held, version }, options, meter));
			if (held === before) failures++;
			else failures = 0;
		} catch (error) {
			options.signal.throwIfAborted();
			if (!(error instanceof HubError) || error.code !== 'offline') throw error;
			held =
				(await options.library.entry(entry.id))?.files.find(({ name }) => name === file.name)
					?.held ?? 0;
			failures = held > before ? 1 : failures + 1;
			if (failures >= attempts) throw error;
		}
		if (failures >= attempts)
			throw new HubError(
				'offline',
				`${file.name}: the connection broke ${failures} times without a new byte; check it, then resume.`,
			);
		if (held < file.bytes) await options.wait(500 * 2 ** failures, options.signal);
	}
}

interface Point {
	readonly held: number;
	/** ETag; empty if the server gives none. */
	readonly version: string;
}

/**
 * One request. `If-Range` is not sent: browsers would send a CORS preflight first, which the file host may refuse.
 * Its ETag is compared instead, and the hash decides in the end.
 */
async function fetchSome(
	{ id, source }: LibraryEntry,
	file: LibraryFile,
	url: string,
	from: Point,
	{ library, hub, token, signal }: DownloadOptions,
	meter: Meter,
): Promise<Point> {
	const headers = new Headers(hub.headers(token));
	if (from.held > 0) headers.set('range', `bytes=${from.held}-`);
	const repository = source.kind === 'hub' ? source.repository : file.name;
	const response = await getOrRestart(hub, url, repository, headers, signal);
	if (!response) return { held: await restart(library, id, file), version: '' };
	const version = response.headers.get('etag') ?? '';
	const isRest = response.status === 206;
	const changed =
		isRest &&
		(!fitsAt(response.headers.get('content-range'), from.held, file.bytes) ||
			(from.version !== '' && version !== '' && version !== from.version));
	if (changed) {
		await response.body?.cancel();
		return { held: await restart(library, id, file), version: '' };
	}
	const writer = await library.append(id, file.name, {
		anew: !isRest,
		version,
	});
	const reader = response.body?.getReader();
	try {
		for (;;) {
			const next = await reader?.read().catch((cause: unknown) => {
				signal.throwIfAborted();
				throw new HubError('offline', `${file.name}: the connection broke; resume it later.`, {
					cause,
				});
			});
			if (!next || next.done) break;
			await writer.write(next.value);
			meter.at(file.name, writer.held);
		}
	} finally {
		await reader?.cancel().catch(() => undefined); // broken already
		await writer.close();
	}
	return { held: writer.held, version };
}

/** Undefined if the server cannot satisfy the range: the file has changed meanwhile. */
async function getOrRestart(
	hub: Hub,
	url: string,
	what: string,
	headers: Headers,
	signal: AbortSignal,
): Promise<Response | undefined> {
	try {
		return await hub.get(url, what, headers, signal);
	} catch (error) {
		if (error instanceof HubError && error.status === 416) return undefined;
		throw error;
	}
}

/** `bytes 100-199/200` */
function fitsAt(range: string | null, held: number, bytes: number): boolean {
	const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range ?? '') ?? [];
	// A file host that hides the header from pages is believed: the hash decides.
	return range === null || (Number(from) === held && (total === '*' || Number(total) === bytes));
}

async function restart(library: Library, id: string, { name }: LibraryFile): Promise<number> {
	await (await library.append(id, name, { anew: true, version: '' })).close();
	return 0;
}
