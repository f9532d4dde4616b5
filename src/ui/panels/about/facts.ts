/** @file Contents of the page About, its texts by their keys: results as the log has them, what they do not show, and the survey by other questions. */
import type { Address } from '#loop/taxonomy.ts';

export interface Result {
	/** Its texts are `about.<name>.what`, `.after`, `.n`, and those that it has of `.before` and `.control`. */
	readonly name: string;
	readonly hasBefore: boolean;
	/** There was a run without what is meant to do it. */
	readonly hasControl: boolean;
	readonly command: string;
}

const instructions = (rounds: number, more: string): string =>
	`npm run cli -- record --method grounded --environment instructions --model PATH --rounds ${rounds} --seed 1${more} --threads 1 --to FILE`;

/** From docs/LOG.md and docs/BENCHMARKS.md; a number is changed there first. */
export const results = [
	{ name: 'demo', hasBefore: true, hasControl: false, command: 'npm run bench demo' },
	{
		...{ name: 'english', hasBefore: true, hasControl: true },
		command: instructions(3, ' --recalled 0'),
	},
	{ name: 'memory', hasBefore: true, hasControl: true, command: instructions(1, '') },
	{
		...{ name: 'notes', hasBefore: true, hasControl: false },
		command:
			'BENCH_DIARY=16 BENCH_PARTS=diary BENCH_SEEDS=2 BENCH_THREADS=1 npm run bench own-text',
	},
	{
		...{ name: 'play', hasBefore: true, hasControl: true },
		command: 'npm run evolve -- --method spag --rounds 4 --seed 1 --threads 1',
	},
	{
		...{ name: 'reversal', hasBefore: true, hasControl: false },
		command: 'npm run evolve -- --environment reversal --rounds 6 --seed 1 --threads 2',
	},
	{ name: 'speed', hasBefore: false, hasControl: false, command: 'npm run bench real' },
] as const satisfies readonly Result[];

/** What was tried and does not lift, and what no result here shows: `about.limit.<name>`. */
export const limits = [
	...(['skill', 'seed', 'price', 'climb', 'judge', 'privacy', 'others'] as const),
] as const;

const issue = (repository: string, number: number) => ({
	name: `${repository.replace(/^.*\//, '')} #${number}`,
	link: `https://github.com/${repository}/issues/${number}`,
});

/** Wishes of other projects' users, with the page that grants them: `about.asked.<name>` and, of how far, `about.asked.<name>Here`. */
export const wishes = [
	{
		name: 'tune',
		page: 'teach',
		asked: [issue('microsoft/onnxruntime-training-examples', 203), issue('mlc-ai/web-llm', 488)],
	},
	{
		name: 'alone',
		page: 'world',
		asked: [issue('unslothai/unsloth', 565), issue('unslothai/unsloth', 1106)],
	},
	{
		name: 'swap',
		page: 'chat',
		asked: [issue('ngxson/wllama', 105), issue('microsoft/onnxruntime', 26726)],
	},
] as const;

export interface Term {
	/** Its texts are `about.by.<term>` and `about.by.<term>Note`. */
	readonly term: string;
	/** Empty where nothing here evolves it. */
	readonly cells: readonly Address[];
}

export interface Question {
	/** Its text is `about.by.<question>`. */
	readonly question: string;
	readonly terms: readonly Term[];
}

/** The cells by the questions of later surveys (Gao et al. 2025, arXiv 2507.21046): what, when and how. */
export const questions = [
	{
		question: 'what',
		terms: [
			{
				term: 'weights',
				cells: [
					'3-update/in-weight/architecture',
					'3-update/in-weight/regularization',
					'3-update/in-weight/replay',
				],
			},
			{
				term: 'context',
				cells: ['3-update/in-context/working-memory', '3-update/in-context/external-memory'],
			},
			{
				term: 'tasks',
				cells: [
					'1-acquire/task/knowledge-based',
					'1-acquire/task/knowledge-free',
					'1-acquire/task/selective',
				],
			},
			{
				term: 'tools',
				cells: [],
			},
		],
	},
	{
		question: 'when',
		terms: [
			{
				term: 'within',
				cells: [
					'1-acquire/solution/positive/interactive',
					'2-refine/correct/critique-based',
					'2-refine/correct/critique-free',
					'3-update/in-context/working-memory',
				],
			},
			{
				term: 'between',
				cells: [
					'2-refine/filter/metric-based',
					'2-refine/filter/metric-free',
					'3-update/in-weight/architecture',
					'3-update/in-weight/regularization',
					'3-update/in-weight/replay',
					'3-update/in-context/external-memory',
				],
			},
			{
				term: 'after',
				cells: ['4-evaluate/quantitative', '4-evaluate/qualitative'],
			},
		],
	},
	{
		question: 'how',
		terms: [
			{
				term: 'rewards',
				cells: ['1-acquire/feedback/model', '1-acquire/feedback/environment'],
			},
			{
				term: 'own',
				cells: [
					'1-acquire/solution/positive/rationale-based',
					'1-acquire/solution/positive/grounded',
					'1-acquire/solution/positive/interactive',
				],
			},
			{
				term: 'contrast',
				cells: [
					'1-acquire/solution/negative/contrastive',
					'1-acquire/solution/negative/perturbative',
				],
			},
			{
				term: 'selfplay',
				cells: ['1-acquire/solution/positive/self-play'],
			},
		],
	},
] as const satisfies readonly Question[];
