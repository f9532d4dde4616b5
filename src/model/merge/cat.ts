/** @file Concatenation of LoRAs: the exact weighted sum of their updates, at the sum of their ranks (PEFT's `cat`). */
import { sameParameters, type Adapter, type Parameters } from '../adapter.ts';
import type { Tensor, TensorMap } from '../tensor.ts';
import { mapTensors, tensorOf, unlike } from './inputs.ts';

type Lora = Extract<Parameters, { kind: 'lora' }>;

/** A [Σr, in] and B [out, Σr]; weight and scale go into A. */
export function concatenate(
	{ targets }: Lora,
	inputs: readonly { readonly lora: Lora; readonly tensors: TensorMap; readonly weight: number }[],
): Adapter {
	const rank = inputs.reduce((sum, { lora }) => sum + lora.rank, 0);
	const parameters: Lora = { kind: 'lora', rank, alpha: rank, targets };
	if (
		inputs.some(({ lora }) => !sameParameters({ ...parameters, targets: lora.targets }, parameters))
	)
		throw new RangeError(unlike);
	const tensors = mapTensors(inputs[0]?.tensors ?? new Map<string, Tensor>(), (name, { shape }) => {
		const isA = name.endsWith('.lora_A.weight');
		const [rows = 0, columns = 0] = isA ? [rank, shape[1]] : [shape[0], rank];
		const data = new Float32Array(rows * columns);
		let from = 0;
		for (const { lora, tensors: own, weight } of inputs) {
			const part = tensorOf(own, name, isA ? [lora.rank, columns] : [rows, lora.rank]).data;
			const scale = isA ? (weight * lora.alpha) / lora.rank : 1;
			if (isA)
				data.set(
					part.map((x) => x * scale),
					from * columns,
				);
			else
				for (let row = 0; row < rows; row++)
					data.set(part.subarray(row * lora.rank, (row + 1) * lora.rank), row * rank + from);
			from += lora.rank;
		}
		return { shape: [rows, columns], data };
	});
	return { parameters, tensors };
}
