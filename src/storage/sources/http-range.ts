/** @file A file behind HTTP as a byte source: one range request for each read. */
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { checkRange } from '#model/checkpoint/sources/memory.ts';

/** Options of `openHttpSource`. */
export interface HttpOptions {
	/** For messages; by default the last part of the address. */
	readonly name?: string;
	/** e.g. `authorization` for gated models; sent with every request. */
	readonly headers?: Readonly<Record<string, string>>;
	readonly signal?: AbortSignal;
	/** `fetch`, or what stands for it in tests. */
	readonly request?: typeof fetch;
}

/** Requests the first byte, whose response shows the size and the support of ranges. */
export async function openHttpSource(url: string, options: HttpOptions = {}): Promise<ByteSource> {
	const { headers = {}, request = fetch } = options;
	const name = options.name ?? new URL(url).pathname.split('/').at(-1) ?? url;
	let version: string | null = null;

	const ask = async (from: number, to: number, signal?: AbortSignal): Promise<Response> => {
		const wanted = new Headers(headers);
		wanted.set('range', `bytes=${from}-${to - 1}`);
		let response: Response;
		try {
			response = await request(url, { headers: wanted, signal: signal ?? null });
		} catch (cause) {
			signal?.throwIfAborted();
			throw new CheckpointError(`${name} cannot be reached; check the connection.`, { cause });
		}
		if (response.status === 206) return response;
		await response.body?.cancel();
		if (response.status === 200)
			throw new CheckpointError(
				`${name}: the server does not answer range requests; download the whole file and open it from disk.`,
			);
		if (response.status === 401 || response.status === 403)
			throw new CheckpointError(`${name} needs a token that may read it (${response.status}).`);
		throw new CheckpointError(`${name}: the server answered ${response.status}; try again later.`);
	};

	const first = await ask(0, 1, options.signal);
	await first.body?.cancel();
	const size = Number(/\/(\d+)$/.exec(first.headers.get('content-range') ?? '')?.[1]);
	if (!Number.isSafeInteger(size))
		throw new CheckpointError(`${name}: the server does not tell its size; download it first.`);
	version = first.headers.get('etag');

	const source: ByteSource = {
		name,
		size,
		async read(from, to, signal) {
			checkRange(source, from, to);
			if (from === to) return new Uint8Array(0);
			const response = await ask(from, to, signal);
			const range = response.headers.get('content-range') ?? '';
			if (
				response.headers.get('etag') !== version ||
				!range.startsWith(`bytes ${from}-${to - 1}/`)
			) {
				await response.body?.cancel();
				throw new CheckpointError(
					`${name} changed on the server while it was read; open it again.`,
				);
			}
			const bytes = new Uint8Array(await response.arrayBuffer());
			if (bytes.length !== to - from)
				throw new CheckpointError(
					`${name}: the connection gave ${bytes.length} of ${to - from} bytes; try again.`,
				);
			return bytes;
		},
	};
	return source;
}
