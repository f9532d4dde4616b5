/** @file One layer, there and back: every thread of a team calls this at once, and they share out each part. */
import * as Learn from './layout/learn';
import { attendAll } from './learn-attention';
import {
	gradientPieces,
	gradients,
	inputPieces,
	inputs,
	outputPieces,
	outputs,
	place,
	reduceInput,
	reduceOutput,
} from './learn-linear';
import { gatedBack, normBack } from './learn-rows';
import { gateRows, normRows, turnHeadsBack, turnRowsOf } from './learn-tokens';
import { meet, take } from './team';

/** Rows of tokens that a thread takes at a time. */
const some: i32 = 48;

function whole(at: usize): i32 {
	return load<i32>(at);
}
function address(at: usize): usize {
	return <usize>load<u32>(at);
}

export function layerForward(team: usize, job: usize, room: usize, sums: usize): void {
	const tokens = whole(job + Learn.tokens);
	const layer = address(job + Learn.layer);
	const items = whole(job + Learn.sequences) * whole(job + Learn.keyValueHeads);
	const hs = whole(job + Learn.hiddenStride);
	const qs = whole(job + Learn.queryStride);
	const ks = whole(job + Learn.keyStride);
	const fs = whole(job + Learn.innerStride);
	const x = address(job + Learn.x);
	const middle = address(job + Learn.middle);
	const normed = address(job + Learn.normed);
	const mixed = address(job + Learn.mixed);
	const inner = address(job + Learn.gated);
	const q = layer + Learn.layerQ;
	const k = layer + Learn.layerK;
	const v = layer + Learn.layerV;
	const o = layer + Learn.layerO;
	const gate = layer + Learn.layerGate;
	const up = layer + Learn.layerUp;
	const down = layer + Learn.layerDown;

	for (let i = take(team, some); i < tokens; i = take(team, some)) {
		const end = min(tokens, i + some);
		normRows(job, i, end, x, address(layer + Learn.layerInputNorm));
		reduceInput(q, i, end, normed, hs, sums);
		reduceInput(k, i, end, normed, hs, sums);
		reduceInput(v, i, end, normed, hs, sums);
	}
	meet(team);
	const qn = outputPieces(q);
	const kn = qn + outputPieces(k);
	const vn = kn + outputPieces(v);
	for (let i = take(team, 1); i < vn; i = take(team, 1)) {
		if (i < qn) outputs(q, i, tokens, normed, hs, address(job + Learn.queries), qs, 0, room, sums);
		else if (i < kn)
			outputs(k, i - qn, tokens, normed, hs, address(job + Learn.keys), ks, 0, room, sums);
		else outputs(v, i - kn, tokens, normed, hs, address(job + Learn.values), ks, 0, room, sums);
	}
	meet(team);
	for (let i = take(team, some); i < tokens; i = take(team, some))
		turnRowsOf(job, i, min(tokens, i + some));
	meet(team);
	for (let i = take(team, 1); i < items; i = take(team, 1)) attendAll(job, i, false, room, sums);
	meet(team);
	for (let i = take(team, some); i < tokens; i = take(team, some))
		reduceInput(o, i, min(tokens, i + some), mixed, qs, sums);
	meet(team);
	const on = outputPieces(o);
	for (let i = take(team, 1); i < on; i = take(team, 1))
		outputs(o, i, tokens, mixed, qs, middle, hs, x, room, sums);
	meet(team);
	for (let i = take(team, some); i < tokens; i = take(team, some)) {
		const end = min(tokens, i + some);
		normRows(job, i, end, middle, address(layer + Learn.layerPostNorm));
		reduceInput(gate, i, end, normed, hs, sums);
		reduceInput(up, i, end, normed, hs, sums);
	}
	meet(team);
	const gn = outputPieces(gate);
	for (let i = take(team, 1); i < 2 * gn; i = take(team, 1)) {
		if (i < gn) outputs(gate, i, tokens, normed, hs, address(job + Learn.gate), fs, 0, room, sums);
		else outputs(up, i - gn, tokens, normed, hs, address(job + Learn.up), fs, 0, room, sums);
	}
	meet(team);
	for (let i = take(team, some); i < tokens; i = take(team, some)) {
		const end = min(tokens, i + some);
		gateRows(job, i, end);
		reduceInput(down, i, end, inner, fs, sums);
	}
	meet(team);
	const dn = outputPieces(down);
	const y = address(job + Learn.y);
	for (let i = take(team, 1); i < dn; i = take(team, 1))
		outputs(down, i, tokens, inner, fs, y, hs, middle, room, sums);
	meet(team);
}

export function layerBackward(team: usize, job: usize, room: usize, sums: usize): void {
	const tokens = whole(job + Learn.tokens);
	const layer = address(job + Learn.layer);
	const items = whole(job + Learn.sequences) * whole(job + Learn.keyValueHeads);
	const hidden = whole(job + Learn.hidden);
	const epsilon = load<f32>(job + Learn.epsilon);
	const hs = whole(job + Learn.hiddenStride);
	const qs = whole(job + Learn.queryStride);
	const ks = whole(job + Learn.keyStride);
	const fs = whole(job + Learn.innerStride);
	const x = address(job + Learn.x);
	const middle = address(job + Learn.middle);
	const normed = address(job + Learn.normed);
	const mixed = address(job + Learn.mixed);
	const inner = address(job + Learn.gated);
	const dy = address(job + Learn.dy);
	const dNormed = address(job + Learn.dNormed);
	const dMixed = address(job + Learn.dMixed);
	const dq = address(job + Learn.dQueries);
	const dk = address(job + Learn.dKeys);
	const dv = address(job + Learn.dValues);
	const dInner = address(job + Learn.dInner);
	/** From here on in place of gate and up. */
	const dGate = address(job + Learn.gate);
	const dUp = address(job + Learn.up);
	const q = layer + Learn.layerQ;
	const k = layer + Learn.layerK;
	const v = layer + Learn.layerV;
	const o = layer + Learn.layerO;
	const gate = layer + Learn.layerGate;
	const up = layer + Learn.layerUp;
	const down = layer + Learn.layerDown;

	for (let i = take(team, some); i < tokens; i = take(team, some)) {
		const end = min(tokens, i + some);
		gateRows(job, i, end);
		reduceInput(down, i, end, inner, fs, sums);
		reduceOutput(down, i, end, dy, hs, sums);
		normRows(job, i, end, middle, address(layer + Learn.layerPostNorm));
		reduceInput(gate, i, end, normed, hs, sums);
		reduceInput(up, i, end, normed, hs, sums);
	}
	meet(team);
	const fn = inputPieces(down);
	const gdn = gradientPieces(down);
	for (let i = take(team, 1); i < fn + gdn; i = take(team, 1)) {
		if (i < fn) inputs(down, i, tokens, dy, hs, dInner, fs, false, room, sums);
		else gradients(down, i - fn, tokens, inner, fs, dy, hs, sums);
	}
	meet(team);
	for (let i = take(team, some); i < tokens; i = take(team, some)) {
		const end = min(tokens, i + some);
		const at = (<usize>i * <usize>fs) << 2;
		gatedBack(dGate + at, dUp + at, dInner + at, (end - i) * fs);
		reduceOutput(gate, i, end, dGate, fs, sums);
		reduceOutput(up, i, end, dUp, fs, sums);
	}
	meet(team);
	const hn = inputPieces(gate);
	const ggn = hn + gradientPieces(gate);
	const gun = ggn + gradientPieces(up);
	for (let i = take(team, 1); i < gun; i = take(team, 1)) {
		if (i < hn) {
			inputs(gate, i, tokens, dGate, fs, dNormed, hs, false, room, sums);
			inputs(up, i, tokens, dUp, fs, dNormed, hs, true, room, sums);
		} else if (i < ggn) gradients(gate, i - hn, tokens, normed, hs, dGate, fs, sums);
		else gradients(up, i - ggn, tokens, normed, hs, dUp, fs, sums);
	}
	meet(team);
	for (let i = take(team, some); i < tokens; i = take(team, some)) {
		const end = min(tokens, i + some);
		for (let r = i; r < end; r++) {
			const d = place(dy, r, hs, 0);
			const weight = address(layer + Learn.layerPostNorm);
			normBack(place(dNormed, r, hs, 0), place(middle, r, hs, 0), weight, hidden, epsilon, d, d);
		}
		normRows(job, i, end, x, address(layer + Learn.layerInputNorm));
		turnRowsOf(job, i, end);
		reduceOutput(o, i, end, dy, hs, sums);
	}
	meet(team);
	const mn = inputPieces(o);
	for (let i = take(team, 1); i < mn; i = take(team, 1))
		inputs(o, i, tokens, dy, hs, dMixed, qs, false, room, sums);
	meet(team);
	for (let i = take(team, 1); i < items; i = take(team, 1)) attendAll(job, i, true, room, sums);
	meet(team);
	const heads = whole(job + Learn.heads);
	const groups = whole(job + Learn.keyValueHeads);
	for (let i = take(team, some); i < tokens; i = take(team, some)) {
		const end = min(tokens, i + some);
		const queryNorm = address(layer + Learn.layerQueryNorm);
		const keyNorm = address(layer + Learn.layerKeyNorm);
		for (let r = i; r < end; r++) {
			turnHeadsBack(job, r, dq, heads, qs, queryNorm, address(job + Learn.queries));
			turnHeadsBack(job, r, dk, groups, ks, keyNorm, address(job + Learn.keys));
		}
		reduceInput(o, i, end, mixed, qs, sums);
		reduceInput(q, i, end, normed, hs, sums);
		reduceInput(k, i, end, normed, hs, sums);
		reduceInput(v, i, end, normed, hs, sums);
		reduceOutput(q, i, end, dq, qs, sums);
		reduceOutput(k, i, end, dk, ks, sums);
		reduceOutput(v, i, end, dv, ks, sums);
	}
	meet(team);
	const go = hn + gradientPieces(o);
	const gq = go + gradientPieces(q);
	const gk = gq + gradientPieces(k);
	const gv = gk + gradientPieces(v);
	for (let i = take(team, 1); i < gv; i = take(team, 1)) {
		if (i < hn) {
			inputs(q, i, tokens, dq, qs, dNormed, hs, false, room, sums);
			inputs(k, i, tokens, dk, ks, dNormed, hs, true, room, sums);
			inputs(v, i, tokens, dv, ks, dNormed, hs, true, room, sums);
		} else if (i < go) gradients(o, i - hn, tokens, mixed, qs, dy, hs, sums);
		else if (i < gq) gradients(q, i - go, tokens, normed, hs, dq, qs, sums);
		else if (i < gk) gradients(k, i - gq, tokens, normed, hs, dk, ks, sums);
		else gradients(v, i - gk, tokens, normed, hs, dv, ks, sums);
	}
	meet(team);
	for (let i = take(team, 1); i < tokens; i = take(team, 1)) {
		const d = place(dy, i, hs, 0);
		const weight = address(layer + Learn.layerInputNorm);
		normBack(place(dNormed, i, hs, 0), place(x, i, hs, 0), weight, hidden, epsilon, d, d);
	}
	meet(team);
}
