/** @file A run in words: its state, its frontier, its cost, and in what two runs differ. */
import { acceptedScores } from '#runs/measure/accepted.ts';
import { flopCount, timeSpent, tokenCount } from '#runs/measure/cost-words.ts';
import type { Outcome } from '#runs/measure/outcome.ts';
import type { Sameness } from '#runs/replay/same.ts';
import { keptValue } from '#runs/knob-rows.ts';
import { isScore } from '#runs/stored/score.ts';
import type { Score } from '#loop/types.ts';
import type { RunCost, RunRecord } from '#storage/runs/store.ts';
import type { Key } from '../../language/catalogues.ts';
import { language, said, t } from '../../language/language.svelte.ts';
import { unitOf } from '../../world/amounts.ts';
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

export const dateOf = (ms: number): string =>
	new Date(ms).toLocaleString(language.tag, { dateStyle: 'medium', timeStyle: 'short' });

/** `it forgets: difficulty 5 (equal) fell from 200 of 200 to 170 of 200` */
export function outcomeIn({ kind, why }: Outcome): string {
	const verb = t(`runs.verb.${kind}`);
	return why === '' ? t('runs.came', { verb }) : t('runs.cameWhy', { verb, why: said(why) });
}

/** Result of a comparison with another run of the same recipe, which has this name. */
export function samenessIn(same: Sameness, name: string): string {
	switch (same.kind) {
		case 'other-recipe':
			return t('runs.otherRecipe', { name });
		case 'equal':
			return same.rounds === 0
				? t('runs.equalFirst', { name })
				: t('runs.equal', { name, t: same.rounds });
		case 'differs':
			return t('runs.differs', { name, t: same.t, part: t(`runs.part.${same.part}`) });
		default:
			return same satisfies never;
	}
}

/** `1.2 M tokens read, 300 k written, 900 k trained · 2.1 TFLOP · 3 min` */
export const costIn = ({ tokensIn, tokensOut, tokensTrained, flop, seconds }: RunCost): string =>
	t('runs.costs', {
		read: tokenCount(tokensIn),
		written: tokenCount(tokensOut),
		trained: tokenCount(tokensTrained),
		flop: flopCount(flop),
		time: said(timeSpent(seconds)),
	});

/** The titles a person knows them by; the bare name of one that this build does not have. */
export const titlesOf = (catalogue: Catalogue, { recipe }: RunRecord) => ({
	method: said(methodNamed(catalogue, recipe.method)?.title ?? recipe.method),
	environment: said(environmentNamed(catalogue, recipe.environment)?.title ?? recipe.environment),
	unit: unitOf(environmentOf(catalogue, recipe)),
});

export interface Difference {
	readonly what: string;
	readonly a: string;
	readonly b: string;
}

const shown = (value: string | number | boolean | undefined): string =>
	value === undefined
		? '–'
		: typeof value === 'boolean'
			? t(value ? 'recipe.on' : 'recipe.off')
			: String(value);

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
		[t('compare.row.method'), titles.method],
		[t('compare.row.cells'), recipe.cells?.join(', ') ?? t('compare.row.asMethod')],
		[t('compare.row.environment'), titles.environment],
		[t('compare.row.seed'), recipe.seed],
		[t('compare.row.rounds'), recipe.rounds],
		[t('compare.row.model'), recipe.model],
		[t('compare.row.engine'), said(run.engine)],
		[t('compare.row.trainer'), said(run.trainer)],
		[t('compare.row.also'), recipe.alsoExamine?.join(', ') ?? t('compare.row.nothing')],
		...settings.map(
			(s) => [said(s.knob.label, 'knob'), keptValue(recipe.knobs, s) ?? s.value] as const,
		),
	]);
}

const costRows: readonly (readonly [what: Key, words: (cost: RunCost) => string])[] = [
	['compare.row.read', ({ tokensIn }) => tokenCount(tokensIn)],
	['compare.row.written', ({ tokensOut }) => tokenCount(tokensOut)],
	['compare.row.trained', ({ tokensTrained }) => tokenCount(tokensTrained)],
	['compare.row.flop', ({ flop }) => flopCount(flop)],
	['compare.row.time', ({ seconds }) => said(timeSpent(seconds))],
];

/** Gain and cost of two runs, side by side; empty if the cost of neither was counted. */
export function costs(a: RunRecord, b: RunRecord): readonly Difference[] {
	if (!a.cost && !b.cost) return [];
	const gained = (run: RunRecord): string => {
		const frontier = frontiers(run);
		return frontier ? `${frontier.before} → ${frontier.after}` : t('runs.notExamined');
	};
	return [
		{ what: t('compare.row.frontier'), a: gained(a), b: gained(b) },
		...costRows.map(([what, words]) => ({
			what: t(what),
			a: a.cost ? words(a.cost) : t('compare.row.notCounted'),
			b: b.cost ? words(b.cost) : t('compare.row.notCounted'),
		})),
	];
}
