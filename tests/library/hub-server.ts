/** @file A model hub on this machine: its HTTP interface with redirects, ranges and gates, and the accidents of a real network. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong next. */
export interface Mood {
	/** Ends the connection after so many bytes of a file, this many times. */
	cutAfter?: number;
	cuts?: number;
	/** The API claims this hash for every large file. */
	wrongHash?: boolean;
	/** Only with this token. */
	token?: string;
	/** 403 whatever the token. */
	isGated?: boolean;
	/** Every answer of the hub. */
	status?: number;
	/** The file host ignores ranges. */
	noRanges?: boolean;
	/** Another ETag, as if the file had changed. */
	version?: string;
	/** Bytes a second are held back: each piece waits so long. */
	slowMs?: number;
}

export interface HubServer {
	readonly url: string;
	mood: Mood;
	/** `hub` or `files`, then the path and the range asked for. */
	readonly asked: string[];
	/** Tokens that the file host saw: none must get there. */
	readonly leaked: string[];
	close(): Promise<void>;
}

export type Repositories = Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>;

const commit = 'c'.repeat(40);
const large = 2000;

/** Two servers, as the hub has: one answers questions, another holds the files. */
export async function startHub(repositories: Repositories): Promise<HubServer> {
	const server: { mood: Mood } = { mood: {} };
	const asked: string[] = [];
	const leaked: string[] = [];
	const listen = async (
		answer: (request: IncomingMessage, response: ServerResponse) => void,
	): Promise<{ readonly server: Server; readonly url: string }> => {
		const made = createServer(answer);
		await new Promise<void>((ready) => made.listen(0, '127.0.0.1', ready));
		return { server: made, url: `http://127.0.0.1:${(made.address() as AddressInfo).port}` };
	};

	const files = await listen((request, response) => {
		const { mood } = server;
		if (request.headers.authorization !== undefined) leaked.push(request.headers.authorization);
		const path = decodeURIComponent(request.url ?? '').slice(1);
		asked.push(`files ${path} ${request.headers.range ?? 'all'}`);
		const [repository = '', file = ''] = path.split(/:(.*)/s);
		const bytes = repositories[repository]?.[file];
		if (!bytes) return response.writeHead(404).end();
		const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
		const isRange = first !== undefined && mood.noRanges !== true;
		const from = isRange ? Number(first) : 0;
		const to = isRange && last ? Number(last) + 1 : bytes.length;
		if (from >= bytes.length && bytes.length > 0) return response.writeHead(416).end();
		response.writeHead(isRange ? 206 : 200, {
			etag: mood.version ?? `"${sha256(bytes)}"`,
			'content-length': to - from,
			...(isRange ? { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` } : {}),
		});
		void send(response, bytes.subarray(from, to), mood);
	});

	const hub = await listen((request, response) => {
		const { mood } = server;
		const url = new URL(request.url ?? '', 'http://hub');
		const path = decodeURIComponent(url.pathname);
		asked.push(`hub ${path}`);
		if (mood.status !== undefined) return response.writeHead(mood.status).end('sorry');
		if (mood.isGated) return response.writeHead(403).end('{"error": "gated"}');
		if (mood.token !== undefined && request.headers.authorization !== `Bearer ${mood.token}`)
			return response.writeHead(401).end('{"error": "who are you"}');
		const api = /^\/api\/models\/(.+)\/revision\/([^/]+)$/.exec(path);
		const resolve = /^\/(.+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
		const name = (api ?? resolve)?.[1] ?? '';
		const repository = repositories[name];
		if (!repository) return response.writeHead(404).end();
		if (resolve) {
			const place = encodeURIComponent(`${name}:${resolve[3] ?? ''}`);
			return response.writeHead(302, { location: `${files.url}/${place}` }).end();
		}
		const siblings = Object.entries(repository).map(([rfilename, bytes]) =>
			describe(rfilename, bytes, mood),
		);
		const cardData = { license: 'apache-2.0' };
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ id: name, sha: commit, gated: false, cardData, siblings }));
	});

	return {
		url: hub.url,
		get mood() {
			return server.mood;
		},
		set mood(mood) {
			server.mood = mood;
		},
		asked,
		leaked,
		close: async () => {
			for (const { server: one } of [hub, files]) {
				one.closeAllConnections();
				await new Promise((closed) => one.close(closed));
			}
		},
	};
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Large files lie outside git and have a SHA-256; small ones have git's own. */
function describe(rfilename: string, bytes: Uint8Array, mood: Mood): object {
	const blobId = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
	if (bytes.length < large) return { rfilename, size: bytes.length, blobId };
	const hash = mood.wrongHash ? '0'.repeat(64) : sha256(bytes);
	return { rfilename, size: bytes.length, blobId, lfs: { sha256: hash, size: bytes.length } };
}

async function send(response: ServerResponse, bytes: Uint8Array, mood: Mood): Promise<void> {
	const { cutAfter, slowMs } = mood;
	const piece = 4096;
	for (let at = 0; at < bytes.length; at += piece) {
		const end = Math.min(bytes.length, at + piece);
		const isCut = cutAfter !== undefined && (mood.cuts ?? 0) > 0 && end > cutAfter;
		await new Promise<void>((sent) => {
			response.write(bytes.subarray(at, isCut ? Math.max(at, cutAfter) : end), () => sent());
		});
		if (isCut) {
			mood.cuts = (mood.cuts ?? 0) - 1;
			// The bytes before it are to arrive.
			setTimeout(() => response.destroy(), 200);
			return;
		}
		if (slowMs !== undefined) await new Promise((rest) => setTimeout(rest, slowMs));
	}
	response.end();
}
