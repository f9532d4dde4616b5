/** @file Tensor types of GGUF by ggml's ids: values and bytes of a block. */
import { weightForms, type WeightForm } from '#model/weight-store.ts';

/** Bytes of one block; a block is 1, 32 or 256 values of a row. */
export interface BlockLayout {
	readonly id: number;
	readonly values: number;
	readonly bytes: number;
}

/** Block layout of every readable type. */
export const layouts: Readonly<Record<WeightForm, BlockLayout>> = {
	F32: { id: 0, values: 1, bytes: 4 },
	F16: { id: 1, values: 1, bytes: 2 },
	BF16: { id: 30, values: 1, bytes: 2 },
	Q4_0: { id: 2, values: 32, bytes: 18 },
	Q4_1: { id: 3, values: 32, bytes: 20 },
	Q5_0: { id: 6, values: 32, bytes: 22 },
	Q5_1: { id: 7, values: 32, bytes: 24 },
	Q8_0: { id: 8, values: 32, bytes: 34 },
	Q4_K: { id: 12, values: 256, bytes: 144 },
	Q6_K: { id: 14, values: 256, bytes: 210 },
};

/** The type with this ggml id, if it can be read. */
export const formOf = (id: number): WeightForm | undefined =>
	weightForms.find((form) => layouts[form].id === id);

/** Bytes of `values` values, which must be whole blocks. */
export const bytesOf = (form: WeightForm, values: number): number =>
	(values / layouts[form].values) * layouts[form].bytes;

/** Names of ggml's other types, for error messages. */
const others: Readonly<Record<number, string>> = {
	9: 'Q8_1',
	10: 'Q2_K',
	11: 'Q3_K',
	13: 'Q5_K',
	15: 'Q8_K',
	16: 'IQ2_XXS',
	17: 'IQ2_XS',
	18: 'IQ3_XXS',
	19: 'IQ1_S',
	20: 'IQ4_NL',
	21: 'IQ3_S',
	22: 'IQ2_S',
	23: 'IQ4_XS',
	24: 'I8',
	25: 'I16',
	26: 'I32',
	27: 'I64',
	28: 'F64',
	29: 'IQ1_M',
	34: 'TQ1_0',
	35: 'TQ2_0',
	39: 'MXFP4',
};

/** Name of a ggml type in a message. */
export const nameOfType = (id: number): string => formOf(id) ?? others[id] ?? `number ${id}`;
