/** @file Parts of a job that multiply rows by matrices: tiles are shared out among the threads. */
import * as Layer from './layout/layer';
import * as Matrix from './layout/matrix';
import * as Model from './layout/model';
import * as Team from './layout/team';
import { tileTimes } from './product';
import { quantise } from './quantise';
import { address, row, whole } from './tables';
import { take } from './team';
import { gated, inner } from './vectors';

/** z = A · x of a matrix's LoRA. */
function reduce(matrix: usize, x: usize, lora: usize): void {
	const rank = whole(matrix + Matrix.rank);
	const columns = whole(matrix + Matrix.blocks) << 5;
	const a = address(matrix + Matrix.loraA);
	lora += (<usize>whole(matrix + Matrix.loraAt)) << 2;
	for (let r = 0; r < rank; r++)
		store<f32>(lora + ((<usize>r) << 2), inner(row(a, r, columns), x, columns));
}

/** Makes row `i` the input of a product with these matrices: in 8 bits, and what their LoRA takes of it. */
export function offer(model: usize, i: i32, x: usize, first: usize, count: i32): void {
	const blocks = whole(first + Matrix.blocks);
	const at = <usize>i * <usize>blocks;
	quantise(
		x,
		blocks,
		address(model + Model.quants) + (at << 5),
		address(model + Model.scales) + (at << 2),
		address(model + Model.sums) + (at << 2),
	);
	const lora = row(address(model + Model.lora), i, whole(model + Model.loraStride));
	for (let m = 0; m < count; m++) reduce(first + <usize>m * Matrix.bytes, x, lora);
}

/** What is done with 8 outputs of `count` tokens. */
export const enum To {
	Store,
	Add,
}

/** A part that multiplies the offered rows of `tokens` tokens by a matrix. */
export function multiply(
	team: usize,
	model: usize,
	matrix: usize,
	tokens: i32,
	scratch: usize,
	to: usize,
	stride: i32,
	how: To,
): void {
	const tiles = whole(matrix + Matrix.tiles);
	const blocks = whole(matrix + Matrix.blocks);
	const pieces = max(1, tiles / (8 * whole(team + Team.threads)));
	for (let t = take(team, pieces); t < tiles; t = take(team, pieces)) {
		const end = min(tiles, t + pieces);
		for (let tile = t; tile < end; tile++) {
			for (let i = 0; i < tokens;) {
				const count = tokens - i >= 4 ? 4 : 1;
				at(model, matrix, tile, i, count, blocks, scratch);
				for (let j = 0; j < count; j++) {
					const y = scratch + ((<usize>j) << 5);
					const x = row(to, i + j, stride) + ((<usize>tile) << 5);
					if (how == To.Add) {
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
	const stride = whole(model + Model.loraStride);
	tileTimes(
		matrix,
		tile,
		count,
		address(model + Model.quants) + (place << 5),
		address(model + Model.scales) + (place << 2),
		address(model + Model.sums) + (place << 2),
		row(address(model + Model.lora), i, stride),
		<usize>stride,
		to,
	);
}

/** silu(gate) · up of the offered rows. */
export function multiplyGated(
	team: usize,
	model: usize,
	layer: usize,
	tokens: i32,
	scratch: usize,
): void {
	const gate = layer + Layer.gate;
	const up = layer + Layer.up;
	const tiles = whole(gate + Matrix.tiles);
	const blocks = whole(gate + Matrix.blocks);
	const stride = whole(model + Model.innerStride);
	const to = address(model + Model.inner);
	const pieces = max(1, tiles / (8 * whole(team + Team.threads)));
	for (let t = take(team, pieces); t < tiles; t = take(team, pieces)) {
		const end = min(tiles, t + pieces);
		for (let tile = t; tile < end; tile++) {
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
