/** @file A run in words: its state, its frontier, its cost, and in what two runs differ. */
import { acceptedScores } from '#runs/measure/accepted.ts';
import { flopCount, timeSpent, tokenCount } from '#runs/measure/cost-words.ts';
import { keptValue } from '#runs/knob-rows.ts';
import { isScore } from '#runs/stored/score.ts';
import type { Score } from '#loop/types.ts';
import type { RunCost, RunRecord } from '#storage/runs/store.ts';
import {
	allSettings,
	environmentNamed,
	environmentOf,
	methodNamed,
	recipeFor,
	type Catalogue,
} from '../../state/catalogue.ts';

export const scoresOf = (run: RunRecord): readonly Score[] => run.scores.filter(isScore);

/** Rounds with an examination behind them. */
export const roundsDone = (run: RunRecord): number =>
	Math.max(0, ...scoresOf(run).map(({ t }) => t));

/** The frontier of the base model and of the policy that stands; null before the first examination. */
export function frontiers(run: RunRecord): { before: number; after: number } | null {
	const scores = scoresOf(run);
	const [first, last] = [scores[0], acceptedScores(scores).at(-1)];
	return first && last ? { before: first.frontier, after: last.frontier } : null;
}

const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
export const dateOf = (ms: number): string => when.format(ms);

/** The titles a person knows them by; the bare name of one that this build does not have. */
export const titlesOf = (catalogue: Catalogue, { recipe }: RunRecord) => ({
	method: methodNamed(catalogue, recipe.method)?.title ?? recipe.method,
	environment: environmentNamed(catalogue, recipe.environment)?.title ?? recipe.environment,
	unit: environmentOf(catalogue, recipe)?.words.unit ?? 'steps',
});

export interface Difference {
	readonly what: string;
	readonly a: string;
	readonly b: string;
}

const shown = (value: string | number | boolean | undefined): string =>
	value === undefined ? '–' : typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);

/** In what the recipes of two runs differ: knobs that nobody turned count at their method's value. */
export function differences(
	catalogue: Catalogue,
	a: RunRecord,
	b: RunRecord,
): readonly Difference[] {
	const [left, right] = [a, b].map((run) => describe(catalogue, run));
	if (!left || !right) return [];
	return [...new Set([...left.keys(), ...right.keys()])].flatMap((what) => {
		const pair = { what, a: shown(left.get(what)), b: shown(right.get(what)) };
		return pair.a === pair.b ? [] : [pair];
	});
}

function describe(catalogue: Catalogue, run: RunRecord): Map<string, string | number | boolean> {
	const { recipe } = run;
	const method = recipeFor(catalogue, recipe);
	const titles = titlesOf(catalogue, run);
	const settings = method
		? allSettings(method, environmentNamed(catalogue, recipe.environment))
		: [];
	return new Map<string, string | number | boolean>([
		['Method', titles.method],
		['Cells', recipe.cells?.join(', ') ?? 'as the method says'],
		['Environment', titles.environment],
		['Seed', recipe.seed],
		['Rounds', recipe.rounds],
		['Model', recipe.model],
		['Engine', run.engine],
		['Trainer', run.trainer],
		['Also examined', recipe.alsoExamine?.join(', ') ?? 'nothing'],
		...settings.map((s) => [s.knob.label, keptValue(recipe.knobs, s) ?? s.value] as const),
	]);
}

const costRows: readonly (readonly [what: string, words: (cost: RunCost) => string])[] = [
	['Tokens read', ({ tokensIn }) => tokenCount(tokensIn)],
	['Tokens written', ({ tokensOut }) => tokenCount(tokensOut)],
	['Tokens trained', ({ tokensTrained }) => tokenCount(tokensTrained)],
	['Operations', ({ flop }) => flopCount(flop)],
	['Time in the models', ({ seconds }) => timeSpent(seconds)],
];

/** Gain and cost of two runs, side by side; empty if the cost of neither was counted. */
export function costs(a: RunRecord, b: RunRecord): readonly Difference[] {
	if (!a.cost && !b.cost) return [];
	const gained = (run: RunRecord): string => {
		const frontier = frontiers(run);
		return frontier ? `${frontier.before} → ${frontier.after}` : 'not examined yet';
	};
	return [
		{ what: 'Frontier', a: gained(a), b: gained(b) },
		...costRows.map(([what, words]) => ({
			what,
			a: a.cost ? words(a.cost) : 'not counted',
			b: b.cost ? words(b.cost) : 'not counted',
		})),
	];
}
