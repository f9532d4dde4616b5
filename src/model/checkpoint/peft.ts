/**
 * @file LoRA adapters in the files of Hugging Face PEFT: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * Modules may be left out, and have ranks and alphas of their own; other features (DoRA, biases …) are refused by name.
 */
import { cut } from '#base/untrusted/quote.ts';
import { loraTargets, type Adapter, type LoraTarget } from '../adapter.ts';
import type { ModelSpec } from '../model-spec.ts';
import { loraShapes } from '../spec.ts';
import type { Tensor, TensorMap } from '../tensor.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { parseJson } from './json.ts';
import type { ReadFile } from './load.ts';
import { configFile, readLoraConfig, type LoraConfig } from './peft/config.ts';
import { factorsOf, fillUp, type Module } from './peft/fill.ts';
import { readSafetensors, writeSafetensors, type Dtype } from './safetensors/safetensors.ts';

const tensorFile = 'adapter_model.safetensors';
const prefix = 'base_model.model.';

/** Reads an adapter folder and validates it against its model. */
export async function readPeftAdapter(
	read: ReadFile,
	spec: ModelSpec,
	options: { readonly signal?: AbortSignal } = {},
): Promise<Adapter> {
	const config = readLoraConfig(parseJson(await read(configFile), configFile));
	options.signal?.throwIfAborted();
	const { tensors: stored } = readSafetensors(await read(tensorFile), tensorFile);

	const tensors = new Map<string, Tensor>();
	for (const [key, tensor] of stored) {
		if (!/^base_model\.model\..+\.lora_[AB]\.weight$/.test(key)) return refuseTensor(key);
		if (!tensor.data.every(Number.isFinite))
			throw new CheckpointError(
				`${tensorFile}: tensor "${cut(key)}" has a value that is not finite.`,
			);
		tensors.set(key.slice(prefix.length), tensor);
	}
	if (tensors.size === 0) throw new CheckpointError(`${tensorFile} holds no LoRA.`);
	const modules = modulesOf(spec, config, tensors);
	const targets = config.order.filter((target) =>
		modules.some((module) => module.target === target && module.trained),
	);
	const used = modules.filter(({ target }) => targets.includes(target));
	const { rank, alpha, scale } = commonScale(used, config);
	const filled = fillUp(tensors, used, { rank, scale }, tensorFile);
	refuseOthers(modules, tensors, config);
	return { parameters: { kind: 'lora', rank, alpha, targets }, tensors: filled };
}

/** Every module that can be changed, and whether it is. */
function modulesOf(
	spec: ModelSpec,
	config: LoraConfig,
	tensors: TensorMap,
): readonly (Module & { readonly target: LoraTarget })[] {
	const shapes = loraShapes(spec, { rank: 1, targets: loraTargets });
	return [...shapes].flatMap(([factor, [, into = 0]]) => {
		const [, name = '', target] = /^(.+\.([^.]+))\.lora_A\.weight$/.exec(factor) ?? [];
		if (!isTarget(target)) return [];
		const [a, b] = factorsOf(name);
		const [out = 0] = shapes.get(b) ?? [];
		const isTrained = config.selects?.(name) ?? (tensors.has(a) || tensors.has(b));
		const trained = isTrained ? { rank: config.rankOf(name), scale: config.scaleOf(name) } : null;
		return [{ name, target, out, into, trained }];
	});
}

/** Tensors of modules that are left out, or are none of the model's, are refused. */
function refuseOthers(modules: readonly Module[], tensors: TensorMap, config: LoraConfig): void {
	const known = new Map(modules.flatMap((one) => factorsOf(one.name).map((key) => [key, one])));
	for (const key of tensors.keys()) {
		const module = known.get(key) ?? refuseTensor(prefix + key);
		if (!module.trained)
			throw new CheckpointError(
				`${tensorFile} has ${module.name}, but ${configFile} leaves it out; it says ${config.selection}.`,
			);
	}
}

/** One rank and scale for all modules; those of the config if no module has another. */
function commonScale(
	modules: readonly Module[],
	config: LoraConfig,
): { readonly rank: number; readonly alpha: number; readonly scale: number } {
	const trained = modules.flatMap((module) => module.trained ?? []);
	const rank = trained.reduce((most, one) => Math.max(most, one.rank), 1);
	const [first] = trained;
	const isEven = trained.every(({ scale }) => scale === first?.scale);
	const stated = config.alpha / config.rank;
	// With factors that differ, no scale of 0 can be common to them.
	const scale = isEven && first ? first.scale : stated === 0 ? 1 : stated;
	const isStated = rank === config.rank && scale === stated;
	return { rank, alpha: isStated ? config.alpha : rank * scale, scale };
}

function refuseTensor(key: string): never {
	throw new CheckpointError(
		`${tensorFile}: tensor "${cut(key)}" cannot be used; only lora_A and lora_B of ${loraTargets.join(', ')} in the model's own layers can.`,
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
