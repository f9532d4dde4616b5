/** @file `adapter_config.json` of PEFT: what a LoRA changes and how strongly; what cannot be done here is refused by name. */
import { isRecord } from '#base/untrusted/is-record.ts';
import { quote } from '#base/untrusted/quote.ts';
import { loraTargets, type LoraTarget } from '../../adapter.ts';
import { CheckpointError } from '../checkpoint-error.ts';
import { readPattern, readSelection, type Fail, type Meant } from './modules.ts';

export const configFile = 'adapter_config.json';

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

export interface LoraConfig {
	readonly rank: number;
	/** Alpha, adjusted so that the scale is alpha / rank. */
	readonly alpha: number;
	/** Was this module trained? Undefined if an expression says so: then the tensors do. */
	readonly selects: Meant | undefined;
	/** The entries that select modules; for messages. */
	readonly selection: string;
	/** Targets in the order of the config. */
	readonly order: readonly LoraTarget[];
	rankOf(module: string): number;
	/** Factor of B·A. */
	scaleOf(module: string): number;
}

/** Reads and checks a parsed config. */
export function readLoraConfig(json: unknown): LoraConfig {
	const fail: Fail = (problem) => {
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
	if (!isRank(rank)) return fail(`r must be ${ranks}, got ${quote(rank)}.`);
	if (typeof alpha !== 'number' || !Number.isFinite(alpha))
		return fail(`lora_alpha must be a number, got ${quote(alpha)}.`);
	if (typeof stabilised !== 'boolean') return fail('use_rslora must be true or false.');
	const rankFor = readPattern(json['rank_pattern'], 'rank_pattern', fail);
	const alphaFor = readPattern(json['alpha_pattern'], 'alpha_pattern', fail);
	// rsLoRA scales by alpha / √r.
	const scaledAlpha = (own: number, r: number): number => (stabilised ? own * Math.sqrt(r) : own);
	const rankOf = (module: string): number => {
		const own = rankFor(module) ?? rank;
		return isRank(own) ? own : fail(`rank_pattern must give ${ranks}, got ${quote(own)}.`);
	};
	return {
		rank,
		alpha: scaledAlpha(alpha, rank),
		selects: readSelection(json, fail),
		selection: selectors
			.filter((name) => !isEmpty(json[name]))
			.map((name) => `${name} ${quote(json[name])}`)
			.join(', '),
		order: orderOf(json['target_modules']),
		rankOf,
		scaleOf: (module) => {
			const own = rankOf(module);
			return scaledAlpha(alphaFor(module) ?? alpha, own) / own;
		},
	};
}

const selectors = ['target_modules', 'exclude_modules', 'layers_to_transform', 'layers_pattern'];

function orderOf(targets: unknown): readonly LoraTarget[] {
	const listed: readonly unknown[] = Array.isArray(targets) ? targets : [];
	const isTarget = (value: unknown): value is LoraTarget =>
		(loraTargets as readonly unknown[]).includes(value);
	return [...new Set([...listed.filter(isTarget), ...loraTargets])];
}

const largest = 2 ** 16;
const ranks = `a whole number from 1 to ${largest}`;
const isRank = (value: unknown): value is number =>
	typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= largest;

const isEmpty = (value: unknown): boolean =>
	value === undefined ||
	value === null ||
	value === false ||
	(typeof value === 'object' && Object.keys(value).length === 0);
