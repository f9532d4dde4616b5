/** @file KV cache of an answer in the chat: what it keeps of its conversation, in how many bits, and the bytes of a token. */
import { SessionFailure } from '#base/failure.ts';
import { isKvType, kvLimits, kvTypes, type KvType } from '#base/limits.ts';
import { cachedTokenBytes } from '#engines/decoding/limits.ts';
import type { GenerateOptions } from '#engines/engine.ts';
import type { ModelSpec } from '#model/model-spec.ts';

/** Bytes of a token, by how its numbers are held. */
export const tokenBytesOf = (spec: ModelSpec): Readonly<Record<KvType, number>> => ({
	f32: cachedTokenBytes(spec),
	f16: cachedTokenBytes(spec, 'f16'),
	q8: cachedTokenBytes(spec, 'q8'),
});

/** Option of an engine for a share and a type; none if all is kept in 32 bits. Throws `bad-request` for any that are not allowed. */
export function cacheOf(
	share: number | undefined,
	type: KvType = 'f32',
): Pick<GenerateOptions, 'cache'> {
	if (!isKvType(type))
		throw new SessionFailure(
			'bad-request',
			`kvType must be one of ${Object.keys(kvTypes).join(', ')}; got ${String(type)}.`,
		);
	if (share !== undefined && !(share > 0 && share < 1))
		throw new SessionFailure('bad-request', `keptShare must be between 0 and 1; got ${share}.`);
	if (share === undefined && type === 'f32') return {};
	const { budget, window, kernel } = kvLimits;
	const tokens = share ?? budget.to;
	const usual = { window: window.usual, kernel: kernel.usual };
	return { cache: { budget: tokens, ...usual, ...(type !== 'f32' && { type }) } };
}
