/**
 * @file LoRA with one rank and one scale over whole targets, of one whose modules differ. A module that was left out gets
 * factors of zeros; smaller ranks are filled up with zeros; other scales are folded into B. All of it stays so in
 * training: without a factor there is no gradient for the other.
 */
import { workLimits } from '#base/limits.ts';
import { sizeOf, type Tensor, type TensorMap } from '../../tensor.ts';
import { CheckpointError } from '../checkpoint-error.ts';
import { wantTensor } from '../pick.ts';

/** A module that may be changed: rows and columns of its weight. */
export interface Module {
	readonly name: string;
	readonly out: number;
	readonly into: number;
	/** Null if it was left out. */
	readonly trained: { readonly rank: number; readonly scale: number } | null;
}

export const factorsOf = (module: string): readonly [a: string, b: string] => [
	`${module}.lora_A.weight`,
	`${module}.lora_B.weight`,
];

/** Factors of every module at `rank`, scaled so that `scale` is right for all; tensors are named in the error. */
export function fillUp(
	tensors: TensorMap,
	modules: readonly Module[],
	common: { readonly rank: number; readonly scale: number },
	file: string,
): TensorMap {
	const { rank } = common;
	const floats = modules.reduce((sum, { out, into }) => sum + rank * (out + into), 0);
	const given = [...tensors.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
	if (floats > given && floats * 4 > workLimits.filledAdapter.bytes)
		throw new CheckpointError(
			`${file}: with rank ${rank} for each module it would take ${Math.ceil((floats * 4) / 2 ** 20)} MB; merge it into the model instead.`,
		);
	const filled = new Map<string, Tensor>();
	for (const { name, out, into, trained } of modules) {
		const [a, b] = factorsOf(name);
		if (!trained) {
			filled.set(a, zeros([rank, into]));
			filled.set(b, zeros([out, rank]));
			continue;
		}
		const want = (factor: string, shape: readonly number[]) =>
			wantTensor(tensors.get(factor), [factor, shape], file, 'this model with adapter_config.json');
		const down = want(a, [trained.rank, into]);
		const up = want(b, [out, trained.rank]);
		filled.set(a, moreRows(down, rank));
		filled.set(b, scaled(moreColumns(up, rank), factorOf(trained.scale, common.scale)));
	}
	return filled;
}

/** 1 of two scales of 0, too. */
const factorOf = (own: number, common: number): number => (own === common ? 1 : own / common);

const zeros = (shape: readonly number[]): Tensor => ({
	shape,
	data: new Float32Array(sizeOf(shape)),
});

function moreRows(tensor: Tensor, rows: number): Tensor {
	const [own = 0, columns = 0] = tensor.shape;
	if (own === rows) return tensor;
	const more = zeros([rows, columns]);
	more.data.set(tensor.data);
	return more;
}

function moreColumns(tensor: Tensor, columns: number): Tensor {
	const [rows = 0, own = 0] = tensor.shape;
	if (own === columns) return tensor;
	const more = zeros([rows, columns]);
	for (let row = 0; row < rows; row++)
		more.data.set(tensor.data.subarray(row * own, (row + 1) * own), row * columns);
	return more;
}

const scaled = (tensor: Tensor, by: number): Tensor =>
	by === 1 ? tensor : { ...tensor, data: tensor.data.map((value) => value * by) };
