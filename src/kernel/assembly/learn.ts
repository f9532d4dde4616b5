/** @file Training jobs of a team of threads: embeddings, layer forward and backward, LM head with its loss. */
import * as Learn from './layout/learn';
import { layerBackward, layerForward } from './learn-layer';
import { inputPieces, inputs, outputPieces, outputs, elementAt } from './learn-linear';
import { normBackward, normRow } from './learn-rows';
import { widenRow } from './learn-widen';
import { barrier, nextItem } from './team';
import { sum } from './dot';
import { exp } from './vectors';

function loadI32(at: usize): i32 {
	return load<i32>(at);
}
function loadPointer(at: usize): usize {
	return <usize>load<u32>(at);
}

/**
 * Log-probability of `target` from a row of n logits, which the gradient of −weight · log p overwrites; an anchor, a
 * reference and a strength, adds that of ½ · strength · (reference − log p)².
 */
function lossRow(row: usize, n: i32, target: i32, weight: f32, anchor: usize): f32 {
	let largest: f32 = -f32.MAX_VALUE;
	for (let i = 0; i < n; i++) largest = max(largest, load<f32>(row + ((<usize>i) << 2)));
	const most = f32x4.splat(largest);
	const chosen = load<f32>(row + ((<usize>target) << 2));
	// Padding must not count.
	for (let i = n; i & 7; i++) store<f32>(row + ((<usize>i) << 2), -f32.MAX_VALUE);
	const bytes = (<usize>((n + 3) & ~3)) << 2;
	let total: f64 = 0;
	for (let from: usize = 0; from < bytes;) {
		// Partial sums, so that F32 accumulators keep their precision.
		let part = f32x4.splat(0);
		const end = min(bytes, from + 1024);
		for (; from < end; from += 16) {
			const share = exp(f32x4.sub(v128.load(row + from), most));
			v128.store(row + from, share);
			part = f32x4.add(part, share);
		}
		total += <f64>sum(part);
	}
	const logp = chosen - largest - <f32>Math.log(total);
	if (anchor) weight += load<f32>(anchor, 4) * (load<f32>(anchor) - logp);
	const by = f32x4.splat(weight / <f32>total);
	for (let i: usize = 0; i < bytes; i += 16) v128.store(row + i, f32x4.mul(v128.load(row + i), by));
	for (let i = n; i & 7; i++) store<f32>(row + ((<usize>i) << 2), 0);
	const at = row + ((<usize>target) << 2);
	store<f32>(at, load<f32>(at) - weight);
	return logp;
}

function runHead(team: usize, job: usize, room: usize, sums: usize): void {
	const tokens = loadI32(job + Learn.tokens);
	const hidden = loadI32(job + Learn.hidden);
	const epsilon = load<f32>(job + Learn.epsilon);
	const hs = loadI32(job + Learn.hiddenStride);
	const stride = loadI32(job + Learn.logitsStride);
	const head = loadPointer(job + Learn.head);
	const weight = loadPointer(job + Learn.finalNorm);
	const x = loadPointer(job + Learn.x);
	const normed = loadPointer(job + Learn.normed);
	const logits = loadPointer(job + Learn.logits);
	const weights = loadPointer(job + Learn.weights);
	const anchors = loadPointer(job + Learn.anchors);
	for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1))
		normRow(elementAt(x, i, hs, 0), weight, hidden, epsilon, elementAt(normed, i, hs, 0));
	barrier(team);
	const n = outputPieces(head);
	for (let i = nextItem(team, 1); i < n; i = nextItem(team, 1))
		outputs(head, i, tokens, normed, hs, logits, stride, 0, room, sums);
	barrier(team);
	const words = loadI32(head + Learn.linearRows);
	for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1)) {
		const at = (<usize>i) << 2;
		const target = loadI32(loadPointer(job + Learn.ids) + at);
		const w = weights ? load<f32>(weights + at) : <f32>0;
		const anchor = anchors ? anchors + (at << 1) : 0;
		const logp = lossRow(elementAt(logits, i, stride, 0), words, target, w, anchor);
		store<f32>(loadPointer(job + Learn.logprobs) + at, logp);
	}
	barrier(team);
	if (!weights) return;
	const dNormed = loadPointer(job + Learn.dNormed);
	const d = inputPieces(head);
	for (let i = nextItem(team, 1); i < d; i = nextItem(team, 1))
		inputs(head, i, tokens, logits, stride, dNormed, hs, false, room, sums);
	barrier(team);
	const dy = loadPointer(job + Learn.dy);
	for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1))
		normBackward(
			elementAt(dNormed, i, hs, 0),
			elementAt(x, i, hs, 0),
			weight,
			hidden,
			epsilon,
			0,
			elementAt(dy, i, hs, 0),
		);
	barrier(team);
}

/** One thread's share of a training job; `sums` is 256 bytes of its own. */
export function learn(team: usize, job: usize, thread: i32, sums: usize): void {
	const room =
		loadPointer(job + Learn.room) + <usize>thread * <usize>loadI32(job + Learn.roomBytes);
	const task = loadI32(job + Learn.task);
	if (task == Learn.taskForward) layerForward(team, job, room, sums);
	else if (task == Learn.taskBackward) layerBackward(team, job, room, sums);
	else if (task == Learn.taskHead) runHead(team, job, room, sums);
	else if (task == Learn.taskEmbed) {
		const tokens = loadI32(job + Learn.tokens);
		const stride = loadI32(job + Learn.hiddenStride);
		const head = loadPointer(job + Learn.head);
		const ids = loadPointer(job + Learn.ids);
		const x = loadPointer(job + Learn.x);
		for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1))
			widenRow(head, loadI32(ids + ((<usize>i) << 2)), elementAt(x, i, stride, 0));
		barrier(team);
	}
}
