/** @file GGUF's names of families and weights, and llama.cpp's row order for RoPE. */

import { families, familyOf, layerWeights, outerNames } from '../../families.ts';

/** Families by GGUF's `general.architecture`. */
export const architectures: ReadonlyMap<string, string> = new Map(
	// The first family of a name wins.
	Object.entries(families)
		.map(([architecture, { gguf }]) => [gguf, architecture] as const)
		.reverse(),
);

/** GGUF's name of a family. */
export const ggufArchitecture = (architecture: string): string | undefined =>
	familyOf(architecture)?.gguf;

const inLayer: ReadonlyMap<string, string> = new Map(
	layerWeights.map(({ name, gguf }) => [name, gguf]),
);

/** GGUF's name of a weight that has this Hugging Face name. */
export function ggufName(name: string): string | undefined {
	const [, module = '', kind = ''] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
	const [, layer, part = ''] = /^model\.layers\.(\d+)\.(.+)$/.exec(module) ?? [];
	const found = layer === undefined ? outerNames[module] : inLayer.get(part);
	if (found === undefined) return undefined;
	return layer === undefined ? `${found}.${kind}` : `blk.${layer}.${found}.${kind}`;
}

/** Are the rows of this weight stored in interleaved order? */
export const isInterleaved = (architecture: string, name: string): boolean =>
	familyOf(architecture)?.interleaved === true &&
	/\.self_attn\.[qk]_proj\.(weight|lora_B\.weight)$/.test(name);

/** Reorders rows (of `rowBytes` each) of whole heads from interleaved order to halves, or back. */
export function reorderRows(
	bytes: Uint8Array,
	headSize: number,
	rowBytes: number,
	to: 'halves' | 'interleaved',
): Uint8Array {
	const out = new Uint8Array(bytes.length);
	const half = headSize / 2;
	const rows = bytes.length / rowBytes;
	for (let row = 0; row < rows; row++) {
		const within = row % headSize;
		const other = row - within + 2 * (within % half) + Math.floor(within / half);
		const [target, source] = to === 'halves' ? [row, other] : [other, row];
		out.set(bytes.subarray(source * rowBytes, (source + 1) * rowBytes), target * rowBytes);
	}
	return out;
}
