/** @file Matrix products of a forward job: tiles are split among the threads. */
import * as Layer from './layout/layer';
import * as Matrix from './layout/matrix';
import * as Model from './layout/model';
import * as Team from './layout/team';
import { multiplyTile } from './product';
import { quantise } from './quantise';
import { loadPointer, row, loadI32 } from './tables';
import { beginShares, nextOfShares } from './team';
import { gated, inner } from './vectors';

/** z = A · x of a matrix's LoRA. */
function reduce(matrix: usize, x: usize, lora: usize): void {
	const rank = loadI32(matrix + Matrix.rank);
	const columns = loadI32(matrix + Matrix.blocks) << 5;
	const a = loadPointer(matrix + Matrix.loraA);
	lora += (<usize>loadI32(matrix + Matrix.loraAt)) << 2;
	for (let r = 0; r < rank; r++)
		store<f32>(lora + ((<usize>r) << 2), inner(row(a, r, columns), x, columns));
}

/** Quantises row `i` to 8 bits as the input of a product, and computes z of the LoRA of `count` matrices from `first`. */
export function quantiseInput(model: usize, i: i32, x: usize, first: usize, count: i32): void {
	const blocks = loadI32(first + Matrix.blocks);
	const at = <usize>i * <usize>blocks;
	quantise(
		x,
		blocks,
		loadPointer(model + Model.quants) + (at << 5),
		loadPointer(model + Model.scales) + (at << 2),
		loadPointer(model + Model.sums) + (at << 2),
	);
	const lora = row(loadPointer(model + Model.lora), i, loadI32(model + Model.loraStride));
	for (let m = 0; m < count; m++) reduce(first + <usize>m * Matrix.bytes, x, lora);
}

/** Destination of 8 outputs of `count` tokens: overwritten or added to. */
export const enum Output {
	Store,
	Add,
}

/** Tiles of a claim, of so many in all. */
function claimOf(team: usize, tiles: i32): i32 {
	return max(1, tiles / (16 * loadI32(team + Team.threads)));
}
/** Claims of so many tiles. */
function claimsOf(tiles: i32, claim: i32): i32 {
	return (tiles + claim - 1) / claim;
}

/** Product of the quantised rows of `tokens` tokens with a matrix. */
export function multiply(
	team: usize,
	model: usize,
	matrix: usize,
	tokens: i32,
	thread: i32,
	scratch: usize,
	to: usize,
	stride: i32,
	how: Output,
): void {
	const tiles = loadI32(matrix + Matrix.tiles);
	const claim = claimOf(team, tiles);
	const claims = claimsOf(tiles, claim);
	beginShares(team, thread);
	for (
		let c = nextOfShares(team, thread, claims);
		c < claims;
		c = nextOfShares(team, thread, claims)
	) {
		const end = min(tiles, (c + 1) * claim);
		for (let tile = c * claim; tile < end; tile++)
			multiplyRows(model, matrix, tile, tokens, scratch, to, stride, how);
	}
}

/** Queries, keys and values of the quantised rows. */
export function multiplyHeads(
	team: usize,
	model: usize,
	layer: usize,
	tokens: i32,
	thread: i32,
	scratch: usize,
): void {
	const q = layer + Layer.q;
	const k = layer + Layer.k;
	const v = layer + Layer.v;
	const queries = loadPointer(model + Model.queries);
	const keys = loadPointer(model + Model.keys);
	const values = loadPointer(model + Model.values);
	const headsStride = loadI32(model + Model.headsStride);
	const keysStride = loadI32(model + Model.keysStride);
	const firstKey = loadI32(q + Matrix.tiles);
	const firstValue = firstKey + loadI32(k + Matrix.tiles);
	const tiles = firstValue + loadI32(v + Matrix.tiles);
	const claim = claimOf(team, tiles);
	const claims = claimsOf(tiles, claim);
	beginShares(team, thread);
	for (
		let c = nextOfShares(team, thread, claims);
		c < claims;
		c = nextOfShares(team, thread, claims)
	) {
		const end = min(tiles, (c + 1) * claim);
		for (let tile = c * claim; tile < end; tile++)
			if (tile < firstKey)
				multiplyRows(model, q, tile, tokens, scratch, queries, headsStride, Output.Store);
			else if (tile < firstValue)
				multiplyRows(model, k, tile - firstKey, tokens, scratch, keys, keysStride, Output.Store);
			else
				multiplyRows(
					model,
					v,
					tile - firstValue,
					tokens,
					scratch,
					values,
					keysStride,
					Output.Store,
				);
	}
}

/** One tile of a product. */
function multiplyRows(
	model: usize,
	matrix: usize,
	tile: i32,
	tokens: i32,
	scratch: usize,
	to: usize,
	stride: i32,
	how: Output,
): void {
	const blocks = loadI32(matrix + Matrix.blocks);
	for (let i = 0; i < tokens;) {
		const count = tokens - i >= 4 ? 4 : 1;
		at(model, matrix, tile, i, count, blocks, scratch);
		for (let j = 0; j < count; j++) {
			const y = scratch + ((<usize>j) << 5);
			const x = row(to, i + j, stride) + ((<usize>tile) << 5);
			if (how == Output.Add) {
				v128.store(x, f32x4.add(v128.load(x), v128.load(y)));
				v128.store(x, f32x4.add(v128.load(x, 16), v128.load(y, 16)), 16);
			} else {
				v128.store(x, v128.load(y));
				v128.store(x, v128.load(y, 16), 16);
			}
		}
		i += count;
	}
}

function at(
	model: usize,
	matrix: usize,
	tile: i32,
	i: i32,
	count: i32,
	blocks: i32,
	to: usize,
): void {
	const place = <usize>i * <usize>blocks;
	const stride = loadI32(model + Model.loraStride);
	multiplyTile(
		matrix,
		tile,
		count,
		loadPointer(model + Model.quants) + (place << 5),
		loadPointer(model + Model.scales) + (place << 2),
		loadPointer(model + Model.sums) + (place << 2),
		row(loadPointer(model + Model.lora), i, stride),
		<usize>stride,
		to,
	);
}

/** silu(gate) · up of the quantised rows. */
export function multiplyGated(
	team: usize,
	model: usize,
	layer: usize,
	tokens: i32,
	thread: i32,
	scratch: usize,
): void {
	const gate = layer + Layer.gate;
	const up = layer + Layer.up;
	const tiles = loadI32(gate + Matrix.tiles);
	const blocks = loadI32(gate + Matrix.blocks);
	const stride = loadI32(model + Model.innerStride);
	const to = loadPointer(model + Model.inner);
	const claim = claimOf(team, tiles);
	const claims = claimsOf(tiles, claim);
	beginShares(team, thread);
	for (
		let c = nextOfShares(team, thread, claims);
		c < claims;
		c = nextOfShares(team, thread, claims)
	) {
		const end = min(tiles, (c + 1) * claim);
		for (let tile = c * claim; tile < end; tile++) {
			for (let i = 0; i < tokens;) {
				const count = tokens - i >= 4 ? 4 : 1;
				at(model, gate, tile, i, count, blocks, scratch);
				at(model, up, tile, i, count, blocks, scratch + 128);
				for (let j = 0; j < count; j++) {
					const g = scratch + ((<usize>j) << 5);
					const x = row(to, i + j, stride) + ((<usize>tile) << 5);
					v128.store(x, gated(v128.load(g), v128.load(g, 128)));
					v128.store(x, gated(v128.load(g, 16), v128.load(g, 144)), 16);
				}
				i += count;
			}
		}
	}
}
