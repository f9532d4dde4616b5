/**
 * @file A knob: a value a person may turn, declared once. Type, control, flag, URL parameter and docs
 * row are derived from the declaration.
 */

interface KnobBase {
	readonly label: string;
	/** One sentence; ends up as the control's hint and the flag's help. */
	readonly help: string;
}
export interface NumberKnob extends KnobBase {
	readonly kind: 'number' | 'integer';
	readonly default: number;
	readonly min: number;
	readonly max: number;
	readonly step?: number;
	/** `log` for learning rates: the slider moves in powers. */
	readonly scale?: 'linear' | 'log';
}
export interface ChoiceKnob<T extends string = string> extends KnobBase {
	readonly kind: 'choice';
	readonly default: T;
	readonly options: readonly T[];
}
export interface SwitchKnob extends KnobBase {
	readonly kind: 'switch';
	readonly default: boolean;
}
export type Knob = NumberKnob | ChoiceKnob | SwitchKnob;
/** Knob names are unique in the whole house, so that `--name` and `?name=` need no prefix. */
export type Knobs = Readonly<Record<string, Knob>>;
export type KnobValue = number | string | boolean;

/** The options object that a set of knobs describes. */
export type KnobValues<K extends Knobs> = {
	readonly [N in keyof K]: K[N] extends { kind: 'choice'; options: readonly (infer T)[] }
		? T
		: K[N] extends { kind: 'switch' }
			? boolean
			: number;
};

/** Every knob at its default. */
export function defaultsOf<K extends Knobs>(knobs: K): KnobValues<K> {
	return Object.fromEntries(
		Object.entries(knobs).map(([name, knob]) => [name, knob.default]),
	) as KnobValues<K>;
}

/** The value if it is allowed, else one sentence that names what is. Text is parsed (flag, URL). */
export function readKnob(
	name: string,
	knob: Knob,
	value: KnobValue,
): { value: KnobValue } | { error: string } {
	switch (knob.kind) {
		case 'choice':
			return knob.options.includes(String(value))
				? { value: String(value) }
				: { error: `${name} must be one of ${knob.options.join(', ')}; got "${value}".` };
		case 'switch': {
			const text = String(value);
			return text === 'true' || text === 'on'
				? { value: true }
				: text === 'false' || text === 'off'
					? { value: false }
					: { error: `${name} must be on or off; got "${text}".` };
		}
		case 'integer':
		case 'number': {
			const n = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
			const whole = knob.kind === 'integer';
			return Number.isFinite(n) && n >= knob.min && n <= knob.max && (!whole || Number.isInteger(n))
				? { value: n }
				: {
						error: `${name} must be a ${whole ? 'whole ' : ''}number from ${knob.min} to ${knob.max}; got "${value}".`,
					};
		}
		default:
			return knob satisfies never;
	}
}
