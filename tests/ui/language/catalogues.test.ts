/** @file The three languages: no text is missing, none has other values than the English one, and none stayed English. */
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Knob } from '#base/knobs.ts';
import { abilities } from '#environments/environment.ts';
import { environments, openEnvironment } from '#environments/registry.ts';
import { newRecord } from '#runs/request.ts';
import { findingsOf } from '#loop/4-evaluate/findings.ts';
import { methods } from '#methods/registry.ts';
import { allCells } from '#runs/recipe/alter.ts';
import enAbout from '#ui/language/en/about.json' with { type: 'json' };
import enChat from '#ui/language/en/chat.json' with { type: 'json' };
import enGallery from '#ui/language/en/gallery.json' with { type: 'json' };
import enInside from '#ui/language/en/inside.json' with { type: 'json' };
import enLeaves from '#ui/language/en/leaves.json' with { type: 'json' };
import enLearn from '#ui/language/en/learn.json' with { type: 'json' };
import enModels from '#ui/language/en/models.json' with { type: 'json' };
import enMore from '#ui/language/en/more.json' with { type: 'json' };
import enPage from '#ui/language/en/page.json' with { type: 'json' };
import enRuns from '#ui/language/en/runs.json' with { type: 'json' };
import enShow from '#ui/language/en/show.json' with { type: 'json' };
import enTeach from '#ui/language/en/teach.json' with { type: 'json' };
import { chosenTag, tagOf } from '#ui/language/choice.ts';
import { language, said, t } from '#ui/language/language.svelte.ts';
import { count, listed, percent } from '#ui/language/numbers.ts';
import { lessons } from '#ui/panels/learn/lessons/index.ts';
import { readLesson, wordsOf } from '#ui/panels/learn/lesson/lesson.ts';
import { translated } from '#ui/panels/learn/translated.ts';
import { partsOf } from '#ui/state/catalogue.ts';
import { runNameIn } from '#ui/state/run-name.ts';
import { readAsked } from '#ui/state/url.ts';
import { piecesOf, terms } from '#ui/terms/terms.ts';
import { latinSentences } from './latin.ts';

type Texts = Readonly<Record<string, string>>;
const english: Readonly<Record<string, Texts>> = {
	...{ page: enPage, more: enMore, learn: enLearn },
	...{
		show: enShow,
		about: enAbout,
		inside: enInside,
		runs: enRuns,
		gallery: enGallery,
		leaves: enLeaves,
		...{ teach: enTeach, chat: enChat, models: enModels },
	},
};
const root = new URL('../../../', import.meta.url);
const read = async (path: string): Promise<unknown> =>
	JSON.parse(await readFile(new URL(path, root), 'utf8'));
/** Letters of Chinese and Japanese, or a name that every language writes alike. */
const own = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|^(?:Alpha|Beta)$/u;
/** What is wrong with this lesson; empty if nothing is. */
function flawOf(lesson: unknown): string {
	try {
		readLesson(lesson);
		return '';
	} catch (error) {
		return error instanceof Error ? error.message : '';
	}
}
const valuesOf = (text: string) =>
	[...new Set([...text.matchAll(/\{\s*(\w+)\s*[,}]/g)].map(([, name]) => name))].sort();

describe.each(['zh', 'ja'] as const)('%s', (tag) => {
	beforeAll(async () => {
		await language.choose(tag);
		for (const part of ['more', 'knobs', 'problems', 'learn', 'teach'] as const)
			await language.load(part);
	});
	afterAll(() => language.choose('en'));

	test.each(Object.keys(english))(
		'has every text of %s, with the values of the English one',
		async (part) => {
			const own = (await read(`src/ui/language/${tag}/${part}.json`)) as Texts;
			const texts = english[part] ?? {};
			expect(Object.keys(own).sort()).toEqual(Object.keys(texts).sort());
			for (const [key, text] of Object.entries(own)) {
				// A language without articles or verb forms leaves some values out, and adds none.
				const allowed = [...valuesOf(texts[key] ?? ''), ...(freely[key] ?? [])];
				expect(allowed, key).toEqual(expect.arrayContaining(valuesOf(text)));
				expect(latinSentences(text), key).toEqual([]);
			}
		},
	);

	test('names every method, cell, environment and ability', () => {
		const texts = [
			...methods.map(({ about }) => about),
			...allCells.map(({ about }) => about),
			...Object.values(environments).flatMap(({ about, title }) => [about, title]),
			...Object.values(abilities),
		];
		expect(texts.filter((text) => said(text) === text)).toEqual([]);
		const labels = methods.flatMap((method) => partsOf(method).map(({ label }) => label));
		expect(labels.filter((label) => said(label, 'part') === label)).toEqual([]);
		const names = [...methods, ...allCells].map(({ title }) => title);
		expect(names.flatMap((name) => latinSentences(said(name)))).toEqual([]);
	});

	test('names and explains every knob', () => {
		const parts = [...allCells, ...Object.values(environments)];
		for (const knob of parts.flatMap(({ knobs }) => Object.values<Knob>(knobs))) {
			const names = [knob.label, ...(knob.group === undefined ? [] : [knob.group])];
			for (const name of names) expect(said(name, 'knob'), name).toMatch(own);
			// Names of options stay as an address writes them; all else is said.
			expect(said(knob.help), knob.help).not.toBe(knob.help);
			expect(latinSentences(said(knob.help)), knob.help).toEqual([]);
		}
	});

	test('says what is wrong with an address, a lesson’s file and a task that is typed', () => {
		const asked = readAsked(
			new URLSearchParams(
				'method=none&environment=none&rank=9999&objective=none&filter=maybe&seed=x&cells=none&steps=a&alsoExamine=none&judge=none&no-knob=1',
			),
			{ methods, environments: Object.values(environments) },
		);
		expect(asked.errors.length).toBeGreaterThan(7);
		const flaws = [{ id: 'A' }, { minutes: 99 }, { words: {} }, { run: 'x' }, { expected: 9 }].map(
			(part) => flawOf({ ...lessons[0], ...part }),
		);
		const faults = Object.keys(environments).map((name) => {
			const read = openEnvironment(name).words.parse('§');
			return 'error' in read ? read.error : '';
		});
		expect(flaws.every(Boolean)).toBe(true);
		for (const text of [...asked.errors, ...flaws.map(String), ...faults])
			expect(said(text), text).not.toBe(text);
	});

	test('says what goes wrong in answers, and where', () => {
		for (const name of Object.keys(environments)) {
			const { faults, words } = openEnvironment(name);
			for (const way of Object.values(faults?.ways ?? {})) {
				expect(said(way), way).not.toBe(way);
				for (const n of [1, 12]) {
					const cells = [
						{
							...{ difficulty: n, stratum: 'all', correct: 5, n: 20 },
							faults: [{ fault: way, n: 15, at: `at the third step` }],
						},
					];
					const findings = findingsOf(
						{ t: 1, cells, threshold: 0.9, frontier: 0, policy: 'p' },
						words,
						1,
					);
					for (const finding of findings)
						expect(latinSentences(said(finding).replace(/[“「].*?[”」]/g, '')), finding).toEqual(
							[],
						);
				}
			}
		}
	});

	test('says each text of the data layer in one part only', async () => {
		const keys: string[] = [];
		for (const part of ['data', 'knobs', 'problems', 'teaching', 'library'])
			keys.push(...Object.keys((await read(`src/ui/language/${tag}/${part}.json`)) as Texts));
		expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
	});

	test('says the name that a run was given by its recipe, and leaves one that a person typed', () => {
		const catalogue = { methods, environments: Object.values(environments) };
		const options = {
			...{ method: 'rest-em', environment: 'reversal', seed: 1, rounds: 2 },
			knobs: { rank: 4, temperature: 0.5, direction: 'copy', samples: 2, steps: 9 },
		};
		const run = newRecord(options, 'id', 0);
		expect(run.name).toMatch(/^ReST.*, copying, .*, 2 more$/);
		const name = runNameIn(catalogue, run);
		expect(latinSentences(name)).toEqual([]);
		expect(name).toContain(`${said('Rank', 'knob')} 4`);
		const texts = newRecord(
			{
				...{ method: 'self-rewarding', environment: 'instructions', seed: 1, rounds: 2 },
				knobs: { klCoefficient: 0.1, judgePrompt: 'Is {answer} good for {task}?' },
			},
			'id',
			0,
		);
		expect(latinSentences(runNameIn(catalogue, texts).replace('KL', ''))).toEqual([]);
		expect(runNameIn(catalogue, { ...run, name: 'My run, copying' })).toBe('My run, copying');
	});

	test('has the words of every environment', () => {
		for (const name of Object.keys(environments)) {
			const { words, tasks, chance } = openEnvironment(name);
			expect(said(chance.of), chance.of).not.toBe(chance.of);
			for (const noun of words.noun) expect(said(noun, 'noun')).not.toBe(noun);
			for (const kind of ['unit', 'axis'])
				expect(said(words.unit, kind), `${kind} of ${name}`).not.toBe(words.unit);
			for (const stratum of tasks.strata)
				expect(latinSentences(said(stratum, 'stratum')), stratum).toEqual([]);
		}
	});

	test('says what stored runs say in English, with their values', () => {
		expect(said('150 problems were kept: 1 harder')).toContain('150');
		const fell = said('difficulty 8 (equal) fell from 198 of 200 to 180 of 200');
		expect(fell).toContain('198/200');
		expect(latinSentences(fell)).toEqual([]);
		expect(fell).not.toContain('equal');
		expect(said('a sentence that nobody knows')).toBe('a sentence that nobody knows');
	});

	test('says every reason of the recorded runs', async () => {
		const folder = new URL('public/recordings/', root);
		const files = await readdir(folder, { recursive: true });
		const reasons = new Set<string>();
		for (const file of files.filter((name) => name.endsWith('.json')))
			collect(await read(`public/recordings/${file}`), reasons);
		expect(reasons.size).toBeGreaterThan(2);
		expect([...reasons].filter((reason) => said(reason) === reason)).toEqual([]);
	});

	test('has every lesson whole, and explains its terms', () => {
		for (const lesson of lessons) {
			const own = wordsOf(translated(lesson), tag);
			expect(own, lesson.id).not.toEqual(wordsOf(lesson));
			for (const text of Object.values<string | readonly string[]>({ ...own }).flat())
				expect(latinSentences(text), lesson.id).toEqual([]);
		}
		const { learn } = language;
		expect(Object.keys(learn?.terms ?? {}).sort()).toEqual(Object.keys(terms).sort());
		const explained = lessons.flatMap((lesson) =>
			piecesOf(wordsOf(translated(lesson), tag).why).filter(({ term }) => term),
		);
		expect(explained.length).toBeGreaterThan(lessons.length);
	});

	test('counts and lists as the language does', () => {
		expect(percent(0.379)).toBe('37.9%');
		expect(count(12_345)).toBe('12,345');
		expect(listed(['1', '2', '3'])).toBe(tag === 'zh' ? '1、2和3' : '1、2、3');
		expect(t('amount.rounds', { n: 1 })).toMatch(/^1 /);
	});
});

/** Values that another language names beside those of the English sentence. */
const freely: Readonly<Record<string, readonly string[]>> = {
	'headline.what': ['nouns'],
	'headline.can': ['nouns'],
	'dome.later': ['one'],
};

/** Reasons and explanations of a stored run. */
function collect(value: unknown, into: Set<string>): void {
	if (typeof value !== 'object' || value === null) return;
	for (const [name, child] of Object.entries(value)) {
		if (['reason', 'why', 'malformed'].includes(name) && typeof child === 'string' && child !== '')
			into.add(child);
		else collect(child, into);
	}
}

describe('the choice of a language', () => {
	const chosen = (query: string, ...preferred: string[]) =>
		chosenTag(new URLSearchParams(query), preferred);
	test('is a link’s, else the first of the browser’s that the page has, else English', () => {
		expect(chosen('lang=ja', 'zh-CN')).toBe('ja');
		expect(chosen('', 'de', 'zh-Hant-TW', 'en')).toBe('zh');
		expect(chosen('lang=xx', 'fr')).toBe('en');
		expect(tagOf('ja-JP')).toBe('ja');
	});
});

test('English has its plurals, and its numbers their space', async () => {
	await language.load('more');
	expect([1, 2].map((n) => t('amount.rounds', { n }))).toEqual(['1 round', '2 rounds']);
	// No line ends before the sign.
	expect(percent(0.5)).toBe('50\u00a0%');
	expect(t('map.interval')).toBe('95\u00a0%');
	expect(listed(['1', '2', '3'])).toBe('1, 2 and 3');
});

test('every text is used somewhere', async () => {
	const files = await readdir(new URL('src/ui/', root), { recursive: true });
	const sources = await Promise.all(
		files
			.filter((file) => /\.(ts|svelte)$/.test(file))
			.map((file) => readFile(new URL(`src/ui/${file}`, root), 'utf8')),
	);
	const source = sources.join('\n');
	/** Made of a name: `nav.${route}`. */
	const made =
		/^(nav|pips|runs\.(?:state|verb|part|format)|leaves\.(?:heading|then)|learn\.phase|figure|diff|about|class\.part|models\.verdict|teach\.(?:step|use|useAbout|stage|check|personal|treat|filter|left|ends)|audit\.(?:outcome|phase)|caption\.next|changes(?=\.\w+_proj$))\./;
	const keys = Object.values(english).flatMap((texts) => Object.keys(texts));
	expect(keys.filter((key) => !made.test(key) && !source.includes(`'${key}'`))).toEqual([]);
});
