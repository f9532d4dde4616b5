/**
 * @file LoRA adapters in the files of Hugging Face PEFT: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * Unsupported features (DoRA, biases, ranks per module …) are refused by name.
 */
import { loraTargets, type Adapter, type LoraTarget } from '../adapter.ts';
import { loraShapes } from '../spec.ts';
import { type ModelSpec } from '../model-spec.ts';
import type { Tensor } from '../tensor.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { parseJson } from './json.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { cut, quote } from '#base/untrusted/quote.ts';
import type { ReadFile } from './load.ts';
import { pickTensors } from './pick.ts';
import { readSafetensors, writeSafetensors, type Dtype } from './safetensors/safetensors.ts';

const configFile = 'adapter_config.json';
const tensorFile = 'adapter_model.safetensors';
const prefix = 'base_model.model.';

/** Reads an adapter folder and validates it against its model. */
export async function readPeftAdapter(
	read: ReadFile,
	spec: ModelSpec,
	options: { readonly signal?: AbortSignal } = {},
): Promise<Adapter> {
	const config = readConfig(parseJson(await read(configFile), configFile));
	options.signal?.throwIfAborted();
	const { tensors: stored } = readSafetensors(await read(tensorFile), tensorFile);

	const tensors = new Map<string, Tensor>();
	const found = new Set<LoraTarget>();
	for (const [key, tensor] of stored) {
		const [, module, target] =
			/^base_model\.model\.(.+\.([^.]+))\.lora_[AB]\.weight$/.exec(key) ?? [];
		if (module === undefined || !isTarget(target)) return refuseTensor(key);
		if (!tensor.data.every(Number.isFinite))
			throw new CheckpointError(
				`${tensorFile}: tensor "${cut(key)}" has a value that is not finite.`,
			);
		tensors.set(key.slice(prefix.length), tensor);
		found.add(target);
	}
	const targets = loraTargets.filter((target) => found.has(target));
	if (targets.length === 0) throw new CheckpointError(`${tensorFile} holds no LoRA.`);
	if (config.targets && targets.some((target) => !config.targets?.includes(target)))
		throw new CheckpointError(
			`${tensorFile} has ${targets.join(', ')}, but ${configFile} says target_modules ${config.targets.join(', ')}.`,
		);
	const shapes = loraShapes(spec, { rank: config.rank, targets: config.targets ?? targets });
	const picked = pickTensors(tensors, shapes, tensorFile);
	for (const name of tensors.keys()) if (!picked.has(name)) refuseTensor(prefix + name);
	return {
		parameters: {
			kind: 'lora',
			rank: config.rank,
			alpha: config.alpha,
			targets: config.targets ?? targets,
		},
		tensors: picked,
	};
}

function refuseTensor(key: string): never {
	throw new CheckpointError(
		`${tensorFile}: tensor "${cut(key)}" cannot be used; only lora_A and lora_B of ${loraTargets.join(', ')} in the model's own layers can.`,
	);
}

/** Entries that change the meaning of an adapter; any other value is refused. */
const mustBe: Readonly<Record<string, readonly unknown[]>> = {
	peft_type: ['LORA'],
	bias: ['none', undefined],
	// PiSSA, OLoRA, CorDA, LoftQ … also change the base model.
	init_lora_weights: [true, false, 'gaussian', 'orthogonal', 'eva', undefined, null],
};
const mustBeEmpty = [
	'use_dora',
	'modules_to_save',
	'fan_in_fan_out',
	'rank_pattern',
	'alpha_pattern',
	'layers_to_transform',
	'layer_replication',
	'lora_bias',
	'use_qalora',
	'use_bdlora',
	'target_parameters',
	'trainable_token_indices',
	'alora_invocation_tokens',
	'arrow_config',
	'kasa_config',
	'monteclora_config',
	'velora_config',
];

interface Config {
	readonly rank: number;
	/** Alpha, adjusted so that the scale is alpha / rank. */
	readonly alpha: number;
	/** Undefined if the config has a pattern: then the tensors determine the targets. */
	readonly targets: readonly LoraTarget[] | undefined;
}

function readConfig(json: unknown): Config {
	const fail = (problem: string): never => {
		throw new CheckpointError(`${configFile}: ${problem}`);
	};
	if (!isRecord(json)) return fail('must hold a JSON object.');
	for (const [name, allowed] of Object.entries(mustBe))
		if (!allowed.includes(json[name]))
			fail(`${name} ${quote(json[name])} is not supported; it must be ${quote(allowed[0])}.`);
	for (const name of mustBeEmpty)
		if (!isEmpty(json[name]))
			fail(`${name} is not supported; save the adapter without it, or merge it into the model.`);
	const { r: rank = 8, lora_alpha: alpha = 8, use_rslora: stabilised = false } = json;
	if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1 || rank > 2 ** 16)
		return fail(`r must be a whole number from 1 to ${2 ** 16}, got ${quote(rank)}.`);
	if (typeof alpha !== 'number' || !Number.isFinite(alpha))
		return fail(`lora_alpha must be a number, got ${quote(alpha)}.`);
	if (typeof stabilised !== 'boolean') return fail('use_rslora must be true or false.');
	return {
		rank,
		// rsLoRA scales by alpha / √r.
		alpha: stabilised ? alpha * Math.sqrt(rank) : alpha,
		targets: readTargets(json['target_modules'], fail),
	};
}

function readTargets(
	value: unknown,
	fail: (problem: string) => never,
): readonly LoraTarget[] | undefined {
	if (value === 'all-linear') return loraTargets;
	if (typeof value === 'string') return undefined;
	if (!Array.isArray(value) || value.length === 0)
		return fail('target_modules must be a list of module names.');
	const targets = value as readonly unknown[];
	if (new Set(targets).size !== targets.length) fail('target_modules names a module twice.');
	return targets.map((target) =>
		isTarget(target)
			? target
			: fail(
					`target_modules has ${quote(target)}; these are supported: ${loraTargets.join(', ')}.`,
				),
	);
}

/** Options of `writePeftAdapter`. */
export interface PeftOptions {
	/** Name or path of the base model, for later users of the adapter. */
	readonly baseModel?: string;
	readonly dtype?: Dtype;
}

/** The two files of a LoRA adapter, as `PeftModel.from_pretrained` loads them. */
export function writePeftAdapter(
	adapter: Adapter,
	options: PeftOptions = {},
): ReadonlyMap<string, Uint8Array> {
	const { parameters, tensors } = adapter;
	if (parameters.kind !== 'lora')
		throw new CheckpointError(
			'All weights have changed, which PEFT has no format for; export a model folder instead.',
		);
	// Keys that every PEFT since 0.5 accepts; older versions would refuse newer ones.
	const config = {
		auto_mapping: null,
		base_model_name_or_path: options.baseModel ?? null,
		bias: 'none',
		fan_in_fan_out: false,
		inference_mode: true,
		init_lora_weights: true,
		layers_pattern: null,
		layers_to_transform: null,
		lora_alpha: parameters.alpha,
		lora_dropout: 0,
		modules_to_save: null,
		peft_type: 'LORA',
		r: parameters.rank,
		rank_pattern: {},
		alpha_pattern: {},
		revision: null,
		target_modules: parameters.targets,
		task_type: 'CAUSAL_LM',
		use_dora: false,
		use_rslora: false,
	};
	const named = new Map([...tensors].map(([name, tensor]) => [prefix + name, tensor]));
	return new Map([
		[configFile, new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`)],
		[tensorFile, writeSafetensors(named, options.dtype ? { dtype: options.dtype } : {})],
	]);
}

const isTarget = (value: unknown): value is LoraTarget =>
	(loraTargets as readonly unknown[]).includes(value);

const isEmpty = (value: unknown): boolean =>
	value === undefined ||
	value === null ||
	value === false ||
	(typeof value === 'object' && Object.keys(value).length === 0);
