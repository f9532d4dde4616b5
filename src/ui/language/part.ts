/** @file Part of a catalogue, as it is loaded. */

export type Values = Readonly<Record<string, string | number>>;
export type Messages = Readonly<Record<string, (values: Values) => string>>;

export interface Part {
	readonly messages: Messages;
	/** Texts that come from the data layer, by their English; see `said`. */
	readonly data?: Readonly<Record<string, string>>;
	/** Words of the page's own lessons, by their id; checked where they are read. */
	readonly lessons?: Readonly<Record<string, unknown>>;
	/** Names and explanations of the terms. */
	readonly terms?: Readonly<Record<string, { readonly names: readonly string[]; says: string }>>;
}
