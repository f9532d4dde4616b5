/** @file Learning: embeddings, a layer there and back, and the head with its loss, each a job of a team of threads. */
import * as Learn from './layout/learn';
import { layerBackward, layerForward } from './learn-layer';
import { inputPieces, inputs, outputPieces, outputs, place } from './learn-linear';
import { normBack, normRow } from './learn-rows';
import { widenRow } from './learn-widen';
import { meet, take } from './team';
import { sum } from './dot';
import { exp } from './vectors';

function whole(at: usize): i32 {
	return load<i32>(at);
}
function address(at: usize): usize {
	return <usize>load<u32>(at);
}

/** Logits [n] of a row to log p of `target`; with a weight other than 0 the gradient of −weight · log p takes their place. */
function lossRow(row: usize, n: i32, target: i32, weight: f32): f32 {
	let largest: f32 = -f32.MAX_VALUE;
	for (let i = 0; i < n; i++) largest = max(largest, load<f32>(row + ((<usize>i) << 2)));
	const most = f32x4.splat(largest);
	const chosen = load<f32>(row + ((<usize>target) << 2));
	// What lies behind the last must not count.
	for (let i = n; i & 7; i++) store<f32>(row + ((<usize>i) << 2), -f32.MAX_VALUE);
	const bytes = (<usize>((n + 3) & ~3)) << 2;
	let total: f64 = 0;
	for (let from: usize = 0; from < bytes;) {
		// Not too many at a time into numbers of 32 bits.
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
	const by = f32x4.splat(weight / <f32>total);
	for (let i: usize = 0; i < bytes; i += 16) v128.store(row + i, f32x4.mul(v128.load(row + i), by));
	for (let i = n; i & 7; i++) store<f32>(row + ((<usize>i) << 2), 0);
	const at = row + ((<usize>target) << 2);
	store<f32>(at, load<f32>(at) - weight);
	return logp;
}

function runHead(team: usize, job: usize, room: usize, sums: usize): void {
	const tokens = whole(job + Learn.tokens);
	const hidden = whole(job + Learn.hidden);
	const epsilon = load<f32>(job + Learn.epsilon);
	const hs = whole(job + Learn.hiddenStride);
	const stride = whole(job + Learn.logitsStride);
	const head = address(job + Learn.head);
	const weight = address(job + Learn.finalNorm);
	const x = address(job + Learn.x);
	const normed = address(job + Learn.normed);
	const logits = address(job + Learn.logits);
	const weights = address(job + Learn.weights);
	for (let i = take(team, 1); i < tokens; i = take(team, 1))
		normRow(place(x, i, hs, 0), weight, hidden, epsilon, place(normed, i, hs, 0));
	meet(team);
	const n = outputPieces(head);
	for (let i = take(team, 1); i < n; i = take(team, 1))
		outputs(head, i, tokens, normed, hs, logits, stride, 0, room, sums);
	meet(team);
	const words = whole(head + Learn.linearRows);
	for (let i = take(team, 1); i < tokens; i = take(team, 1)) {
		const at = (<usize>i) << 2;
		const target = whole(address(job + Learn.ids) + at);
		const w = weights ? load<f32>(weights + at) : <f32>0;
		const logp = lossRow(place(logits, i, stride, 0), words, target, w);
		store<f32>(address(job + Learn.logprobs) + at, logp);
	}
	meet(team);
	if (!weights) return;
	const dNormed = address(job + Learn.dNormed);
	const d = inputPieces(head);
	for (let i = take(team, 1); i < d; i = take(team, 1))
		inputs(head, i, tokens, logits, stride, dNormed, hs, false, room, sums);
	meet(team);
	const dy = address(job + Learn.dy);
	for (let i = take(team, 1); i < tokens; i = take(team, 1))
		normBack(
			place(dNormed, i, hs, 0),
			place(x, i, hs, 0),
			weight,
			hidden,
			epsilon,
			0,
			place(dy, i, hs, 0),
		);
	meet(team);
}

/** Runs a job as one thread of its team; `sums` has room for 256 bytes and is the thread's own. */
export function learn(team: usize, job: usize, thread: i32, sums: usize): void {
	const room = address(job + Learn.room) + <usize>thread * <usize>whole(job + Learn.roomBytes);
	const task = whole(job + Learn.task);
	if (task == Learn.taskForward) layerForward(team, job, room, sums);
	else if (task == Learn.taskBackward) layerBackward(team, job, room, sums);
	else if (task == Learn.taskHead) runHead(team, job, room, sums);
	else if (task == Learn.taskEmbed) {
		const tokens = whole(job + Learn.tokens);
		const stride = whole(job + Learn.hiddenStride);
		const head = address(job + Learn.head);
		const ids = address(job + Learn.ids);
		const x = address(job + Learn.x);
		for (let i = take(team, 1); i < tokens; i = take(team, 1))
			widenRow(head, whole(ids + ((<usize>i) << 2)), place(x, i, stride, 0));
		meet(team);
	}
}
