/** @file Rotary positions in GGUF metadata: every `rope.*` entry is used, or known to change nothing, or refused by name. */
import { writeRopeScaling, type RopeScaling } from '../../rope.ts';
import type { GgufMetadata, GgufValue } from './values.ts';

/** Entries that are read elsewhere, or matter for YaRN alone, which is refused. */
const settled: ReadonlySet<string> = new Set([
	'dimension_count',
	'freq_base',
	'scaling.type',
	'scaling.factor',
	'scale_linear',
	'scaling.original_context_length',
	'scaling.finetuned',
]);

/** Entries with the one value that changes nothing. */
const neutral: ReadonlyMap<string, GgufValue> = new Map([['scaling.attn_factor', 1]]);

/**
 * `rope_scaling` of a `config.json`, or null. As in llama.cpp a factor without type is linear, and converters before 2024
 * wrote it as `scale_linear`.
 */
export function readGgufRope(
	metadata: GgufMetadata,
	arch: string,
	llama3: RopeScaling | undefined,
	fail: (problem: string) => never,
): Readonly<Record<string, unknown>> | null {
	const prefix = `${arch}.rope.`;
	for (const [key, value] of metadata) {
		if (!key.startsWith(prefix)) continue;
		const name = key.slice(prefix.length);
		if (!settled.has(name) && neutral.get(name) !== value)
			fail(`${key} is not supported; use a model without it.`);
	}
	const at = (name: string) => metadata.get(prefix + name);
	const stated = at('scaling.factor');
	const factor = stated === undefined || stated === 0 ? at('scale_linear') : stated;
	const isScaled = factor !== undefined && factor !== 0 && factor !== 1;
	const kind = at('scaling.type') ?? (isScaled ? 'linear' : 'none');
	if (!llama3) return kind === 'none' ? null : { rope_type: kind, factor: factor ?? 1 };
	if (kind !== 'none' && (isScaled || kind !== 'linear'))
		fail(`rope_freqs.weight and ${prefix}scaling.type together are not supported.`);
	return writeRopeScaling(llama3);
}
