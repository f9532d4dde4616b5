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
import { multiply, multiplyGated, quantiseInput, Output } from './multiply';
import { loadPointer, row, loadI32 } from './tables';
import { barrier, nextItem } from './team';
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
	const hidden = loadI32(model + Model.hidden);
	const hiddenStride = loadI32(model + Model.hiddenStride);
	const headsStride = loadI32(model + Model.headsStride);
	const keysStride = loadI32(model + Model.keysStride);
	const epsilon = load<f32>(model + Model.epsilon);
	const x = loadPointer(model + Model.x);
	const normed = loadPointer(model + Model.normed);
	const queries = loadPointer(model + Model.queries);

	for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1)) {
		const to = row(normed, i, hiddenStride);
		norm(row(x, i, hiddenStride), loadPointer(layer + Layer.inputNorm), hidden, epsilon, to);
		quantiseInput(model, i, to, layer + Layer.q, 3);
	}
	barrier(team);
	multiply(team, model, layer + Layer.q, tokens, scratch, queries, headsStride, Output.Store);
	barrier(team);
	multiply(
		team,
		model,
		layer + Layer.k,
		tokens,
		scratch,
		loadPointer(model + Model.keys),
		keysStride,
		Output.Store,
	);
	barrier(team);
	multiply(
		team,
		model,
		layer + Layer.v,
		tokens,
		scratch,
		loadPointer(model + Model.values),
		keysStride,
		Output.Store,
	);
	barrier(team);
	for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1))
		pushToCache(model, job, layer, index, i);
	barrier(team);
	attendAll(team, model, job, index, thread);
	barrier(team);
	for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1))
		quantiseInput(model, i, row(queries, i, headsStride), layer + Layer.o, 1);
	barrier(team);
	multiply(team, model, layer + Layer.o, tokens, scratch, x, hiddenStride, Output.Add);
	barrier(team);
	for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1)) {
		const to = row(normed, i, hiddenStride);
		norm(row(x, i, hiddenStride), loadPointer(layer + Layer.postNorm), hidden, epsilon, to);
		quantiseInput(model, i, to, layer + Layer.gate, 2);
	}
	barrier(team);
	multiplyGated(team, model, layer, tokens, scratch);
	barrier(team);
	for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1))
		quantiseInput(
			model,
			i,
			row(loadPointer(model + Model.inner), i, loadI32(model + Model.innerStride)),
			layer + Layer.down,
			1,
		);
	barrier(team);
	multiply(team, model, layer + Layer.down, tokens, scratch, x, hiddenStride, Output.Add);
	barrier(team);
}

/** One thread's share of a forward job; `scratch` is 256 bytes of its own. */
export function forward(team: usize, job: usize, thread: i32, scratch: usize): void {
	const model = loadPointer(job + Job.model);
	const tokens = loadI32(job + Job.tokens);
	const stride = loadI32(model + Model.hiddenStride);
	const x = loadPointer(model + Model.x);
	// Read before the work starts: after the last barrier the table may already describe the next job.
	const count = loadI32(job + Job.wantedCount);
	if (!loadI32(job + Job.headOnly)) {
		const ids = loadPointer(job + Job.ids);
		for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1))
			readRow(
				loadPointer(model + Model.embedding),
				loadI32(ids + ((<usize>i) << 2)),
				row(x, i, stride),
			);
		barrier(team);
		const layers = loadI32(model + Model.layers);
		for (let index = 0; index < layers; index++) runLayer(team, model, job, index, thread, scratch);
	}
	if (count == 0) return;
	const head = loadPointer(model + Model.head);
	const hidden = loadI32(model + Model.hidden);
	const epsilon = load<f32>(model + Model.epsilon);
	for (let w = nextItem(team, 1); w < count; w = nextItem(team, 1)) {
		const i = loadI32(loadPointer(job + Job.wanted) + ((<usize>w) << 2));
		const to = row(loadPointer(model + Model.normed), w, stride);
		norm(row(x, i, stride), loadPointer(model + Model.finalNorm), hidden, epsilon, to);
		quantiseInput(model, w, to, head, 1);
	}
	barrier(team);
	multiply(
		team,
		model,
		head,
		count,
		scratch,
		loadPointer(model + Model.logits),
		loadI32(model + Model.vocabularyStride),
		Output.Store,
	);
	barrier(team);
}
