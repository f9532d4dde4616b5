/** @file What a task is made of: the problem itself, and one way to write it down. */

/** The problem as JSON data, e.g. `{ a: '357', b: '864' }`; equal problems have equal JSON. */
export type Item = Readonly<
	Record<string, string | number | readonly string[] | readonly number[]>
>;

/**
 * One way to write an item down (which letters, which order), as small JSON data made by `views`. One item has many
 * views; answers are compared across views in their canonical form.
 */
export type View = Readonly<Record<string, string | number | boolean>>;

/** Problems to learn from, and problems that are only ever asked in an examination. */
export type Split = 'training' | 'held-out';
