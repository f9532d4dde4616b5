/**
 * @file `npm run bench [section …]`: measures, keeps the raw figures in `.cache/bench/` and rewrites docs/BENCHMARKS.md;
 * `npm run bench table` only rewrites it.
 *
 * Sections: training, generation, memory, real (each in Chromium), native, tuning, own-text, abilities, retention,
 * self-play, english and english-*, page, long, demo and demo-*; real, native, tuning, own-text, self-play, long and english
 * need `npm run weights`, transformers.js in real also
 * tests/fixtures/transformers-js/make.py. Ratios come from one run on one machine.
 */
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { benchmarkOwnText } from './bench-own-text.ts';
import { benchmarkAbilities } from './bench-abilities.ts';
import { benchmarkPage } from './bench-page.ts';
import { benchmarkDemo } from './bench-demo.ts';
import { benchmarkDemonstrations, benchmarkDemonstrationsInView } from './bench-demonstrations.ts';
import { benchmarkEnglish } from './bench-english.ts';
import { benchmarkLong } from './bench-long.ts';
import { benchmarkNative } from './bench-native.ts';
import { benchmarkRetention } from './bench-retention.ts';
import { benchmarkTuning } from './bench-tuning.ts';
import { installPeers } from './bench-peers.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const cache = '.cache/bench';
const inBrowser = ['training', 'generation', 'memory'] as const;

/** Runs one file of `tests/bench/` and collects the lines that begin with BENCH. */
function vitest(name: string): Promise<readonly Figure[]> {
	const program = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
	const flags = ['run', '--config', 'tests/bench/vitest.config.ts', `tests/bench/${name}.bench.ts`];
	const child = spawn(process.execPath, [program, ...flags], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let text = '';
	child.stdout.on('data', (bytes: Buffer) => {
		text += bytes.toString();
		process.stdout.write(bytes);
	});
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => {
			if (code !== 0) reject(new Error(`the benchmark ${name} failed`));
			else {
				const figures = text
					.split('\n')
					// The reporter puts colours before what a test says.
					.filter((line) => line.includes('BENCH {'))
					.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Figure);
				// One that was told after every repeat counts as it was told last.
				resolve([...new Map(figures.map((one) => [one.figure, one])).values()]);
			}
		});
	});
}

/** `BENCH_SEEDS=1,2` for a shorter run than the seeds of the tables; what is kept of other seeds stays. */
const chosenSeeds = process.env['BENCH_SEEDS']?.split(',').map(Number);
const seeds = chosenSeeds ?? [1, 2, 3, 4, 5];

/** Keeps what a section has measured so far. */
type Keep = (figures: readonly Figure[]) => Promise<void>;

/** The demo as a section: a run for each seed, cut off after some minutes. */
const demo =
	(title: string, knobs: Readonly<Record<string, string>> = {}, of = seeds, minutes = 5) =>
	(keep: Keep): Promise<readonly Figure[]> =>
		benchmarkDemo(knobs, title, of, minutes, keep);
const full = { trains: 'full', learningRate: '0.001' };

const grounded = { method: 'grounded' };
/** A run in English as a section. */
const english =
	(title: string, asked: Readonly<Record<string, string>>, of = seeds) =>
	(keep: Keep): Promise<readonly Figure[]> =>
		benchmarkEnglish(title, asked, 60, chosenSeeds ?? of, keep);

const sections: Readonly<Record<string, (keep: Keep) => Promise<readonly Figure[]>>> = {
	...Object.fromEntries(inBrowser.map((name) => [name, () => vitest(name)])),
	real: async () => {
		await installPeers();
		return [...(await vitest('real-models')), ...(await vitest('transformers-js'))];
	},
	native: async (keep) => {
		await installPeers();
		return benchmarkNative(keep);
	},
	tuning: () => benchmarkTuning(() => vitest('tuning')),
	'self-play': english('Self-Instruct in English', { method: 'self-instruct' }, [1, 2, 3]),
	english: english('Grounded self-training in English', grounded),
	'english-free': english('Control: no rules while exploring', { ...grounded, rules: 'off' }),
	'english-unjudged': english('Control: no verdict', { ...grounded, minScore: '0' }),
	'english-demonstrations': (keep) => benchmarkDemonstrations(seeds, keep),
	'english-demonstrations-in-view': (keep) => benchmarkDemonstrationsInView(seeds, keep),
	'own-text': (keep) => benchmarkOwnText(keep, chosenSeeds ?? [1, 2, 3]),
	long: benchmarkLong,
	abilities: (keep) => benchmarkAbilities(seeds, keep),
	retention: (keep) => benchmarkRetention(chosenSeeds ?? [1], keep),
	page: benchmarkPage,
	demo: demo('Default demo (LoRA)'),
	'demo-full': demo('All parameters', { ...full, rounds: '12' }),
	'demo-long': demo(
		'All parameters, 15 minutes',
		{ ...full, rounds: '40' },
		chosenSeeds ?? [1],
		15,
	),
	'demo-unfiltered': demo('Two digits a round, no filter', {
		agreement: 'off',
		stride: '2',
		rounds: '3',
	}),
	'demo-filtered': demo('Two digits a round, with the filter', { stride: '2', rounds: '3' }),
};

/** Sections of which a run may measure a part: what it did not measure stays. */
const inParts: ReadonlySet<string> = new Set(['long', 'real']);

/** What an earlier run has measured; nothing where there was none. */
async function keptFigures(file: string): Promise<readonly Figure[]> {
	const text = await readFile(file, 'utf8').catch(() => '{ "figures": [] }');
	return (JSON.parse(text) as { readonly figures: readonly Figure[] }).figures;
}

const wanted = process.argv.slice(2);
/** Nothing is measured: the document is written anew from what is kept. */
const table = 'table';
const unknown = wanted.find((name) => name !== table && !(name in sections));
if (unknown !== undefined) {
	console.error(
		`Name sections of ${Object.keys(sections).join(', ')}, or ${table}; got "${unknown}".`,
	);
	process.exit(2);
}
await mkdir(cache, { recursive: true });
for (const [name, measure] of Object.entries(sections)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	const head = { section: name, cpu: os.cpus()[0]?.model, cores: os.cpus().length };
	const file = `${cache}/${name}.json`;
	const before = chosenSeeds || inParts.has(name) ? await keptFigures(file) : [];
	const keep: Keep = (measured) => {
		const again = new Set(measured.map(({ figure }) => figure));
		const figures = [...before.filter(({ figure }) => !again.has(figure)), ...measured];
		if (chosenSeeds) figures.sort((a, b) => a.figure.localeCompare(b.figure));
		return writeFile(file, JSON.stringify({ ...head, figures }, null, '\t'));
	};
	await keep(await measure(keep));
}

const show = (value: unknown): string =>
	typeof value === 'number'
		? String(Number(value.toPrecision(4)))
		: Array.isArray(value)
			? value.map(show).join(' · ')
			: typeof value === 'object' && value !== null
				? Object.entries(value)
						.map(([name, one]) => `${name} ${show(one)}`)
						.join(', ')
				: String(value);

const document = 'docs/BENCHMARKS.md';
/** Sections by name. Those that were measured elsewhere, and are not kept here, stay as they are written. */
const parts = new Map(
	(await readFile(document, 'utf8').catch(() => ''))
		.split(/^(?=## )/m)
		.slice(1)
		.map((text) => [/^## (\S+)/.exec(text)?.[1] ?? '', text.trimEnd()] as const),
);
for (const file of (await readdir(cache)).sort()) {
	const { section, cpu, cores, figures } = JSON.parse(
		await readFile(`${cache}/${file}`, 'utf8'),
	) as {
		section: string;
		cpu: string;
		cores: number;
		figures: readonly Figure[];
	};
	const tables = figures.map(
		({ figure, ...values }) =>
			`**${figure}**\n\n| what | value |\n| --- | --- |\n${Object.entries(values)
				.map(([name, value]) => `| ${name} | ${show(value)} |`)
				.join('\n')}`,
	);
	const head = `## ${section}\n\n\`npm run bench ${section}\` on ${cpu}, ${cores} cores.`;
	parts.set(section, [head, ...tables].join('\n\n'));
}
const sorted = [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
await writeFile(
	document,
	`# Benchmarks\n\nWritten by \`npm run bench\`; milliseconds unless a name says otherwise, every repeat shown.\n\n${sorted.join('\n\n')}\n`,
);
