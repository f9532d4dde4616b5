/** @file What GGUF calls the families and their weights, and the order of rows that llama.cpp's rotary asks for. */

import { families, familyOf, layerWeights, outerNames } from '../../families.ts';

/** Families by GGUF's `general.architecture`. */
export const architectures: ReadonlyMap<string, string> = new Map(
	// The first family of a name is the one that stays.
	Object.entries(families)
		.map(([architecture, { gguf }]) => [gguf, architecture] as const)
		.reverse(),
);

/** GGUF's word for a family. */
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

/** Are the rows of this weight stored in the other order? */
export const isInterleaved = (architecture: string, name: string): boolean =>
	familyOf(architecture)?.interleaved === true &&
	/\.self_attn\.[qk]_proj\.(weight|lora_B\.weight)$/.test(name);

/** Rows (of `rowBytes` each) of whole heads from interleaved order to halves, or back. */
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
