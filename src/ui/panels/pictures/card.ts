/** @file Summary card of a run as one picture: before and after with their interval, what was kept and thrown away, how to repeat it. */
import { wilson } from '#loop/interval.ts';
import type { Score } from '#loop/types.ts';
import { acceptedScores } from '#runs/measure/accepted.ts';
import { rightOfBoth } from '#runs/measure/outcome.ts';
import type { Tally } from '#runs/measure/share.ts';
import type { TruthRow } from '#storage/runs/store.ts';
import { said, t } from '../../language/language.svelte.ts';
import { count, many, percent, range } from '../../world/words.ts';
import type { QrDrawing } from '../present/qr.ts';
import { comparedOf, type Proof } from './proof.ts';
import { colours, element, picture, text, wrapped } from './svg.ts';

export interface CardFacts {
	/** The headline of the page. */
	readonly headline: string;
	readonly recipe: string;
	readonly seed: number;
	/** What difficulty is counted in, as it stands behind a number. */
	readonly unit: string;
	/** The same as the name of an axis. */
	readonly axis: string;
	/** Plural of the tasks, in English. */
	readonly nouns: string;
	readonly scores: readonly Score[];
	readonly truths: readonly TruthRow[];
	/** Address that repeats the run, and the same as a code; null if it is too long. */
	readonly link: string;
	readonly code: QrDrawing | null;
	/** Null if nothing got better. */
	readonly proof: Proof | null;
}

/** Frontier of the first and of the last examination that counts; undefined before there is one. */
export function frontiersOf(
	scores: readonly Score[],
): readonly [before: number, now: number] | undefined {
	const accepted = acceptedScores(scores);
	const [first, last] = [accepted[0], accepted.at(-1)];
	return first && last ? [first.frontier, last.frontier] : undefined;
}

const share = ({ correct, n }: Tally): string =>
	t('card.share', {
		share: percent(correct / n),
		range: range(wilson(correct, n)),
		n: count(n),
	});

/** The numbers of a card in words, in the order in which they stand on it. */
export function cardRows({
	scores,
	truths,
	seed,
}: Pick<CardFacts, 'scores' | 'truths' | 'seed'>): readonly (readonly [
	what: string,
	value: string,
])[] {
	const accepted = acceptedScores(scores);
	const compared = comparedOf(scores);
	const sum = (of: (row: TruthRow) => number): number =>
		truths.reduce((total, row) => total + of(row), 0);
	const [asked, kept, correct, judged] = [
		sum((row) => row.asked),
		sum((row) => row.kept),
		sum((row) => row.correct),
		sum((row) => row.judged),
	];
	const right = compared && rightOfBoth(compared.first, compared.last);
	const undone = scores.length - accepted.length;
	const rounds = count(Math.max(0, ...scores.map((score) => score.t)));
	return [
		...(right && right[0].n > 0
			? ([
					[t('card.rightBefore'), share(right[0])],
					[t(compared.isOlder ? 'card.rightSince' : 'card.rightNow'), share(right[1])],
				] as const)
			: []),
		[t('card.asked'), t('card.tasks', { n: asked })],
		[t('card.kept'), count(kept)],
		...(judged > 0 ? ([[t('card.true'), share({ correct, n: judged })]] as const) : []),
		[t('card.aside'), count(asked - kept)],
		[t('card.rounds'), undone > 0 ? t('card.undone', { rounds, n: count(undone) }) : rounds],
		[t('card.seed'), String(seed)],
	];
}

/** What the task of a proof shows, in words that stand before it; empty without one. */
export function proofWords({
	proof,
	unit,
	nouns,
}: Pick<CardFacts, 'proof' | 'unit' | 'nouns'>): string {
	if (!proof) return '';
	if (!proof.set) return t('card.wasWrong');
	const { difficulty, n, before, now, isOlder } = proof.set;
	return t(isOlder ? 'card.setSince' : 'card.set', {
		...{ n: count(n), before: count(before), now: count(now) },
		...{ nouns: said(nouns, 'noun'), amount: many(difficulty, unit) },
	});
}

/** The task with its right answer, if that is known and is not all of it. */
export const taskWords = ({ task, answer }: Proof): string =>
	answer === '' || task.includes(answer) ? task : `${task.replace(/\s*=\s*\??$/, '')} → ${answer}`;

const clipped = (words: string, most: number): string =>
	words.length > most ? `${words.slice(0, most - 1)}…` : words;

const [width, height] = [1200, 630];
/** Pixels of the code on a side. */
const codeSize = 120;

export function cardOf(facts: CardFacts): string {
	const frontiers = frontiersOf(facts.scores);
	const soft = { fill: colours.soft, 'font-size': 20 } as const;
	const title = wrapped(facts.headline, 54).slice(0, 2);
	const rows = cardRows(facts);
	const numbers = frontiers
		? text(64, 300, frontiers.join(' → '), {
				'font-size': 110,
				'font-weight': 650,
				fill: colours.evaluate,
			}) + text(64, 340, t('card.frontier', { unit: facts.axis }), soft)
		: text(64, 300, t('card.notExamined'), { 'font-size': 40 });
	const label = wrapped(proofWords(facts), 52).slice(0, 3);
	const proof = facts.proof ? wrapped(taskWords(facts.proof), 40).slice(0, 2) : [];
	const { code } = facts;
	const end = code ? width - 64 - codeSize - 24 : width - 64;
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
			...label.map((words, i) => text(64, 392 + i * 26, words, soft)),
			...proof.map((words, i) =>
				text(64, 398 + label.length * 26 + i * 30, words, {
					'font-size': 24,
					'font-family': 'ui-monospace, monospace',
				}),
			),
			...rows.flatMap(([what, value], i) => [
				text(640, 214 + i * 36, what, soft),
				text(850, 214 + i * 36, value, { 'font-size': 20, 'font-weight': 600 }),
			]),
			element('path', { d: `M64 552H${end}`, stroke: colours.line, 'stroke-width': 2 }),
			text(64, 580, clipped(facts.recipe, code ? 100 : 118), { ...soft, 'font-size': 16 }),
			text(64, 606, clipped(facts.link, code ? 112 : 130), { ...soft, 'font-size': 15 }),
			...(code
				? [
						element(
							'g',
							{
								transform: `translate(${width - 64 - codeSize} ${height - 12 - codeSize}) scale(${(codeSize / code.size).toFixed(3)})`,
							},
							element('path', { d: code.path, fill: colours.ink, 'shape-rendering': 'crispEdges' }),
						),
					]
				: []),
		].join(''),
	);
}
