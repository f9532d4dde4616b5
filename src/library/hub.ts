/**
 * @file Client of a model hub's HTTP interface: the files of a repository with their sizes and hashes.
 *
 * Plain `fetch`, not the hub's own library: see docs/decisions/2026-11-21-hub-by-plain-fetch.md.
 */
import { CodedError } from '#base/coded-error.ts';
import { isRecord } from '#base/untrusted/is-record.ts';

/** Default hub. */
export const defaultHub = 'https://huggingface.co';

export interface HubOptions {
	/** `fetch` of this machine. */
	readonly request: typeof fetch;
	/** Another hub of the same interface, e.g. a mirror. */
	readonly base?: string;
}

export interface HubFile {
	/** In the repository; may hold folders. */
	readonly path: string;
	readonly bytes: number;
	readonly sha256?: string;
	readonly gitSha1?: string;
}

export interface HubRepository {
	readonly name: string;
	/** The commit that the revision stands for now. */
	readonly revision: string;
	readonly licence?: string;
	/** Its owner asks for something (conditions, approval) before it can be downloaded. */
	readonly isGated: boolean;
	readonly files: readonly HubFile[];
}

interface HubAsk {
	/** For gated and private models; sent to the hub alone, and kept nowhere. */
	readonly token?: string | undefined;
	/** Branch, tag or commit; default `main`. */
	readonly revision?: string | undefined;
	readonly signal?: AbortSignal | undefined;
}

export interface Hub {
	readonly base: string;
	repository(name: string, ask?: HubAsk): Promise<HubRepository>;
	/** Download address of a file. */
	address(repository: string, revision: string, path: string): string;
	headers(token?: string): Readonly<Record<string, string>>;
	/** One request; any answer that is not a success rejects with a sentence. */
	get(url: string, what: string, headers: HeadersInit, signal?: AbortSignal): Promise<Response>;
}

export type HubErrorCode =
	'bad-name' | 'gated' | 'not-found' | 'too-many-requests' | 'offline' | 'bad-answer';

/** Failure of a hub request; the message names the remedy. */
export class HubError extends CodedError<HubErrorCode> {
	override name = 'HubError';
	/** Of the HTTP answer, if there was one. */
	readonly status: number | undefined;
	constructor(
		code: HubErrorCode,
		message: string,
		options?: ErrorOptions & { readonly status?: number },
	) {
		super(code, message, options);
		this.status = options?.status;
	}
}

const part = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;

/** `owner/name`, also out of a pasted address; throws if it is none. */
function readRepositoryName(text: string): string {
	const path = text
		.trim()
		.replace(/^https?:\/\/[^/]+\//, '')
		.replace(/^(hf\.co|huggingface\.co)\//, '')
		.replace(/[?#].*$/, '');
	const [owner = '', name, ...rest] = path.split('/').filter((word) => word !== '');
	const found = [owner, name].filter((word) => word !== undefined);
	const isPlain = rest.length === 0 || ['tree', 'blob', 'resolve'].includes(rest[0] ?? '');
	if (isPlain && found.every((word) => part.test(word) && !word.includes('..')))
		return found.join('/');
	throw new HubError(
		'bad-name',
		`"${text.trim().slice(0, 100)}" is no name of a model; write it as on the hub: owner/name.`,
	);
}

export function openHub({ request, base = defaultHub }: HubOptions): Hub {
	const root = base.replace(/\/+$/, '');
	const host = new URL(root).host;
	const inPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

	const get: Hub['get'] = async (url, what, headers, signal) => {
		let response: Response;
		try {
			response = await request(url, { headers, signal: signal ?? null });
		} catch (cause) {
			signal?.throwIfAborted();
			throw new HubError(
				'offline',
				`${host} cannot be reached; check the connection and try again. What is here already works without it.`,
				{ cause },
			);
		}
		if (response.ok) return response;
		await response.body?.cancel();
		const hasToken = new Headers(headers).has('authorization');
		throw failure(response, what, `${root}/${what}`, host, hasToken);
	};
	const headers: Hub['headers'] = (token) =>
		token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };

	return {
		base: root,
		get,
		headers,
		address: (repository, revision, path) =>
			`${root}/${inPath(repository)}/resolve/${encodeURIComponent(revision)}/${inPath(path)}`,
		async repository(text, { token, revision = 'main', signal } = {}) {
			const name = readRepositoryName(text);
			const url = `${root}/api/models/${inPath(name)}/revision/${encodeURIComponent(revision)}?blobs=true`;
			const response = await get(url, name, headers(token), signal);
			const json: unknown = await response.json().catch(() => undefined);
			return readRepository(json, name, host);
		},
	};
}

function failure(
	{ status, headers }: Response,
	name: string,
	page: string,
	host: string,
	hasToken: boolean,
): HubError {
	switch (status) {
		case 401:
			return hasToken
				? new HubError('gated', `${host} does not accept this token; make a new one there.`)
				: new HubError(
						'gated',
						`${name} does not exist on ${host}, or needs a token; check its name, or give the token of an account that may read it.`,
					);
		case 403:
			return new HubError(
				'gated',
				`${name} is gated: accept its conditions on ${page}, then give a token of that account.`,
			);
		case 404:
			return new HubError(
				'not-found',
				`${host} has no ${name}; check the spelling of owner, name and revision.`,
			);
		case 429: {
			const seconds = Number(headers.get('retry-after'));
			const when = seconds > 0 ? `in ${Math.ceil(seconds / 60)} min` : 'in a few minutes';
			return new HubError('too-many-requests', `${host} asks for a pause; try again ${when}.`);
		}
		default:
			return new HubError(
				status >= 500 ? 'offline' : 'bad-answer',
				`${host} answered ${status} for ${name}; try again later.`,
				{ status },
			);
	}
}

function readRepository(json: unknown, name: string, host: string): HubRepository {
	const siblings = isRecord(json) ? json['siblings'] : undefined;
	const revision = isRecord(json) ? json['sha'] : undefined;
	if (
		!isRecord(json) ||
		!Array.isArray(siblings) ||
		typeof revision !== 'string' ||
		!/^[\w.-]+$/.test(revision)
	)
		throw new HubError(
			'bad-answer',
			`${host} did not answer as a model hub does; check its address.`,
		);
	const licence = readLicence(json);
	const { gated } = json;
	return {
		name,
		revision,
		...(licence === undefined ? {} : { licence }),
		isGated: gated !== undefined && gated !== null && gated !== false,
		files: (siblings as readonly unknown[]).flatMap(readFile),
	};
}

function readFile(value: unknown): readonly HubFile[] {
	if (!isRecord(value)) return [];
	const { rfilename: path, size, blobId, lfs } = value;
	const bytes: unknown = isRecord(lfs) ? (lfs['size'] ?? size) : size;
	if (typeof path !== 'string' || typeof bytes !== 'number') return [];
	const sha256: unknown = isRecord(lfs) ? (lfs['sha256'] ?? lfs['oid']) : undefined;
	return [
		{
			path,
			bytes,
			...(typeof sha256 === 'string' ? { sha256 } : {}),
			// Of a large file it would be the hash of a pointer.
			...(typeof blobId === 'string' && !isRecord(lfs) ? { gitSha1: blobId } : {}),
		},
	];
}

/** `apache-2.0`; for `other`, the name its card gives. */
function readLicence({ cardData, tags }: Readonly<Record<string, unknown>>): string | undefined {
	const card = isRecord(cardData) ? cardData : {};
	const { license, license_name: named } = card;
	const tag = (Array.isArray(tags) ? (tags as readonly unknown[]) : []).find(
		(one): one is string => typeof one === 'string' && one.startsWith('license:'),
	);
	const found: unknown = Array.isArray(license) ? (license as readonly unknown[])[0] : license;
	const short = typeof found === 'string' ? found : tag?.slice('license:'.length);
	return short === 'other' && typeof named === 'string' ? named : short;
}
