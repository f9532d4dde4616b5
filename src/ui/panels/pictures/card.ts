/** @file Summary card of a run as one picture: before and after with their interval, what was kept and thrown away, how to repeat it. */
import type { Environment } from '#environments/environment.ts';
import { wilson } from '#loop/interval.ts';
import { heldOutQuestions } from '#loop/4-evaluate/examine.ts';
import type { Score } from '#loop/types.ts';
import { acceptedScores } from '#runs/measure/accepted.ts';
import { rightOfBoth } from '#runs/measure/outcome.ts';
import { shownPairs } from '#runs/measure/paired.ts';
import { cellPairs, type Tally } from '#runs/measure/share.ts';
import type { TruthRow } from '#storage/runs/store.ts';
import { count, many, percent, range } from '../../world/words.ts';
import { colours, element, picture, text, wrapped } from './svg.ts';

export interface CardFacts {
	/** The headline of the page. */
	readonly headline: string;
	readonly recipe: string;
	readonly seed: number;
	readonly unit: string;
	readonly scores: readonly Score[];
	readonly truths: readonly TruthRow[];
	/** Address that repeats the run. */
	readonly link: string;
	/** A held-out task that was wrong before and is right now; empty if none is known. */
	readonly proof: string;
}

/** The hardest held-out task that went from wrong to right; empty if answers were not stored one by one. */
export function proofOf(scores: readonly Score[], environment: Environment, seed: number): string {
	const [first] = acceptedScores(scores);
	const last = acceptedScores(scores).at(-1);
	if (!first || !last || first === last) return '';
	const shown = shownPairs(scores).find(
		({ before, after }) => before.verdict !== 'correct' && after.verdict === 'correct',
	);
	if (shown) return shown.task;
	const won = cellPairs(first, last)
		.toSorted(([a], [b]) => b.difficulty - a.difficulty)
		.flatMap(([{ difficulty, stratum, outcomes: was = '' }, { outcomes: is = '' }]) => {
			const at =
				was.length === is.length
					? Array.from(was).findIndex((mark, i) => mark === '-' && is[i] === '+')
					: -1;
			return at < 0 ? [] : [{ difficulty, stratum, at, count: was.length }];
		})[0];
	if (!won) return '';
	return heldOutQuestions(environment, seed, won)[won.at]?.task.text ?? '';
}

const share = ({ correct, n }: Tally): string =>
	n === 0 ? 'not asked' : `${percent(correct / n)} (${range(wilson(correct, n))}) of ${count(n)}`;

/** The numbers of a card in words, in the order in which they stand on it. */
export function cardRows({
	scores,
	truths,
	seed,
}: CardFacts): readonly (readonly [what: string, value: string])[] {
	const accepted = acceptedScores(scores);
	const [first, last] = [accepted[0], accepted.at(-1)];
	const sum = (of: (row: TruthRow) => number): number =>
		truths.reduce((total, row) => total + of(row), 0);
	const [asked, kept, correct, judged] = [
		sum((row) => row.asked),
		sum((row) => row.kept),
		sum((row) => row.correct),
		sum((row) => row.judged),
	];
	const right = first && last ? rightOfBoth(first, last) : undefined;
	const undone = scores.length - accepted.length;
	return [
		...(right
			? ([
					['Right before', share(right[0])],
					['Right now, same', share(right[1])],
				] as const)
			: []),
		['It asked itself', many(asked, 'tasks')],
		['Kept to train on', count(kept)],
		...(judged > 0 ? ([['Of these true', share({ correct, n: judged })]] as const) : []),
		['Set aside', count(asked - kept)],
		[
			'Rounds',
			`${count(Math.max(0, ...scores.map(({ t }) => t)))}${undone > 0 ? `, ${count(undone)} undone` : ''}`,
		],
		['Seed', String(seed)],
	];
}

const clipped = (words: string, most: number): string =>
	words.length > most ? `${words.slice(0, most - 1)}…` : words;

const [width, height] = [1200, 630];

export function cardOf(facts: CardFacts): string {
	const accepted = acceptedScores(facts.scores);
	const [before, after] = [accepted[0]?.frontier, accepted.at(-1)?.frontier];
	const soft = { fill: colours.soft, 'font-size': 20 } as const;
	const title = wrapped(facts.headline, 54).slice(0, 2);
	const rows = cardRows(facts);
	const numbers =
		before === undefined || after === undefined
			? text(64, 300, 'not examined yet', { 'font-size': 40 })
			: text(64, 330, `${before} → ${after}`, {
					'font-size': 110,
					'font-weight': 650,
					fill: colours.evaluate,
				}) + text(64, 370, `${facts.unit}: frontier before and now`, soft);
	const proof = facts.proof === '' ? [] : wrapped(facts.proof, 40).slice(0, 2);
	return picture(
		{ width, height },
		`${facts.headline} ${rows.map(([what, value]) => `${what}: ${value}`).join('. ')}. ${facts.recipe}.`,
		[
			element('rect', { x: 0, y: 0, width, height: 12, fill: colours.evaluate }),
			text(64, 64, 'Evolvarium', { ...soft, 'font-weight': 650 }),
			...title.map((words, i) =>
				text(64, 112 + i * 46, words, { 'font-size': 36, 'font-weight': 640 }),
			),
			numbers,
			...(proof.length > 0
				? [
						text(64, 424, 'Held out, wrong before and right now:', soft),
						...proof.map((words, i) =>
							text(64, 456 + i * 30, words, {
								'font-size': 24,
								'font-family': 'ui-monospace, monospace',
							}),
						),
					]
				: []),
			...rows.flatMap(([what, value], i) => [
				text(600, 236 + i * 40, what, soft),
				text(790, 236 + i * 40, value, { 'font-size': 20, 'font-weight': 600 }),
			]),
			element('path', { d: `M64 552H${width - 64}`, stroke: colours.line, 'stroke-width': 2 }),
			text(64, 580, clipped(facts.recipe, 118), { ...soft, 'font-size': 16 }),
			text(64, 606, clipped(facts.link, 130), {
				...soft,
				'font-size': 15,
			}),
		].join(''),
	);
}
