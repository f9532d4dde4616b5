/**
 * @file Memory and speed estimate: does a model fit this machine for inference and training, and at how many tokens a second.
 *
 * The figures were measured on SmolLM2-135M on two cores without a GPU (issue 5) and grow with the number of
 * weights; between windows on that machine speeds differed by 30 %, so a range is given and its basis said.
 */
import { parameterCount } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import type { WeightForm } from '#model/weight-store.ts';
import { referenceGigaflops, type Probe } from './probe.ts';

/** `tight`: other programs may have to give way. `unknown`: the machine's memory is unknown. */
export type FitVerdict = 'fits' | 'tight' | 'too-big' | 'unknown';

/** Memory for one use, its verdict, and the expected speed. */
export interface Need {
	/** `4 or 8 bits`, `F32`, or how it is trained. */
	readonly form: string;
	readonly bytes: number;
	readonly verdict: FitVerdict;
	/** Tokens a second, least and most. */
	readonly tokensPerSecond: readonly [number, number];
}

export interface Fit {
	readonly parameters: number;
	/** Room on the disk for what is still to be downloaded. */
	readonly disk: { readonly bytes: number; readonly verdict: FitVerdict };
	/** The best weight format first. */
	readonly speak: readonly Need[];
	/** LoRA on every linear module, layer by layer, 4 rows of 256 tokens. */
	readonly train: Need;
	/** Basis of the speed estimate. */
	readonly basis: string;
	/** Remedies if it does not fit; empty if it does. */
	readonly remedy: string;
}

/** Facts of a model that `fit` needs. */
export interface FitModel {
	readonly spec: ModelSpec;
	/** Of most of its weights, if its files are known: `Q4_1`, `BF16` … */
	readonly form?: string;
	/** Still to be downloaded. */
	readonly downloadBytes: number;
}

/** Weights of SmolLM2-135M. */
const measured = 134_515_008;

interface Cost {
	readonly form: string;
	/** Of memory for each weight, weights of the model and copies of the runtime together. */
	readonly bytesPerWeight: number;
	/** Tokens a second of `measured` weights on two cores. */
	readonly speed: readonly [number, number];
}

/** In a page the kernel had 118 MB, one or two threads alike; in Node 411 MB, and 1416 in F32 with WebAssembly's copies. */
const speaking: Readonly<Record<Probe['where'], readonly [Cost, ...Cost[]]>> = {
	page: [{ form: '4 or 8 bits', bytesPerWeight: 1.3, speed: [99, 128] }],
	terminal: [
		{ form: '4 or 8 bits', bytesPerWeight: 1.5, speed: [48, 60] },
		{ form: 'F32', bytesPerWeight: 8.5, speed: [25, 45] },
	],
};
const training: Readonly<Record<Probe['where'], readonly [number, number]>> = {
	page: [92, 123],
	terminal: [244, 282],
};

/** All that a page's WebAssembly can ever hold. */
const wasmLimit = 2 ** 32;
/** The page itself, the runtime and its code. */
const house = 200e6;
/** Rows and tokens of a training step; more of them need more memory. */
const stepTokens = 4 * 256;
const drift = 0.3;
/** Seconds a token that do not shrink with the model: calls of the runtime, sampling. */
const stepOverhead = 1e-3;
const trainOverhead = 5e-5;

/** Pure: the same model and machine give the same answer. */
export function fit({ spec, form: stored, downloadBytes }: FitModel, probe: Probe): Fit {
	const parameters = parameterCount(spec);
	const pace = (measured / parameters) * machinePace(probe);
	const range = (
		[low, high]: readonly [number, number],
		overhead: number,
	): readonly [number, number] => [
		rounded(slowed(low * pace * (1 - drift), overhead)),
		rounded(slowed(high * pace * (1 + drift), overhead)),
	];
	const cache = 2 * 4 * spec.layers * spec.keyValueHeads * spec.headSize * spec.contextLength;
	const speak = speaking[probe.where].map(({ form, bytesPerWeight, speed }) => {
		const bytes = Math.round(parameters * bytesPerWeight + Math.min(cache, 512e6) + house);
		return {
			form,
			bytes,
			verdict: judge(bytes, bytes, probe),
			tokensPerSecond: range(speed, stepOverhead),
		};
	});
	const { all, inWasm } = trainingBytes(spec, parameters, stored, probe.where);
	const train: Need = {
		form: 'LoRA, layer by layer',
		bytes: all,
		verdict: judge(all, inWasm, probe),
		tokensPerSecond: range(training[probe.where], trainOverhead),
	};
	const disk = { bytes: downloadBytes, verdict: judgeDisk(downloadBytes, probe) };
	return {
		parameters,
		disk,
		speak,
		train,
		basis: basisOf(probe),
		remedy: remedyFor(disk.verdict, speak, train),
	};
}

/** Bytes per weight in training on the kernel: unquantised weights keep their format, since a gradient is exact. */
const learningBytes: ReadonlyMap<string, number> = new Map(
	Object.entries({ F32: 4, F16: 2, BF16: 2 } satisfies Partial<Record<WeightForm, number>>),
);

/** On the kernel, activations kept outside of its memory (checkpointing); layers then run twice. */
const mostKept = 768 * 2 ** 20;
/** Rows of the head that run together. */
const headRows = 256;

/**
 * In a page a second kernel, with a memory of its own, holds the frozen weights as they are stored and room for one layer;
 * in the terminal they are F32, and one block and the head are in the runtime. Activations and the adapter's moments
 * beside. `inWasm`: of the largest memory.
 */
function trainingBytes(
	{ hiddenSize, intermediateSize, layers, vocabularySize }: ModelSpec,
	parameters: number,
	form: string | undefined,
	where: Probe['where'],
): { readonly all: number; readonly inWasm: number } {
	const activations = 4 * stepTokens * layers * (2 * hiddenSize + 3 * intermediateSize);
	const adapter = 4 * 4 * 0.02 * parameters;
	if (where === 'page') {
		const [{ bytesPerWeight }] = speaking.page;
		const room =
			4 * stepTokens * (8 * hiddenSize + 6 * intermediateSize) + 4 * headRows * vocabularySize;
		const speaks = bytesPerWeight * parameters;
		const learns = (learningBytes.get(form ?? '') ?? bytesPerWeight) * parameters + room;
		const all = speaks + learns + Math.min(activations, mostKept) + adapter + house;
		return { all: Math.round(all), inWasm: Math.max(speaks, learns) };
	}
	const head = 4 * vocabularySize * hiddenSize;
	const block = 4 * ((parameters - vocabularySize * hiddenSize) / layers);
	const inRuntime = 2 * head + 4 * block + 100e6;
	const all = 4 * parameters + inRuntime + activations + adapter + house;
	return { all: Math.round(all), inWasm: inRuntime };
}

/** Against the machine of the measurements: its two cores, and how fast one of them multiplies. */
function machinePace({ cores, gigaflops }: Probe): number {
	// One core reached 0.6 of two; above two the runtime gains less than the cores promise.
	const byCores = cores < 2 ? 0.6 : Math.min(2, (cores / 2) ** 0.6);
	const bySpeed = gigaflops === undefined ? 1 : gigaflops / referenceGigaflops;
	return byCores * Math.min(4, Math.max(0.25, bySpeed));
}

function judge(bytes: number, inWasm: number, probe: Probe): FitVerdict {
	if (probe.where === 'page' && inWasm > wasmLimit) return 'too-big';
	const { memoryBytes, memoryIsLeast = false } = probe;
	if (memoryBytes === undefined) return 'unknown';
	if (bytes <= 0.6 * memoryBytes) return 'fits';
	if (bytes <= 0.9 * memoryBytes) return 'tight';
	return memoryIsLeast ? 'unknown' : 'too-big';
}

function judgeDisk(bytes: number, { space }: Probe): FitVerdict {
	if (space === undefined) return 'unknown';
	const free = space.quota - space.used;
	return bytes > free ? 'too-big' : bytes > 0.8 * free ? 'tight' : 'fits';
}

function basisOf({ cores, gigaflops, gpu }: Probe): string {
	const speed =
		gigaflops === undefined
			? ''
			: `, and this machine's speed in a short test (${(gigaflops / referenceGigaflops).toFixed(1)} times that machine's)`;
	const without = gpu && !gpu.isEmulated ? ' A GPU may be faster; that is not reckoned.' : '';
	return `Reckoned from SmolLM2-135M on two cores without a GPU, the number of weights, ${cores} ${cores === 1 ? 'core' : 'cores'}${speed}.${without}`;
}

function remedyFor(disk: FitVerdict, speak: readonly Need[], train: Need): string {
	if (disk === 'too-big')
		return 'There is no room for its files: delete models or runs, or free disk space.';
	if (speak.every(({ verdict }) => verdict === 'too-big'))
		return 'It is too big for this machine: choose a model with fewer parameters.';
	if (train.verdict === 'too-big')
		return 'It can speak here, but training it needs more memory: train a smaller model, or fewer layers in the terminal.';
	return '';
}

const slowed = (tokensPerSecond: number, overhead: number): number =>
	1 / (1 / tokensPerSecond + overhead);

/** Two digits are all that is known. */
const rounded = (value: number): number =>
	value === 0 ? 0 : Number(value.toPrecision(value < 10 ? 1 : 2));
