/** @file Contents of the page About: results as the log has them, what they do not show, and the survey by other questions. */
import type { Address } from '#loop/taxonomy.ts';

export interface Result {
	readonly what: string;
	readonly before: string;
	readonly after: string;
	/** Cases, interval and seeds. */
	readonly n: string;
	/** Run without what is meant to do it; empty if there was none. */
	readonly control: string;
	readonly command: string;
}

/** From docs/LOG.md and docs/BENCHMARKS.md; a number is changed there first. */
export const results: readonly Result[] = [
	{
		what: 'Adding longer numbers: the demo of this page, in Chromium, five minutes from one click',
		before: '9 digits',
		after: '17 to 18 digits',
		n: 'seeds 1–5; n = 200 of each length and kind, at least 90 % right in each up to there',
		control: '',
		command: 'npm run bench demo',
	},
	{
		what: 'Following instructions in English: SmolLM2-135M, three rounds without a human example',
		before: '15.4 % (11–21)',
		after: '42.5 % (36–49)',
		n: 'n = 240 held-out, 95 % intervals; one seed; perplexity of plain text 36.1 → 38.2',
		control: 'learning 34 human demonstrations instead: 35.8 % (30–42)',
		command:
			'npm run cli -- record --method grounded --environment instructions --model PATH --rounds 3 --seed 1 --recalled 0 --threads 1 --to FILE',
	},
	{
		what: 'The same in one round, with two cases of its own memory in view; without any training 36.3 %',
		before: '15.4 % (11–21)',
		after: '46.3 % (40–53)',
		n: 'n = 240 held-out, 95 % intervals; one seed; further rounds add nothing to it',
		control:
			'34 human demonstrations in view and nothing learnt: 38.3 % (32–45); learnt: 25.0 % (20–31)',
		command:
			'npm run cli -- record --method grounded --environment instructions --model PATH --rounds 1 --seed 1 --threads 1 --to FILE',
	},
	{
		what: 'Best moves in a tic-tac-toe of four by four, by self-play alone',
		before: '29.1, 31.1 and 35.7 %',
		after: '48.2, 48.2 and 50.7 %',
		n: 'n = 678 positions, intervals about ± 4 points; seeds 1–3',
		control: 'a winner by chance, seed 1: 29.1 → 31.6 %',
		command: 'npm run evolve -- --method spag --rounds 4 --seed 1 --threads 1',
	},
	{
		what: 'Reversing longer words, six rounds',
		before: '8 letters',
		after: '13 letters',
		n: 'n = 200 of each length; one seed; 1,565 of 1,566 kept answers true',
		control: '',
		command: 'npm run evolve -- --environment reversal --rounds 6 --seed 1 --threads 2',
	},
	{
		what: 'Speed of SmolLM2-135M in Chromium without a GPU, one thread',
		before: '',
		after: '128 to 133 tokens a second',
		n: 'three measurements, AMD EPYC',
		control: '',
		command: 'npm run bench real',
	},
];

/** What was tried and does not lift, and what no result here shows. */
export const limits: readonly string[] = [
	'The small models know one skill each. They show how self-evolution works; they are of no use outside it.',
	'The results in English are of one seed. Between its last round and the human demonstrations the intervals overlap.',
	'A lift has a price: after three rounds in English the model is 6 % more surprised by plain text.',
	'Some do not climb: Nim and programs over lists stay where they are; block worlds and persona get better at longer tasks while their frontier stays; LMSI on addition stays at 6 digits.',
	'A model that judges itself can learn its own errors. The truth meter shows it to you; the model is not told.',
	'An adapter can give away what it was taught. Teach can audit it for that; a clean audit is no proof.',
	'Others train and speak with one model in a tab on WebGPU (Emberglass, torchlette). What is different here: it needs no GPU, and what was taught is examined on tasks that were held out.',
];

export interface Term {
	readonly term: string;
	readonly note: string;
	/** Empty where nothing here evolves it. */
	readonly cells: readonly Address[];
}

export interface Question {
	readonly question: string;
	readonly terms: readonly Term[];
}

/** The cells by the questions of later surveys (Gao et al. 2025, arXiv 2507.21046): what, when and how. */
export const questions: readonly Question[] = [
	{
		question: 'What evolves?',
		terms: [
			{
				term: 'Weights',
				note: 'an adapter, or all parameters',
				cells: [
					'3-update/in-weight/architecture',
					'3-update/in-weight/regularization',
					'3-update/in-weight/replay',
				],
			},
			{
				term: 'Context and memory',
				note: 'texts that a model carries into its prompts',
				cells: ['3-update/in-context/working-memory', '3-update/in-context/external-memory'],
			},
			{
				term: 'Tasks',
				note: 'what it sets itself next',
				cells: [
					'1-acquire/task/knowledge-based',
					'1-acquire/task/knowledge-free',
					'1-acquire/task/selective',
				],
			},
			{
				term: 'Tools, prompts, the agent’s architecture',
				note: 'do not evolve here; a tool can be used (the calculator), not made',
				cells: [],
			},
		],
	},
	{
		question: 'When does it evolve?',
		terms: [
			{
				term: 'Within a task',
				note: 'before its answer counts',
				cells: [
					'1-acquire/solution/positive/interactive',
					'2-refine/correct/critique-based',
					'2-refine/correct/critique-free',
					'3-update/in-context/working-memory',
				],
			},
			{
				term: 'Between tasks',
				note: 'once a round, from what was kept',
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
				term: 'After an examination',
				note: 'the next objective, or the update is undone',
				cells: ['4-evaluate/quantitative', '4-evaluate/qualitative'],
			},
		],
	},
	{
		question: 'How does it evolve?',
		terms: [
			{
				term: 'From rewards',
				note: 'of itself, a judge or a program',
				cells: ['1-acquire/feedback/model', '1-acquire/feedback/environment'],
			},
			{
				term: 'From its own demonstrations',
				note: 'what it answered and trusts',
				cells: [
					'1-acquire/solution/positive/rationale-based',
					'1-acquire/solution/positive/grounded',
					'1-acquire/solution/positive/interactive',
				],
			},
			{
				term: 'From contrast',
				note: 'good beside bad answers',
				cells: [
					'1-acquire/solution/negative/contrastive',
					'1-acquire/solution/negative/perturbative',
				],
			},
			{
				term: 'From play',
				note: 'against itself',
				cells: ['1-acquire/solution/positive/self-play'],
			},
		],
	},
];
