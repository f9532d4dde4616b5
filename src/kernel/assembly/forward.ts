/**
 * @file The model from tokens to logits: every thread of a team calls this at once, and they share out each part. Tokens of
 * one run may belong to any sequences; each sees those of its own that stand before it.
 */
import { attend } from './attention';
import { readRow } from './embed';
import { pageTokens } from './layout/blocks';
import * as Job from './layout/job';
import * as Layer from './layout/layer';
import * as Model from './layout/model';
import { multiply, multiplyGated, offer, To } from './multiply';
import { address, row, whole } from './tables';
import { meet, take } from './team';
import { norm, turn } from './vectors';

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
