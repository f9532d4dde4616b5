/** @file Forward and backward pass of one layer, run by every thread of a team at once; each part is split among them. */
import * as Learn from './layout/learn';
import { attendGroup, foldPrefix } from './learn-attention';
import {
	gradientPieces,
	gradients,
	inputPieces,
	inputs,
	outputPieces,
	outputs,
	elementAt,
	reduceInput,
	reduceOutput,
} from './learn-linear';
import { gatedBackward, normBackward } from './learn-rows';
import { gateRows, normRows, rotateHeadsBackward, rotateRows } from './learn-tokens';
import { barrier, nextItem } from './team';

/** Token rows of one work item. */
const rowsPerItem: i32 = 48;

function loadI32(at: usize): i32 {
	return load<i32>(at);
}
function loadPointer(at: usize): usize {
	return <usize>load<u32>(at);
}

export function layerForward(team: usize, job: usize, room: usize, sums: usize): void {
	const tokens = loadI32(job + Learn.tokens);
	const layer = loadPointer(job + Learn.layer);
	const items = loadI32(job + Learn.sequences) * loadI32(job + Learn.keyValueHeads);
	const hs = loadI32(job + Learn.hiddenStride);
	const qs = loadI32(job + Learn.queryStride);
	const ks = loadI32(job + Learn.keyStride);
	const fs = loadI32(job + Learn.innerStride);
	const x = loadPointer(job + Learn.x);
	const middle = loadPointer(job + Learn.middle);
	const normed = loadPointer(job + Learn.normed);
	const mixed = loadPointer(job + Learn.mixed);
	const inner = loadPointer(job + Learn.gated);
	const q = layer + Learn.layerQ;
	const k = layer + Learn.layerK;
	const v = layer + Learn.layerV;
	const o = layer + Learn.layerO;
	const gate = layer + Learn.layerGate;
	const up = layer + Learn.layerUp;
	const down = layer + Learn.layerDown;

	for (let i = nextItem(team, rowsPerItem); i < tokens; i = nextItem(team, rowsPerItem)) {
		const end = min(tokens, i + rowsPerItem);
		normRows(job, i, end, x, loadPointer(layer + Learn.layerInputNorm));
		reduceInput(q, i, end, normed, hs, sums);
		reduceInput(k, i, end, normed, hs, sums);
		reduceInput(v, i, end, normed, hs, sums);
	}
	barrier(team);
	const qn = outputPieces(q);
	const kn = qn + outputPieces(k);
	const vn = kn + outputPieces(v);
	for (let i = nextItem(team, 1); i < vn; i = nextItem(team, 1)) {
		if (i < qn)
			outputs(q, i, tokens, normed, hs, loadPointer(job + Learn.queries), qs, 0, room, sums);
		else if (i < kn)
			outputs(k, i - qn, tokens, normed, hs, loadPointer(job + Learn.keys), ks, 0, room, sums);
		else outputs(v, i - kn, tokens, normed, hs, loadPointer(job + Learn.values), ks, 0, room, sums);
	}
	barrier(team);
	for (let i = nextItem(team, rowsPerItem); i < tokens; i = nextItem(team, rowsPerItem))
		rotateRows(job, i, min(tokens, i + rowsPerItem));
	barrier(team);
	for (let i = nextItem(team, 1); i < items; i = nextItem(team, 1))
		attendGroup(job, i, false, room, sums);
	barrier(team);
	for (let i = nextItem(team, rowsPerItem); i < tokens; i = nextItem(team, rowsPerItem))
		reduceInput(o, i, min(tokens, i + rowsPerItem), mixed, qs, sums);
	barrier(team);
	const on = outputPieces(o);
	for (let i = nextItem(team, 1); i < on; i = nextItem(team, 1))
		outputs(o, i, tokens, mixed, qs, middle, hs, x, room, sums);
	barrier(team);
	for (let i = nextItem(team, rowsPerItem); i < tokens; i = nextItem(team, rowsPerItem)) {
		const end = min(tokens, i + rowsPerItem);
		normRows(job, i, end, middle, loadPointer(layer + Learn.layerPostNorm));
		reduceInput(gate, i, end, normed, hs, sums);
		reduceInput(up, i, end, normed, hs, sums);
	}
	barrier(team);
	const gn = outputPieces(gate);
	for (let i = nextItem(team, 1); i < 2 * gn; i = nextItem(team, 1)) {
		if (i < gn)
			outputs(gate, i, tokens, normed, hs, loadPointer(job + Learn.gate), fs, 0, room, sums);
		else outputs(up, i - gn, tokens, normed, hs, loadPointer(job + Learn.up), fs, 0, room, sums);
	}
	barrier(team);
	for (let i = nextItem(team, rowsPerItem); i < tokens; i = nextItem(team, rowsPerItem)) {
		const end = min(tokens, i + rowsPerItem);
		gateRows(job, i, end);
		reduceInput(down, i, end, inner, fs, sums);
	}
	barrier(team);
	const dn = outputPieces(down);
	const y = loadPointer(job + Learn.y);
	for (let i = nextItem(team, 1); i < dn; i = nextItem(team, 1))
		outputs(down, i, tokens, inner, fs, y, hs, middle, room, sums);
	barrier(team);
}

export function layerBackward(team: usize, job: usize, room: usize, sums: usize): void {
	const tokens = loadI32(job + Learn.tokens);
	const layer = loadPointer(job + Learn.layer);
	const items = loadI32(job + Learn.sequences) * loadI32(job + Learn.keyValueHeads);
	const hidden = loadI32(job + Learn.hidden);
	const epsilon = load<f32>(job + Learn.epsilon);
	const hs = loadI32(job + Learn.hiddenStride);
	const qs = loadI32(job + Learn.queryStride);
	const ks = loadI32(job + Learn.keyStride);
	const fs = loadI32(job + Learn.innerStride);
	const x = loadPointer(job + Learn.x);
	const middle = loadPointer(job + Learn.middle);
	const normed = loadPointer(job + Learn.normed);
	const mixed = loadPointer(job + Learn.mixed);
	const inner = loadPointer(job + Learn.gated);
	const dy = loadPointer(job + Learn.dy);
	const dNormed = loadPointer(job + Learn.dNormed);
	const dMixed = loadPointer(job + Learn.dMixed);
	const dq = loadPointer(job + Learn.dQueries);
	const dk = loadPointer(job + Learn.dKeys);
	const dv = loadPointer(job + Learn.dValues);
	const dInner = loadPointer(job + Learn.dInner);
	/** Gradients that overwrite gate and up. */
	const dGate = loadPointer(job + Learn.gate);
	const dUp = loadPointer(job + Learn.up);
	const q = layer + Learn.layerQ;
	const k = layer + Learn.layerK;
	const v = layer + Learn.layerV;
	const o = layer + Learn.layerO;
	const gate = layer + Learn.layerGate;
	const up = layer + Learn.layerUp;
	const down = layer + Learn.layerDown;

	for (let i = nextItem(team, rowsPerItem); i < tokens; i = nextItem(team, rowsPerItem)) {
		const end = min(tokens, i + rowsPerItem);
		gateRows(job, i, end);
		reduceInput(down, i, end, inner, fs, sums);
		reduceOutput(down, i, end, dy, hs, sums);
		normRows(job, i, end, middle, loadPointer(layer + Learn.layerPostNorm));
		reduceInput(gate, i, end, normed, hs, sums);
		reduceInput(up, i, end, normed, hs, sums);
	}
	barrier(team);
	const fn = inputPieces(down);
	const gdn = gradientPieces(down);
	for (let i = nextItem(team, 1); i < fn + gdn; i = nextItem(team, 1)) {
		if (i < fn) inputs(down, i, tokens, dy, hs, dInner, fs, false, room, sums);
		else gradients(down, i - fn, tokens, inner, fs, dy, hs, sums);
	}
	barrier(team);
	for (let i = nextItem(team, rowsPerItem); i < tokens; i = nextItem(team, rowsPerItem)) {
		const end = min(tokens, i + rowsPerItem);
		const at = (<usize>i * <usize>fs) << 2;
		gatedBackward(dGate + at, dUp + at, dInner + at, (end - i) * fs);
		reduceOutput(gate, i, end, dGate, fs, sums);
		reduceOutput(up, i, end, dUp, fs, sums);
	}
	barrier(team);
	const hn = inputPieces(gate);
	const ggn = hn + gradientPieces(gate);
	const gun = ggn + gradientPieces(up);
	for (let i = nextItem(team, 1); i < gun; i = nextItem(team, 1)) {
		if (i < hn) {
			inputs(gate, i, tokens, dGate, fs, dNormed, hs, false, room, sums);
			inputs(up, i, tokens, dUp, fs, dNormed, hs, true, room, sums);
		} else if (i < ggn) gradients(gate, i - hn, tokens, normed, hs, dGate, fs, sums);
		else gradients(up, i - ggn, tokens, normed, hs, dUp, fs, sums);
	}
	barrier(team);
	for (let i = nextItem(team, rowsPerItem); i < tokens; i = nextItem(team, rowsPerItem)) {
		const end = min(tokens, i + rowsPerItem);
		for (let r = i; r < end; r++) {
			const d = elementAt(dy, r, hs, 0);
			const weight = loadPointer(layer + Learn.layerPostNorm);
			normBackward(
				elementAt(dNormed, r, hs, 0),
				elementAt(middle, r, hs, 0),
				weight,
				hidden,
				epsilon,
				d,
				d,
			);
		}
		normRows(job, i, end, x, loadPointer(layer + Learn.layerInputNorm));
		rotateRows(job, i, end);
		reduceOutput(o, i, end, dy, hs, sums);
	}
	barrier(team);
	const mn = inputPieces(o);
	for (let i = nextItem(team, 1); i < mn; i = nextItem(team, 1))
		inputs(o, i, tokens, dy, hs, dMixed, qs, false, room, sums);
	barrier(team);
	for (let i = nextItem(team, 1); i < items; i = nextItem(team, 1))
		attendGroup(job, i, true, room, sums);
	barrier(team);
	const heads = loadI32(job + Learn.heads);
	const groups = loadI32(job + Learn.keyValueHeads);
	for (let i = nextItem(team, rowsPerItem); i < tokens; i = nextItem(team, rowsPerItem)) {
		const end = min(tokens, i + rowsPerItem);
		const queryNorm = loadPointer(layer + Learn.layerQueryNorm);
		const keyNorm = loadPointer(layer + Learn.layerKeyNorm);
		for (let r = i; r < end; r++) {
			foldPrefix(job, r);
			rotateHeadsBackward(job, r, dq, heads, qs, queryNorm, loadPointer(job + Learn.queries));
			rotateHeadsBackward(job, r, dk, groups, ks, keyNorm, loadPointer(job + Learn.keys));
		}
		reduceInput(o, i, end, mixed, qs, sums);
		reduceInput(q, i, end, normed, hs, sums);
		reduceInput(k, i, end, normed, hs, sums);
		reduceInput(v, i, end, normed, hs, sums);
		reduceOutput(q, i, end, dq, qs, sums);
		reduceOutput(k, i, end, dk, ks, sums);
		reduceOutput(v, i, end, dv, ks, sums);
	}
	barrier(team);
	const go = hn + gradientPieces(o);
	const gq = go + gradientPieces(q);
	const gk = gq + gradientPieces(k);
	const gv = gk + gradientPieces(v);
	for (let i = nextItem(team, 1); i < gv; i = nextItem(team, 1)) {
		if (i < hn) {
			inputs(q, i, tokens, dq, qs, dNormed, hs, false, room, sums);
			inputs(k, i, tokens, dk, ks, dNormed, hs, true, room, sums);
			inputs(v, i, tokens, dv, ks, dNormed, hs, true, room, sums);
		} else if (i < go) gradients(o, i - hn, tokens, mixed, qs, dy, hs, sums);
		else if (i < gq) gradients(q, i - go, tokens, normed, hs, dq, qs, sums);
		else if (i < gk) gradients(k, i - gq, tokens, normed, hs, dk, ks, sums);
		else gradients(v, i - gk, tokens, normed, hs, dv, ks, sums);
	}
	barrier(team);
	for (let i = nextItem(team, 1); i < tokens; i = nextItem(team, 1)) {
		const d = elementAt(dy, i, hs, 0);
		const weight = loadPointer(layer + Learn.layerInputNorm);
		normBackward(
			elementAt(dNormed, i, hs, 0),
			elementAt(x, i, hs, 0),
			weight,
			hidden,
			epsilon,
			d,
			d,
		);
	}
	barrier(team);
}
