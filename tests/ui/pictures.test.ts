/** @file The pictures of a run: complete SVG documents with n, seed and recipe in them, and tables with the same numbers. */
import { describe, expect, test } from 'vitest';
import { environments, openEnvironment } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { heldOutQuestions } from '#loop/4-evaluate/examine.ts';
import type { Score } from '#loop/types.ts';
import { isScore } from '#runs/stored/score.ts';
import { language } from '../../src/ui/language/language.svelte.ts';
import { cardOf, cardRows, proofWords, taskWords } from '../../src/ui/panels/pictures/card.ts';
import { chartsOf } from '../../src/ui/panels/pictures/charts.ts';
import { factsOf } from '../../src/ui/panels/pictures/facts.ts';
import { proofOf } from '../../src/ui/panels/pictures/proof.ts';
import { linkOf, recipeLine } from '../../src/ui/panels/pictures/recipe.ts';
import { csvOf, escaped, wrapped } from '../../src/ui/panels/pictures/svg.ts';
import { latinSentences } from './language/latin.ts';
import { aStoredRun } from './stored-runs.ts';

await language.load('show');
const catalogue = { methods, environments: Object.values(environments) };
const run = aStoredRun('a');
const scores = run.scores.filter(isScore);
const truths = [1, 2].map((t) => ({
	...{ t, asked: 400, kept: 300, correct: 290, judged: 300, believed: 0.9 },
	...{ correctBefore: 350, judgedBefore: 400 },
}));
const curve = [1, 2, 3].map((step) => ({ t: 1, step, loss: 1 / step, gradientNorm: 2 }));
const recipe = recipeLine(catalogue, run.recipe);
const drawn = { recipe, unit: 'digits', scores, truths, curve };

describe('charts', () => {
	test('each is an SVG with its title, n, seed and recipe, and a table with the same head', () => {
		const charts = chartsOf(drawn);
		expect(charts.map(({ name }) => name)).toEqual([
			'accuracy',
			'frontier',
			'right',
			'truth',
			'loss',
		]);
		for (const { svg, csv, title } of charts) {
			expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
			expect(svg).toContain(escaped(title));
			expect(svg).toContain('seed 1');
			expect(svg).not.toMatch(/NaN|undefined|Infinity|var\(/);
			expect(csv.startsWith(`# ${title}\r\n# ${recipe}\r\n`)).toBe(true);
		}
		for (const { svg } of charts.slice(0, 4)) expect(svg).toMatch(/n = \d|n up to \d/);
		const [accuracy] = charts;
		expect(accuracy?.csv).toContain('\r\n0,5,equal,198,200,');
		expect(accuracy?.csv.split('\r\n')).toHaveLength(
			3 + 1 + scores.reduce((n, { cells }) => n + cells.length, 0) + 1,
		);
	});

	test('a run without a round has no charts', () => {
		expect(chartsOf({ recipe, unit: 'digits', scores: [], truths: [], curve: [] })).toEqual([]);
	});
});

describe('the card', () => {
	const facts = {
		headline: 'It can add 13 digits.',
		recipe,
		seed: 1,
		...{ unit: 'digits', axis: 'digits', nouns: 'sums', code: null, proof: null },
		scores,
		truths,
	};
	test('says before and after with their interval, what was kept and thrown away, seed and link', () => {
		const all = { ...facts, link: 'https://example.org/?rank=64' };
		const rows = new Map(cardRows(all));
		expect(rows.get('Right before')).toMatch(/^\d+(\.\d)?\s% \(\d.*–\d.*\) of 2,400$/);
		expect(rows.get('Kept to train on')).toBe('600');
		expect(rows.get('Of these true')).toBe('96.7\u00a0% (94.9–97.8) of 600');
		expect(rows.get('Set aside')).toBe('200');
		const svg = cardOf(all);
		for (const words of ['8 → 13', 'https://example.org/?rank=64', 'seed 1'])
			expect(svg).toContain(words);
		expect(svg).not.toMatch(/NaN|undefined|Infinity/);
	});

	test('names a held-out task that was wrong and is right, the hardest one', () => {
		const environment = openEnvironment('reversal');
		const stratum = environment.tasks.strata[0] ?? '';
		const score = (t: number, outcomes: string): Score => ({
			...{ t, policy: 'p', frontier: 4, threshold: 0.9 },
			cells: [4, 5].map((difficulty) => ({ difficulty, stratum, correct: 1, n: 4, outcomes })),
		});
		const asked = heldOutQuestions(environment, 7, { difficulty: 5, stratum, count: 4 });
		const proof = proofOf([score(0, '+---'), score(1, '+-+-')], environment, 7);
		expect(proof?.task).toBe(asked[2]?.task.text);
		const item = asked[2]?.task.item;
		expect(proof?.answer).toBe(item && environment.reference.solve(item));
		expect(proof?.set).toBeUndefined();
		expect(proofOf([score(0, '++++'), score(1, '----')], environment, 7)).toBeNull();
		expect(proofOf([score(0, '+---')], environment, 7)).toBeNull();
	});

	test('of a record without single answers it names the hardest set that gained, with both counts and one task of it', () => {
		const environment = openEnvironment('addition', { format: 'plain' });
		const proof = proofOf(scores, environment, 1);
		const [before, now] = [0, 5].map((t) => scores.find((score) => score.t === t)?.cells ?? []);
		const of = (cells: Score['cells'] | undefined) =>
			cells?.find(({ difficulty }) => difficulty === proof?.set?.difficulty);
		expect(proof?.set?.before).toBe(of(before)?.correct);
		expect(proof?.set?.now).toBeGreaterThan(proof?.set?.before ?? Infinity);
		expect(of(now)?.n).toBe(proof?.set?.n);
		const words = { proof, unit: 'digits', nouns: 'sums' };
		expect(proofWords(words)).toMatch(
			/^Of the same \d+ held-out sums of \d+ digits it had \d+ right/,
		);
		expect(proof && taskWords(proof)).toMatch(/^\d+ ?\+ ?\d+ → \d+$/);
	});

	test('in the middle of a run each set counts as it was asked last, and what was never asked again is left out', () => {
		const cell = (difficulty: number, correct: number) => ({
			...{ difficulty, stratum: 'equal', correct, n: 100 },
		});
		const score = (t: number, cells: Score['cells']): Score => ({
			...{ t, policy: 'p', frontier: 4, threshold: 0.9, cells },
		});
		const all = [
			score(0, [cell(5, 90), cell(6, 10)]),
			score(1, [cell(6, 70), cell(7, 20)]),
			score(2, [cell(7, 80)]),
		];
		const rows = new Map(cardRows({ scores: all, truths, seed: 1 }));
		expect(rows.get('Right before')).toMatch(/^10\s% .* of 100$/);
		expect(rows.get('When last asked')).toMatch(/^70\s% .* of 100$/);
		expect(rows.has('Right now, same')).toBe(false);
		const never = [score(0, [cell(5, 90)]), score(1, [cell(7, 80)])];
		const few = cardRows({ scores: never, truths, seed: 1 }).map(([what]) => what);
		expect(few[0]).toBe('It asked itself');
	});

	test('carries its link as a code, and a link that is too long goes without', () => {
		const taken = { recipe: run.recipe, headline: 'It can.', scores, truths };
		const made = factsOf(catalogue, taken, 'https://example.org/');
		expect(made.code?.size).toBeGreaterThan(20);
		expect(cardOf(made)).toContain(made.code?.path ?? 'no code');
		const long = factsOf(catalogue, taken, `https://example.org/${'x'.repeat(4000)}`);
		expect(long.code).toBeNull();
		expect(cardOf(long)).not.toContain('crispEdges');
	});

	test.each(['zh', 'ja'] as const)('speaks %s, in lines that break without spaces', async (tag) => {
		await language.choose(tag);
		const made = factsOf(
			catalogue,
			{ recipe: run.recipe, headline: '这'.repeat(40), scores, truths },
			'https://example.org/',
		);
		const svg = cardOf(made);
		const words = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, word = '']) => word);
		expect(words).toContain('这'.repeat(27));
		expect(cardRows(made).flatMap(([what]) => latinSentences(what))).toEqual([]);
		for (const { title } of chartsOf({ ...drawn, unit: made.axis }))
			expect(latinSentences(title)).toEqual([]);
		await language.choose('en');
	});

	test('what a model or a person wrote is text in it', () => {
		const svg = cardOf({
			...facts,
			headline: '<script>&"',
			link: '',
			proof: { task: '\u0000<b>', answer: '' },
		});
		expect(svg).not.toMatch(/<script|<b>|\u0000/);
		expect(svg).toContain('&lt;script&gt;&amp;&quot;');
	});
});

test('a recipe is one line, and its link begins the same run', () => {
	expect(recipe).toMatch(/^.+ · Addition · seed 1 · model addition-plain · format plain/);
	const other = { ...run.recipe, seed: 7, knobs: { rank: 4 } };
	expect(linkOf(catalogue, other, 'https://example.org/')).toMatch(/\?.*seed=7.*rank=4/);
});

test('a table keeps commas and quotation marks, and no cell is a formula', () => {
	expect(
		csvOf(
			['a fact'],
			['x', 'y'],
			[
				['a,"b"', -1],
				['=1+1', 2],
			],
		),
	).toBe('# a fact\r\nx,y\r\n"a,""b""",-1\r\n\'=1+1,2\r\n');
	expect(wrapped('one two three', 8)).toEqual(['one two', 'three']);
	expect(wrapped('它会加数，n = 200 道题。', 8)).toEqual(['它会加', '数，n =', '200 道', '题。']);
});
