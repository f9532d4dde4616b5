/** @file The pictures of a run: complete SVG documents with n, seed and recipe in them, and tables with the same numbers. */
import { describe, expect, test } from 'vitest';
import { environments, openEnvironment } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { heldOutQuestions } from '#loop/4-evaluate/examine.ts';
import type { Score } from '#loop/types.ts';
import { isScore } from '#runs/stored/score.ts';
import { cardOf, cardRows, proofOf } from '../../src/ui/panels/pictures/card.ts';
import { chartsOf } from '../../src/ui/panels/pictures/charts.ts';
import { linkOf, recipeLine } from '../../src/ui/panels/pictures/recipe.ts';
import { csvOf, escaped, wrapped } from '../../src/ui/panels/pictures/svg.ts';
import { aStoredRun } from './stored-runs.ts';

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
		unit: 'digits',
		scores,
		truths,
	};
	test('says before and after with their interval, what was kept and thrown away, seed and link', () => {
		const all = { ...facts, link: 'https://example.org/?rank=64', proof: '' };
		const rows = new Map(cardRows(all));
		expect(rows.get('Right before')).toMatch(/^\d+(\.\d)? % \(\d.*–\d.*\) of 2,400$/);
		expect(rows.get('Kept to train on')).toBe('600');
		expect(rows.get('Of these true')).toBe('96.7 % (94.9–97.8) of 600');
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
		expect(proofOf([score(0, '+---'), score(1, '+-+-')], environment, 7)).toBe(asked[2]?.task.text);
		expect(proofOf([score(0, '++++'), score(1, '----')], environment, 7)).toBe('');
		expect(proofOf(scores, environment, 7)).toBe('');
	});

	test('what a model or a person wrote is text in it', () => {
		const svg = cardOf({ ...facts, headline: '<script>&"', link: '', proof: '\u0000<b>' });
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
});
