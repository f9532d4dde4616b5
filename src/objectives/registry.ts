/**
 * @file Registry of objectives: each by name, its options declared as knobs. An objective in a plan is plain data, such
 * as `{ name: 'dpo', beta: 0.1, labelSmoothing: 0 }`.
 */
import { readKnob, type Knobs, type KnobValue, type KnobValues } from '#base/knobs.ts';
import { distil } from './distil.ts';
import { dpo } from './dpo.ts';
import { kl } from './kl.ts';
import type { Objective } from './objective.ts';
import { policyGradient } from './policy-gradient.ts';
import { supervised } from './supervised.ts';

interface Entry<K extends Knobs> {
	readonly options: K;
	create(options: KnobValues<K>): Objective;
}
const entry = <const K extends Knobs>(
	options: K,
	create: (options: KnobValues<K>) => Objective,
): Entry<K> => ({ options, create });

/** Objectives by name. */
export const objectives = {
	supervised: entry({}, () => supervised),
	dpo: entry(
		{
			beta: {
				kind: 'number',
				label: 'Beta',
				help: 'How strongly a preference is held against the distance from the reference; larger stays nearer.',
				default: 0.1,
				min: 1e-3,
				max: 10,
				scale: 'log',
			},
			labelSmoothing: {
				kind: 'number',
				label: 'Label smoothing',
				help: 'Part of the preferences that are taken to be wrong.',
				default: 0,
				min: 0,
				max: 0.5,
			},
		},
		dpo,
	),
	'policy-gradient': entry(
		{
			ratio: {
				kind: 'choice',
				label: 'Ratio',
				help: 'clip: corrects for a policy that has moved since it answered; none: REINFORCE.',
				default: 'clip',
				options: ['clip', 'none'],
			},
			clipLow: {
				kind: 'number',
				label: 'Clip below',
				help: 'A token that is by this part less likely than when it was sampled is not pushed further down.',
				default: 0.2,
				min: 0,
				max: 1,
			},
			clipHigh: {
				kind: 'number',
				label: 'Clip above',
				help: 'A token that is by this part likelier than when it was sampled is not pushed further up.',
				default: 0.2,
				min: 0,
				max: 10,
			},
			average: {
				kind: 'choice',
				label: 'Average',
				help: 'tokens: over all tokens; answers: over each answer first; sums: tokens are added, answers averaged.',
				default: 'tokens',
				options: ['tokens', 'answers', 'sums'],
			},
		},
		policyGradient,
	),
	distil: entry({}, () => distil),
} as const;

/** Penalties that can be added to an objective. */
export const penalties = {
	kl: entry(
		{
			coefficient: {
				kind: 'number',
				label: 'Coefficient',
				help: 'How much the distance from the reference counts.',
				default: 0.1,
				min: 0,
				max: 100,
				scale: 'log',
			},
			estimator: {
				kind: 'choice',
				label: 'Estimator',
				help: 'k3: the penalty of GRPO, small in variance; k1: unbiased on sampled tokens.',
				default: 'k3',
				options: ['k3', 'k1'],
			},
		},
		kl,
	),
} as const;

type Spec<R> = {
	[N in keyof R & string]: R[N] extends Entry<infer K>
		? { readonly name: N } & KnobValues<K>
		: never;
}[keyof R & string];

/** An objective as plain data. */
export type ObjectiveSpec = Spec<typeof objectives>;
/** A penalty as plain data. */
export type PenaltySpec = Spec<typeof penalties>;

/** The objective that a plan names. */
export const openObjective = (spec: ObjectiveSpec): Objective => open(objectives, spec);
/** The penalty that a plan names. */
export const openPenalty = (spec: PenaltySpec): Objective => open(penalties, spec);

/** Throws a RangeError that names what is allowed if a name or an option is not. */
function open(
	registry: Readonly<Record<string, Entry<Knobs>>>,
	spec: { readonly name: string } & Readonly<Record<string, KnobValue>>,
): Objective {
	const { name, ...given } = spec;
	const found = Object.hasOwn(registry, name) ? registry[name] : undefined;
	if (!found)
		throw new RangeError(
			`There is no objective "${name}"; these are: ${Object.keys(registry).join(', ')}.`,
		);
	const options = Object.entries(found.options).map(([option, knob]) => {
		const read = readKnob(option, knob, given[option] ?? knob.default);
		if ('error' in read) throw new RangeError(read.error);
		return [option, read.value] as const;
	});
	return found.create(Object.fromEntries(options) as KnobValues<Knobs>);
}
