/**
 * @file Forward pass from token ids to logits, run by every thread of a team at once; each part is split among them.
 * Tokens of one batch may belong to any sequences and attend to earlier tokens of their own.
 */
import { packRow, rowBytes } from './attention/packed';
import { slotAt } from './attention/pages';
import { attendAll, keysOf, valuesOf } from './attention/share';
import { readRow } from './embed';
import * as Job from './layout/job';
import * as Layer from './layout/layer';
import * as Model from './layout/model';
import { multiply, multiplyGated, multiplyHeads, quantiseInput, Output } from './multiply';
import { loadPointer, row, loadI32 } from './tables';
import { arrivesLast, barrier, beginShares, nextOfShares, release } from './team';
import { norm, applyRope } from './vectors';

/** RMS norm and RoPE of a token's queries and keys, and the write of its keys and values to its page of the KV cache. */
function pushToCache(model: usize, job: usize, layer: usize, index: i32, i: i32): void {
	const heads = loadI32(model + Model.heads);
	const groups = loadI32(model + Model.keyValueHeads);
	const size = loadI32(model + Model.headSize);
	const epsilon = load<f32>(model + Model.epsilon);
	const line = (<usize>size) << 2;
	const q = row(loadPointer(model + Model.queries), i, loadI32(model + Model.headsStride));
	const k = row(loadPointer(model + Model.keys), i, loadI32(model + Model.keysStride));
	const v = row(loadPointer(model + Model.values), i, loadI32(model + Model.keysStride));
	const queryNorm = loadPointer(layer + Layer.queryNorm);
	const keyNorm = loadPointer(layer + Layer.keyNorm);
	const rope = loadI32(layer + Layer.rope);
	const cosines = row(loadPointer(job + Job.cosines), i, size >> 1);
	const sines = row(loadPointer(job + Job.sines), i, size >> 1);
	for (let h = 0; h < heads; h++) {
		const head = q + <usize>h * line;
		if (queryNorm) norm(head, queryNorm, size, epsilon, head);
		if (rope) applyRope(head, cosines, sines, size);
	}
	const slot = loadI32(loadPointer(job + Job.slots) + ((<usize>i) << 2));
	const list = loadPointer(loadPointer(job + Job.pageLists) + ((<usize>i) << 2));
	const type = loadI32(job + Job.cacheType);
	const bytes = rowBytes(type, size);
	for (let g = 0; g < groups; g++) {
		const head = k + <usize>g * line;
		if (keyNorm) norm(head, keyNorm, size, epsilon, head);
		if (rope) applyRope(head, cosines, sines, size);
		packRow(type, head, size, slotAt(list, slot, keysOf(model, index, g), bytes));
		const to = slotAt(list, slot, valuesOf(model, index, g), bytes);
		packRow(type, v + <usize>g * line, size, to);
	}
}

/** What is done for token `i` before a product, or between one and attention. */
type Part = (model: usize, job: usize, layer: usize, index: i32, i: i32) => void;

/** RMS norm of the hidden state with `weight`, to the input of a product with `count` matrices from `first`. */
function normalise(model: usize, i: i32, from: i32, weight: usize, first: usize, count: i32): void {
	const stride = loadI32(model + Model.hiddenStride);
	const to = row(loadPointer(model + Model.normed), i, stride);
	const x = row(loadPointer(model + Model.x), from, stride);
	norm(x, weight, loadI32(model + Model.hidden), load<f32>(model + Model.epsilon), to);
	quantiseInput(model, i, to, first, count);
}

function beforeHeads(model: usize, job: usize, layer: usize, index: i32, i: i32): void {
	normalise(model, i, i, loadPointer(layer + Layer.inputNorm), layer + Layer.q, 3);
}
function beforeOutput(model: usize, job: usize, layer: usize, index: i32, i: i32): void {
	const to = row(loadPointer(model + Model.queries), i, loadI32(model + Model.headsStride));
	quantiseInput(model, i, to, layer + Layer.o, 1);
}
function beforeGate(model: usize, job: usize, layer: usize, index: i32, i: i32): void {
	normalise(model, i, i, loadPointer(layer + Layer.postNorm), layer + Layer.gate, 2);
}
function beforeDown(model: usize, job: usize, layer: usize, index: i32, i: i32): void {
	const x = row(loadPointer(model + Model.inner), i, loadI32(model + Model.innerStride));
	quantiseInput(model, i, x, layer + Layer.down, 1);
}
function beforeLogits(model: usize, job: usize, layer: usize, index: i32, i: i32): void {
	const from = loadI32(loadPointer(job + Job.wanted) + ((<usize>i) << 2));
	normalise(
		model,
		i,
		from,
		loadPointer(model + Model.finalNorm),
		loadPointer(model + Model.head),
		1,
	);
}

/**
 * A part for each of `tokens` tokens, after all that came before it. That of a single token is done by the thread that comes
 * last, while the others wait: one barrier instead of two.
 */
function forTokens(
	team: usize,
	thread: i32,
	tokens: i32,
	part: Part,
	model: usize,
	job: usize,
	layer: usize,
	index: i32,
): void {
	const isLast = arrivesLast(team);
	if (tokens == 1) {
		if (!isLast) return;
		part(model, job, layer, index, 0);
		release(team);
		return;
	}
	if (isLast) release(team);
	beginShares(team, thread);
	for (
		let i = nextOfShares(team, thread, tokens);
		i < tokens;
		i = nextOfShares(team, thread, tokens)
	)
		part(model, job, layer, index, i);
	barrier(team);
}

function runLayer(
	team: usize,
	model: usize,
	job: usize,
	index: i32,
	thread: i32,
	scratch: usize,
): void {
	const tokens = loadI32(job + Job.tokens);
	const layer = loadPointer(model + Model.layerTable) + <usize>index * Layer.bytes;
	const stride = loadI32(model + Model.hiddenStride);
	const x = loadPointer(model + Model.x);
	forTokens(team, thread, tokens, beforeHeads, model, job, layer, index);
	multiplyHeads(team, model, layer, tokens, thread, scratch);
	forTokens(team, thread, tokens, pushToCache, model, job, layer, index);
	attendAll(team, model, job, index, thread);
	forTokens(team, thread, tokens, beforeOutput, model, job, layer, index);
	multiply(team, model, layer + Layer.o, tokens, thread, scratch, x, stride, Output.Add);
	forTokens(team, thread, tokens, beforeGate, model, job, layer, index);
	multiplyGated(team, model, layer, tokens, thread, scratch);
	forTokens(team, thread, tokens, beforeDown, model, job, layer, index);
	multiply(team, model, layer + Layer.down, tokens, thread, scratch, x, stride, Output.Add);
}

/** One thread's share of a forward job; `scratch` is 256 bytes of its own. */
export function forward(team: usize, job: usize, thread: i32, scratch: usize): void {
	const model = loadPointer(job + Job.model);
	const tokens = loadI32(job + Job.tokens);
	// Read before the work starts: after the last barrier the table may already describe the next job.
	const count = loadI32(job + Job.wantedCount);
	if (!loadI32(job + Job.headOnly)) {
		const ids = loadPointer(job + Job.ids);
		const x = loadPointer(model + Model.x);
		const stride = loadI32(model + Model.hiddenStride);
		beginShares(team, thread);
		for (
			let i = nextOfShares(team, thread, tokens);
			i < tokens;
			i = nextOfShares(team, thread, tokens)
		)
			readRow(
				loadPointer(model + Model.embedding),
				loadI32(ids + ((<usize>i) << 2)),
				row(x, i, stride),
			);
		const layers = loadI32(model + Model.layers);
		for (let index = 0; index < layers; index++) runLayer(team, model, job, index, thread, scratch);
	}
	if (count) {
		const head = loadPointer(model + Model.head);
		forTokens(team, thread, count, beforeLogits, model, job, 0, 0);
		multiply(
			team,
			model,
			head,
			count,
			thread,
			scratch,
			loadPointer(model + Model.logits),
			loadI32(model + Model.vocabularyStride),
			Output.Store,
		);
	}
	barrier(team);
}
