/** @file Grammar of an answer, as data: what an environment can ask for and an engine can hold a model to. */

/** JSON of a schema, or a text that a regular expression matches as a whole. */
export type AnswerForm =
	| { readonly kind: 'json-schema'; readonly schema: unknown }
	| { readonly kind: 'expression'; readonly source: string };

/** One form, every one of several, or anything that is not of a form. */
export type Grammar =
	| AnswerForm
	| { readonly kind: 'all'; readonly of: readonly Grammar[] }
	| { readonly kind: 'not'; readonly of: Grammar };
