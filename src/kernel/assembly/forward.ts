/**
 * @file The model from tokens to logits: every thread of a team calls this at once, and they share out each part. Tokens of
 * one run may belong to any sequences; each sees those of its own that stand before it.
 */
import { attend } from './attention';
import { block4, block8, pageTokens } from './layout/blocks';
import * as Job from './layout/job';
import * as Layer from './layout/layer';
import * as Matrix from './layout/matrix';
import * as Model from './layout/model';
import * as Team from './layout/team';
import { tileTimes } from './product';
import { quantise } from './quantise';
import { meet, take } from './team';
import { gated, inner, norm, turn } from './vectors';

function whole(at: usize): i32 {
	return load<i32>(at);
}
function address(at: usize): usize {
	return <usize>load<u32>(at);
}
/** Row `i` of a table of rows of `stride` numbers. */
function row(table: usize, i: i32, stride: i32): usize {
	return table + ((<usize>i * <usize>stride) << 2);
}

/** One row of a matrix, widened: an embedding. */
function readRow(matrix: usize, index: i32, to: usize): void {
	const blocks = whole(matrix + Matrix.blocks);
	const isFour = whole(matrix + Matrix.bits) == 4;
	const size = isFour ? block4 : block8;
	const lane = <usize>(index & 7);
	let w = address(matrix + Matrix.data) + <usize>(index >> 3) * <usize>blocks * size;
	for (let b = 0; b < blocks; b++, w += size, to += 128) {
		const scale = load<f32>(w + size - 64 + (lane << 2));
		const offset = load<f32>(w + size - 32 + (lane << 2));
		for (let c: usize = 0; c < 32; c++) {
			const place = isFour
				? (((c & 15) >> 2) << 5) + (lane << 2) + (c & 3)
				: ((c >> 2) << 5) + (lane << 2) + (c & 3);
			const byte = load<u8>(w + place);
			const q = isFour ? (c < 16 ? byte & 15 : byte >> 4) : byte;
			store<f32>(to + (c << 2), scale * <f32>q + offset);
		}
	}
}

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
function offer(model: usize, i: i32, x: usize, first: usize, count: i32): void {
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
const enum To {
	Store,
	Add,
}

/** A part that multiplies the offered rows of `tokens` tokens by a matrix. */
function multiply(
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
function multiplyGated(team: usize, model: usize, layer: usize, tokens: i32, scratch: usize): void {
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

/** Norms and turns a token's queries and keys, and puts its keys and values into its sequence's page. */
function remember(model: usize, job: usize, layer: usize, index: i32, i: i32): void {
	const heads = whole(model + Model.heads);
	const groups = whole(model + Model.keyValueHeads);
	const size = whole(model + Model.headSize);
	const epsilon = load<f32>(model + Model.epsilon);
	const line = (<usize>size) << 2;
	const q = row(address(model + Model.queries), i, whole(model + Model.headsStride));
	const k = row(address(model + Model.keys), i, whole(model + Model.keysStride));
	const v = row(address(model + Model.values), i, whole(model + Model.keysStride));
	const queryNorm = address(layer + Layer.queryNorm);
	const keyNorm = address(layer + Layer.keyNorm);
	const rope = whole(layer + Layer.rope);
	const cosines = row(address(job + Job.cosines), i, size >> 1);
	const sines = row(address(job + Job.sines), i, size >> 1);
	for (let h = 0; h < heads; h++) {
		const head = q + <usize>h * line;
		if (queryNorm) norm(head, queryNorm, size, epsilon, head);
		if (rope) turn(head, cosines, sines, size);
	}
	const position = whole(address(job + Job.positions) + ((<usize>i) << 2));
	const list = address(address(job + Job.pageLists) + ((<usize>i) << 2));
	const page = address(list + ((<usize>(position / pageTokens)) << 2));
	const place = <usize>(position & (pageTokens - 1)) * line;
	const group = <usize>pageTokens * line;
	for (let g = 0; g < groups; g++) {
		const head = k + <usize>g * line;
		if (keyNorm) norm(head, keyNorm, size, epsilon, head);
		if (rope) turn(head, cosines, sines, size);
		const at = page + <usize>(2 * index * groups + g) * group + place;
		memory.copy(at, head, line);
		memory.copy(at + <usize>groups * group, v + <usize>g * line, line);
	}
}

function runLayer(
	team: usize,
	model: usize,
	job: usize,
	index: i32,
	thread: i32,
	scratch: usize,
): void {
	const tokens = whole(job + Job.tokens);
	const layer = address(model + Model.layerTable) + <usize>index * Layer.bytes;
	const heads = whole(model + Model.heads);
	const groups = whole(model + Model.keyValueHeads);
	const size = whole(model + Model.headSize);
	const hidden = whole(model + Model.hidden);
	const hiddenStride = whole(model + Model.hiddenStride);
	const headsStride = whole(model + Model.headsStride);
	const keysStride = whole(model + Model.keysStride);
	const epsilon = load<f32>(model + Model.epsilon);
	const x = address(model + Model.x);
	const normed = address(model + Model.normed);
	const queries = address(model + Model.queries);

	for (let i = take(team, 1); i < tokens; i = take(team, 1)) {
		const to = row(normed, i, hiddenStride);
		norm(row(x, i, hiddenStride), address(layer + Layer.inputNorm), hidden, epsilon, to);
		offer(model, i, to, layer + Layer.q, 3);
	}
	meet(team);
	multiply(team, model, layer + Layer.q, tokens, scratch, queries, headsStride, To.Store);
	meet(team);
	multiply(
		team,
		model,
		layer + Layer.k,
		tokens,
		scratch,
		address(model + Model.keys),
		keysStride,
		To.Store,
	);
	meet(team);
	multiply(
		team,
		model,
		layer + Layer.v,
		tokens,
		scratch,
		address(model + Model.values),
		keysStride,
		To.Store,
	);
	meet(team);
	for (let i = take(team, 1); i < tokens; i = take(team, 1)) remember(model, job, layer, index, i);
	meet(team);
	const scores = row(address(model + Model.scores), thread, whole(model + Model.scoresStride));
	const group = (<usize>(pageTokens * size)) << 2;
	for (let item = take(team, 1); item < tokens * heads; item = take(team, 1)) {
		const i = item / heads;
		const h = item % heads;
		const keysAt = <usize>(2 * index * groups + h / (heads / groups)) * group;
		const q = row(queries, i, headsStride) + ((<usize>(h * size)) << 2);
		const seen = whole(address(job + Job.positions) + ((<usize>i) << 2)) + 1;
		const list = address(address(job + Job.pageLists) + ((<usize>i) << 2));
		attend(q, list, keysAt, keysAt + <usize>groups * group, seen, size, scores, q);
	}
	meet(team);
	for (let i = take(team, 1); i < tokens; i = take(team, 1))
		offer(model, i, row(queries, i, headsStride), layer + Layer.o, 1);
	meet(team);
	multiply(team, model, layer + Layer.o, tokens, scratch, x, hiddenStride, To.Add);
	meet(team);
	for (let i = take(team, 1); i < tokens; i = take(team, 1)) {
		const to = row(normed, i, hiddenStride);
		norm(row(x, i, hiddenStride), address(layer + Layer.postNorm), hidden, epsilon, to);
		offer(model, i, to, layer + Layer.gate, 2);
	}
	meet(team);
	multiplyGated(team, model, layer, tokens, scratch);
	meet(team);
	for (let i = take(team, 1); i < tokens; i = take(team, 1))
		offer(
			model,
			i,
			row(address(model + Model.inner), i, whole(model + Model.innerStride)),
			layer + Layer.down,
			1,
		);
	meet(team);
	multiply(team, model, layer + Layer.down, tokens, scratch, x, hiddenStride, To.Add);
	meet(team);
}

/** Runs a job as one thread of its team; `scratch` has room for 256 bytes and is the thread's own. */
export function forward(team: usize, job: usize, thread: i32, scratch: usize): void {
	const model = address(job + Job.model);
	const tokens = whole(job + Job.tokens);
	const stride = whole(model + Model.hiddenStride);
	const x = address(model + Model.x);
	// Read now: after the last meeting the table may already be that of the next job.
	const count = whole(job + Job.wantedCount);
	if (!whole(job + Job.headOnly)) {
		const ids = address(job + Job.ids);
		for (let i = take(team, 1); i < tokens; i = take(team, 1))
			readRow(address(model + Model.embedding), whole(ids + ((<usize>i) << 2)), row(x, i, stride));
		meet(team);
		const layers = whole(model + Model.layers);
		for (let index = 0; index < layers; index++) runLayer(team, model, job, index, thread, scratch);
	}
	if (count == 0) return;
	const head = address(model + Model.head);
	const hidden = whole(model + Model.hidden);
	const epsilon = load<f32>(model + Model.epsilon);
	for (let w = take(team, 1); w < count; w = take(team, 1)) {
		const i = whole(address(job + Job.wanted) + ((<usize>w) << 2));
		const to = row(address(model + Model.normed), w, stride);
		norm(row(x, i, stride), address(model + Model.finalNorm), hidden, epsilon, to);
		offer(model, w, to, head, 1);
	}
	meet(team);
	multiply(
		team,
		model,
		head,
		count,
		scratch,
		address(model + Model.logits),
		whole(model + Model.vocabularyStride),
		To.Store,
	);
	meet(team);
}
