/**
 * @file A knob: a value a person may turn, declared once. Type, control, flag, URL parameter and docs
 * row are derived from the declaration.
 */

interface KnobBase {
	readonly label: string;
	/** One sentence; ends up as the control's hint and the flag's help. */
	readonly help: string;
	/** Heading under which it stands in a list of its cell's knobs; without one it stands first. */
	readonly group?: string;
	/** Its short name of before, which records, flags and addresses may still give. */
	readonly was?: string;
}
export interface NumberKnob extends KnobBase {
	readonly kind: 'number' | 'integer';
	readonly default: number;
	readonly min: number;
	readonly max: number;
	readonly step?: number;
	/** `log` for learning rates: the slider moves in powers. `none` for seeds, whose order has no meaning: no slider. */
	readonly scale?: 'linear' | 'log' | 'none';
}
interface ChoiceKnob<T extends string = string> extends KnobBase {
	readonly kind: 'choice';
	readonly default: T;
	readonly options: readonly T[];
}
interface SwitchKnob extends KnobBase {
	readonly kind: 'switch';
	readonly default: boolean;
}
/** Prompt template of a cell, which a person may edit. */
interface TextKnob extends KnobBase {
	readonly kind: 'text';
	readonly default: string;
	/** Placeholders such as `{answer}` that it must contain. */
	readonly places: readonly string[];
}
export type Knob = NumberKnob | ChoiceKnob | SwitchKnob | TextKnob;
/** Knobs of one cell or environment by short name; `runs/knob-rows.ts` says how a recipe names them. */
export type Knobs = Readonly<Record<string, Knob>>;
export type KnobValue = number | string | boolean;

/** The options object that a set of knobs describes. */
export type KnobValues<K extends Knobs> = {
	readonly [N in keyof K]: K[N] extends { kind: 'choice'; options: readonly (infer T)[] }
		? T
		: K[N] extends { kind: 'switch' }
			? boolean
			: K[N] extends { kind: 'text' }
				? string
				: number;
};

/** Every knob at its default. */
export function defaultsOf<K extends Knobs>(knobs: K): KnobValues<K> {
	return Object.fromEntries(
		Object.entries(knobs).map(([name, knob]) => [name, knob.default]),
	) as KnobValues<K>;
}

/** Allowed values of a knob, in a few words: `whole number, 1 to 8`. */
export function allowedBy(knob: Knob): string {
	switch (knob.kind) {
		case 'choice':
			return knob.options.join(', ');
		case 'switch':
			return 'on, off';
		case 'text':
			return knob.places.length > 0 ? `text with ${knob.places.join(', ')}` : 'text';
		case 'integer':
			return `whole number, ${knob.min} to ${knob.max}`;
		case 'number':
			return `${knob.min} to ${knob.max}`;
		default:
			return knob satisfies never;
	}
}

/** Longest text of a knob: it also has to fit into an address. */
const longestText = 4000;

/** A text knob's template with its placeholders filled in one pass: placeholders inside values stay as they are. */
export const fillPlaces = (text: string, values: Readonly<Record<string, string>>): string =>
	text.replace(/\{(\w+)\}/g, (place, name: string) =>
		Object.hasOwn(values, name) ? (values[name] ?? place) : place,
	);

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
		case 'text': {
			const text = String(value);
			const missing = knob.places.filter((place) => !text.includes(place));
			if (missing.length > 0)
				return { error: `${name} must hold ${missing.join(' and ')}, which is filled in.` };
			return text.trim() !== '' && text.length <= longestText
				? { value: text }
				: { error: `${name} must be a text of 1 to ${longestText} characters.` };
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
