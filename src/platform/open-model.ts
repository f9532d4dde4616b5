/**
 * @file Composition root of a model: one table states for each platform and size of model which engine runs, which trainer
 * trains, under which conditions, and with which message.
 */
import { BackendError } from '#base/backend-error.ts';
import type { FormatPreference as FormPreference } from '#engines/weight-formats.ts';
import type { Gpu } from '#graph/runtime/gpu.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Kernel } from '#kernel/kernel.ts';
import type { ReadFile } from '#model/checkpoint/load.ts';
import { namedGradients } from './backends/gpu-failure.ts';
import type { Compute } from './compute.ts';
import { hashedReader, readEntrance } from './entrance.ts';
import type { HeldFiles } from './held-files.ts';
import { openLargeModel, type LargeModel, type LargeModelOptions } from './large-model.ts';
import type { OpenModel } from './platform.ts';
import { openSmallModel, type TrainerChoice } from './small-model.ts';

/** Platforms on which the graphs and kernels of a model run. */
export type Target = 'node' | 'wasm' | 'webgpu';

/** `small`: loaded whole from a folder; `large`: over the files of a person's own model, which may be quantised. */
export type Size = 'small' | 'large';

/** Conditions by which a row is chosen. */
export type Conditions = { readonly size: Size } & (
	{ readonly at: 'terminal' } | ({ readonly at: 'page' } & PageConditions)
);

/** Compute choice of a page; a large model always runs on wasm. */
export interface PageConditions {
	readonly compute?: Compute;
	readonly gpu?: Gpu | null;
	/** Why WebGPU did not open. */
	readonly refused?: BackendError;
	/** Failure in the middle of a run. */
	readonly lost?: BackendError;
}

interface RowBase {
	readonly place: Target;
	readonly holds: (conditions: Conditions) => boolean;
	/** Message for a person; `engine` is the engine's description. */
	readonly note?: (engine: string, conditions: PageConditions) => string;
}

/** One way to open a model. */
export type Row =
	| (RowBase & {
			readonly size: 'small';
			/** `graph`: the same runtime as the engine; `tfjs`: on the GPU. */
			readonly trainer: 'graph' | 'tfjs';
	  })
	| (RowBase & {
			readonly size: 'large';
			readonly weights: FormPreference;
			/** `layers`: ONNX Runtime, layer by layer; `kernel`: ours. */
			readonly trainer: 'layers' | 'kernel';
			/** Measurement on which the choice rests. */
			readonly because: readonly string[];
	  });

const onPage =
	(holds: (page: PageConditions) => boolean) =>
	(conditions: Conditions): boolean =>
		conditions.at === 'page' && holds(conditions);
const inTerminal = ({ at }: Conditions): boolean => at === 'terminal';

/** The ways to open a model; of those for its size, the first that holds is taken. */
export const rows: readonly Row[] = [
	{ place: 'node', size: 'small', trainer: 'graph', holds: inTerminal },
	{
		place: 'node',
		size: 'large',
		weights: { form: 'kernel', inexact: 'f32' },
		trainer: 'layers',
		holds: inTerminal,
		because: [
			'decode, SmolLM2-135M Q4_1, one thread, a busy machine: 105 and 110 tokens/s; MatMulNBits of ONNX Runtime 5',
			'batch of 16: 127 and 132 tokens/s; MatMulNBits 53. Perplexity is 0.6 % above F32, of MatMulNBits that of F32',
			'training: ONNX Runtime, layer by layer, was as fast as the kernel',
		],
	},
	{
		place: 'wasm',
		size: 'large',
		weights: { form: 'kernel' },
		trainer: 'kernel',
		holds: onPage(() => true),
		because: [
			'decode, SmolLM2-135M Q4_1, one thread: 130 tokens/s; of ONNX Runtime 22 in 8 bits by output, 19 in F32, 3.5 with MatMulNBits, which widens its weights at every step',
			'batch 16, one thread: 179 tokens/s; of ONNX Runtime 96',
			'prefill: 296 tokens/s on one thread; of ONNX Runtime 179. Perplexity is 0.6 % above F32',
		],
	},
	{
		place: 'wasm',
		size: 'small',
		trainer: 'graph',
		holds: onPage(({ lost }) => lost !== undefined),
		note: (_, { lost }) =>
			`${lost ? whatFailed(lost) : ''} The run went on from its last finished step, on wasm.`,
	},
	{
		place: 'wasm',
		size: 'small',
		trainer: 'graph',
		holds: onPage(({ refused }) => refused !== undefined),
		note: (engine, { refused }) => `${refused?.message ?? ''} All runs on ${engine}.`,
	},
	{
		place: 'webgpu',
		size: 'small',
		trainer: 'tfjs',
		holds: onPage(({ compute, gpu }) => compute === 'webgpu' && !!gpu),
	},
	{
		place: 'wasm',
		size: 'small',
		trainer: 'graph',
		holds: onPage(({ compute }) => compute === 'webgpu'),
		note: (engine) => `No WebGPU device: all runs on ${engine}.`,
	},
	{
		place: 'wasm',
		size: 'small',
		trainer: 'tfjs',
		holds: onPage(({ compute, gpu }) => compute === 'auto' && !!gpu && !gpu.isEmulated),
		note: (engine, { gpu }) =>
			`A WebGPU device${inBrackets(gpu)} trains; answers come from ${engine}.`,
	},
	{
		place: 'wasm',
		size: 'small',
		trainer: 'graph',
		holds: onPage(({ compute, gpu }) => compute === 'auto' && !!gpu),
		note: (engine, { gpu }) =>
			`This browser's only WebGPU device is emulated (${gpu?.name ?? ''}): training on ${engine}.`,
	},
	{
		place: 'wasm',
		size: 'small',
		trainer: 'graph',
		holds: onPage(({ compute }) => compute === 'auto'),
		note: (engine) => `No WebGPU device: training on ${engine}.`,
	},
	{ place: 'wasm', size: 'small', trainer: 'graph', holds: onPage(() => true) },
];

/** The row that is taken under these conditions. */
export function rowFor<S extends Size>(
	conditions: Conditions & { readonly size: S },
): Extract<Row, { readonly size: S }> {
	const found = rows.find(
		(row): row is Extract<Row, { readonly size: S }> =>
			row.size === conditions.size && row.holds(conditions),
	);
	if (found) return found;
	throw new RangeError(`No row opens a ${conditions.size} model here.`);
}

/** Openers of the back ends of a machine. */
export interface Backends {
	/** `bytes`: of a large model's weights as F32. */
	runtime(place: Target, bytes?: number): Promise<GraphRuntime>;
	/** Opens a kernel for one engine or trainer, which closes it. */
	kernel(): Promise<Kernel>;
}

/** Opens a small model's folder; falls back to the row for a failed WebGPU. */
export async function openSmall(
	name: string,
	read: ReadFile,
	conditions: Conditions & { readonly size: 'small' },
	backends: Backends,
): Promise<OpenModel> {
	const { place, trainer, note } = rowFor(conditions);
	const page: PageConditions = conditions.at === 'page' ? conditions : {};
	const choice = trainer === 'tfjs' ? tfjsOn(page.gpu) : undefined;
	const hashed = hashedReader(read);
	try {
		const opened = await openSmallModel(name, hashed.read, () => backends.runtime(place), choice);
		// A GPU rounds in its own way: its examination is its own.
		const entrance = place === 'webgpu' ? null : await readEntrance(read, hashed.finish());
		const model = { ...opened, ...(entrance && { entrance }) };
		return note ? { ...model, note: note(model.engine.description, page) } : model;
	} catch (error) {
		if (place !== 'webgpu' || !isNotAvailable(error)) throw error;
		return openSmall(name, read, { ...page, at: 'page', size: 'small', refused: error }, backends);
	}
}

/** Opens a model over its files, which it closes. */
export function openLarge(
	held: HeldFiles,
	at: Conditions['at'],
	backends: Backends,
	options: LargeModelOptions = {},
): Promise<LargeModel> {
	const { place, weights, trainer } = rowFor({ size: 'large', at });
	const runtime = (bytes: number) => backends.runtime(place, bytes);
	return openLargeModel(held, { weights, trainer, runtime, kernel: backends.kernel }, options);
}

/** Opens the engine of a large model on WebGPU, in ONNX Runtime's 4 bits, whatever is usual: to be measured. */
export async function openLargeOnGpu(
	held: HeldFiles,
	backends: Backends,
	name: string,
): Promise<OpenModel> {
	const runtime = (bytes: number) => backends.runtime('webgpu', bytes);
	const parts = { weights: { form: 'nbits' }, trainer: 'layers', runtime } as const;
	const files = await openLargeModel(held, { ...parts, kernel: backends.kernel }, { name });
	return files.openEngine();
}

/** tfjs is imported with the first trainer, so that a session without one does not load it. */
const tfjsOn = (gpu: Gpu | null | undefined): TrainerChoice => ({
	description: `tfjs, WebGPU${inBrackets(gpu)}`,
	open: namedGradients(async (...model) => {
		const { tfjsGradients } = await import('#training/tfjs/tfjs-gradients.ts');
		return tfjsGradients({ backend: 'webgpu' })(...model);
	}),
});

const inBrackets = (gpu: Gpu | null | undefined): string =>
	!gpu || gpu.name === '' ? '' : ` (${gpu.name})`;

const isNotAvailable = (error: unknown): error is BackendError =>
	error instanceof BackendError && error.code === 'not-available';

function whatFailed({ code, message }: BackendError): string {
	switch (code) {
		case 'device-lost':
			return 'The GPU device was lost.';
		case 'out-of-memory':
			return 'Memory ran out.';
		case 'not-available':
		case 'bad-model':
			return message;
		default:
			return code satisfies never;
	}
}
