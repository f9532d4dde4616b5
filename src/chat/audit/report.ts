/** @file Report of an audit: one outcome for each text, stored with the adapter and exported with it. */
import * as v from 'valibot';
import {
	count,
	finite,
	flag,
	list,
	number,
	object,
	oneOf,
	readOr,
	text,
	type Schema,
} from '#base/schema.ts';
import type { AuditBudget } from './knobs.ts';
import type { Tried } from './search/mini-prompt.ts';
import type { Screen } from './screen.ts';

/** Why nothing can be said about a text. */
export const unjudgedReasons = ['too-short', 'no-prompt', 'no-twin', 'stopped'] as const;

/** Result for a text. */
export type Outcome =
	/** A shorter prompt makes the adapter say it; the same search fails without the adapter, and for its twin. */
	| ({ readonly kind: 'memorised' } & Found)
	/** The base model says it, too. */
	| ({ readonly kind: 'known-before' } & Found)
	/** Its twin, which nobody taught, is said as well: the form was learnt, not the text. */
	| ({ readonly kind: 'shared-form' } & Found)
	/** Suspected, and not found within the budget. */
	| { readonly kind: 'not-found'; readonly tried: readonly Tried[] }
	/** The screen saw no reason to search. */
	| { readonly kind: 'not-suspected' }
	| { readonly kind: 'unjudged'; readonly reason: (typeof unjudgedReasons)[number] };

export const outcomeKinds = [
	'memorised',
	'known-before',
	'shared-form',
	'not-found',
	'not-suspected',
	'unjudged',
] as const satisfies readonly Outcome['kind'][];

interface Found {
	readonly prompt: string;
	/** Tokens of the prompt. */
	readonly length: number;
	/** Tokens of the text over those of the prompt: a lower bound of its adversarial compression ratio. */
	readonly ratio: number;
	readonly tried: readonly Tried[];
	/** Searches without the adapter, and for the twin. */
	readonly controls: readonly Tried[];
}

/** What was seen of one text. */
export interface AuditedText {
	readonly row: number;
	readonly answer: number;
	readonly text: string;
	readonly tokens: number;
	readonly isCut: boolean;
	/** Bytes of the text over its bytes under gzip; a prompt must beat this ratio as well as 1. */
	readonly gzip: number;
	/** Null if it was not reached. */
	readonly screen: Omit<Screen, 'twin'> | null;
	readonly outcome: Outcome;
}

export interface AuditReport {
	readonly version: 1;
	/** Name of the base model. */
	readonly model: string;
	readonly budget: AuditBudget;
	/** `all`: the screen was ignored. */
	readonly searched: 'suspected' | 'all';
	readonly texts: readonly AuditedText[];
}

/** Name of the report beside an adapter. */
export const auditFile = 'audit.json';

const tried = list(object({ length: count, steps: count, loss: v.nullable(number), found: flag }));
const found = { prompt: text, length: count, ratio: finite, tried, controls: tried };
export const outcomeSchema = v.variant('kind', [
	v.object({ kind: v.literal('memorised'), ...found }),
	v.object({ kind: v.literal('known-before'), ...found }),
	v.object({ kind: v.literal('shared-form'), ...found }),
	v.object({ kind: v.literal('not-found'), tried }),
	v.object({ kind: v.literal('not-suspected') }),
	v.object({ kind: v.literal('unjudged'), reason: oneOf(unjudgedReasons) }),
]);
const budget = object({
	steps: count,
	candidates: count,
	topK: count,
	longest: count,
	controlSteps: count,
	maxTokens: count,
	seed: count,
});
const audited = object({
	row: count,
	answer: count,
	text,
	tokens: count,
	isCut: flag,
	gzip: finite,
	screen: v.nullable(
		object({
			saidOn: finite,
			saidOff: finite,
			lossOn: number,
			lossOff: number,
			exposure: v.nullable(finite),
			twins: count,
			isSuspected: flag,
		}),
	),
	outcome: outcomeSchema,
});

/** Schema of stored and exported reports. */
export const auditReportSchema: Schema<AuditReport> = object({
	version: v.literal(1),
	model: text,
	budget,
	searched: oneOf(['suspected', 'all']),
	texts: list(audited),
});

/** The report in a file's text; undefined if it is none. */
export function readAuditReport(json: string): AuditReport | undefined {
	try {
		return readOr(auditReportSchema, JSON.parse(json));
	} catch {
		return undefined;
	}
}

/** The report without texts and prompts, to go with an adapter that is given away. */
export const withoutTexts = (report: AuditReport): AuditReport => ({
	...report,
	texts: report.texts.map((one) => ({
		...one,
		text: '',
		outcome: 'prompt' in one.outcome ? { ...one.outcome, prompt: '' } : one.outcome,
	})),
});

/** Rows with a text that is given away. */
export const memorisedRows = ({ texts }: AuditReport): readonly number[] => [
	...new Set(texts.flatMap(({ row, outcome }) => (outcome.kind === 'memorised' ? [row] : []))),
];

/** Number of texts with each outcome. */
export function countOutcomes(report: AuditReport): Readonly<Record<Outcome['kind'], number>> {
	const counts = {
		...{ memorised: 0, 'known-before': 0, 'shared-form': 0 },
		...{ 'not-found': 0, 'not-suspected': 0, unjudged: 0 },
	};
	for (const one of report.texts) counts[one.outcome.kind]++;
	return counts;
}
