/** @file Lessons: what a file may hold, what is said of one that is wrong, and whether those of the page hold together. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { lessonFromLink, lessonFromText, toLink } from '#ui/panels/learn/lesson/carry.ts';
import { differsIn } from '#ui/panels/learn/lesson/differs.ts';
import { readLesson, wordsOf, type Lesson } from '#ui/panels/learn/lesson/lesson.ts';
import { noteOf, rowsOf } from '#ui/panels/learn/lesson/planted.ts';
import { addressesOf, plantedIn, worldsOf } from '#ui/panels/learn/lesson/worlds.ts';
import { lessons } from '#ui/panels/learn/lessons/index.ts';
import { language } from '#ui/language/language.svelte.ts';
import ja from '#ui/language/ja/data.json' with { type: 'json' };
import zh from '#ui/language/zh/data.json' with { type: 'json' };
import { readAsked } from '#ui/state/url.ts';
import { deflateSync } from 'fflate';

await language.load('learn');
const catalogue = { methods, environments: Object.values(environments) };
const folder = new URL('../../../src/ui/panels/learn/lessons/', import.meta.url);
const fileOf = (id: string): string => readFileSync(new URL(`${id}.json`, folder), 'utf8');
const [first] = lessons;
if (!first) throw new Error('There is no lesson.');

/** The first lesson with one part of its file replaced; a path of keys leads there. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
	const whole: unknown = JSON.parse(fileOf(first?.id ?? ''));
	let at: unknown = whole;
	for (const key of path.slice(0, -1)) at = Reflect.get(at as object, key);
	Reflect.set(at as object, path.at(-1) ?? '', value);
	return whole;
}

describe('a lesson’s file', () => {
	test.each<[readonly (string | number)[], unknown, RegExp]>([
		[['minutes'], 0, /it\.minutes is not from 1 to 60/],
		[['id'], 'Two words', /it\.id is not a word/],
		[['run'], 'https://example.org/?rounds=1', /it\.run is not an address of this page/],
		[['run'], '?rounds=1#/chat', /it\.run is not an address of this page/],
		[['changes', 0], 'agreement=off&stride=2', /it\.changes\[0\] is not one name=value/],
		[['shows', 0, 'figure'], 'luck', /it\.shows\[0\]\.figure is not one of frontier, right/],
		[['outcomes', 0, 0, 'world'], 3, /outcomes\[0\]\[0\] names a world that is not there/],
		[['outcomes', 0, 0], { figure: 'right', world: 1 }, /outcomes\[0\]\[0\] has neither least/],
		[['expected'], 4, /expected names no outcome/],
		[['words'], {}, /it\.words has no language/],
		[['words', 'en', 'title'], ' ', /it\.words\.en\.title is empty/],
		[['words', 'en', 'options'], ['a', 'b'], /words\.en\.options has 2 texts and not 3/],
		[['words', 'en', 'why'], 'x'.repeat(1501), /it\.words\.en\.why is longer than 1500/],
	])('with %j as %j is refused by the name of the field', (path, value, message) => {
		expect(() => readLesson(changed(path, value))).toThrow(message);
	});

	test('in another language alone is read, and shown in it', () => {
		const { en } = first.words;
		const lesson = readLesson({ ...(changed(['minutes'], 3) as object), words: { zh: en } });
		expect(wordsOf(lesson, 'en')).toEqual(en);
	});

	test.each([
		['rounds=4', /changes\[0\]: rounds changes more than one thing/],
		['environment=sorting', /changes\[0\]: environment changes more than one thing/],
		['agrement=off', /changes\[0\]: .* no knob "agrement"; did you mean agreement\?/],
		['agreement=on', /changes\[0\]: it is as the first world has it already/],
		['stride=99', /changes\[0\]: stride must be a whole number from 0 to 8/],
	])('whose world changes %s is refused', (change, message) => {
		const lesson = readLesson(changed(['changes'], [change]));
		expect(() => worldsOf(lesson, catalogue)).toThrow(message);
	});
});

describe('a lesson with a planted note', () => {
	const lesson = lessons.find(({ planted }) => planted);
	if (!lesson?.planted) throw new Error('There is no such lesson.');
	const { planted } = lesson;

	test.each(['copies=-1', 'copies=two', 'steps=9999', 'model=addition', 'seed=2'])(
		'whose world changes %s is refused',
		(change) => {
			expect(() => plantedIn({ ...lesson, changes: [change] })).toThrow(
				/changes\[0\]: it turns rows, copies, steps of planted/,
			);
		},
	);

	test('has rows with the note in them as often as it says, and another note with another seed', () => {
		const note = noteOf(planted, 1);
		expect(note).toMatch(/^it is \d{6} at bank 52$/);
		expect(noteOf(planted, 2)).not.toBe(note);
		const rows = rowsOf({ ...planted, copies: 3 }, 1);
		expect(rows.filter(({ answer }) => answer === note)).toHaveLength(3);
		expect(rows).toHaveLength(planted.rows + 3);
		// The words beside it are the same in every world.
		expect(rows.slice(0, planted.rows)).toEqual(rowsOf(planted, 1).slice(0, planted.rows));
	});
});

describe('a lesson in a link', () => {
	test.each(lessons.map((lesson) => [lesson.id, lesson] as const))(
		'%s comes back whole',
		(_id, lesson) => {
			const link = toLink(lesson);
			expect(link).toMatch(/^[\w-]+$/);
			expect(lessonFromLink(link)).toEqual(lesson);
		},
	);

	test('that was cut off is damaged, and says so', () => {
		const link = toLink(first);
		expect(() => lessonFromLink(link.slice(0, -40))).toThrow(/the link is damaged; copy all of it/);
		expect(() => lessonFromLink('***')).toThrow(/the link is damaged/);
	});

	test('that stands for more than a lesson is not read to its end', () => {
		const bomb = deflateSync(new Uint8Array(8 << 20));
		const letters = btoa(String.fromCharCode(...bomb.slice(0, 8000)));
		const began = performance.now();
		expect(() => lessonFromLink(letters.replaceAll('+', '-').replaceAll('/', '_'))).toThrow(
			/more than 64 kB/,
		);
		expect(performance.now() - began).toBeLessThan(1000);
	});

	test('a file that is no JSON says where it breaks', () => {
		expect(() => lessonFromText('{"id": ')).toThrow(/Not a lesson: it is not JSON/);
		expect(() => lessonFromText(' '.repeat(70_000))).toThrow(/more than 64 kB/);
	});
});

/** Pages that a lesson may send a reader to. */
const pages = ['#/teach', '#/chat', '#/models', '#/map', '#/gallery'];

describe('the lessons of the page', () => {
	const names = readdirSync(folder)
		.filter((name) => name.endsWith('.json'))
		.map((name) => name.replace('.json', ''));

	test('are the files of the folder, each under its own name', () => {
		expect(lessons.map(({ id }) => id).sort()).toEqual(names.sort());
		for (const id of names) expect(lessonFromText(fileOf(id)).id).toBe(id);
		expect(lessons.length).toBeGreaterThanOrEqual(9);
	});

	test('have the same languages', () => {
		const languages = Object.keys(first.words);
		for (const { id, words } of lessons) expect(Object.keys(words), id).toEqual(languages);
	});

	describe.each(lessons.map((lesson): [string, Lesson] => [lesson.id, lesson]))(
		'%s',
		(_id, lesson) => {
			test('has worlds that differ in one thing, and says in which', () => {
				for (const length of ['full', 'short'] as const) {
					if (lesson.planted) {
						const worlds = plantedIn(lesson, length);
						expect(new Set(worlds.map((one) => JSON.stringify(one))).size).toBe(
							lesson.changes.length + 1,
						);
						continue;
					}
					const starts = worldsOf(lesson, catalogue, { length });
					expect(starts.length).toBe(lesson.changes.length + 1);
					const said = differsIn(lesson, starts, catalogue);
					for (const line of said.slice(1)) expect(line).toMatch(/^[A-Z].*: ./);
				}
			});

			test.each([
				['zh', zh],
				['ja', ja],
			])('says in %s in what its worlds differ', (_tag, data: Readonly<Record<string, string>>) => {
				const lines = lesson.planted
					? []
					: differsIn(lesson, worldsOf(lesson, catalogue), catalogue).slice(1);
				for (const line of lines) {
					const [name = '', value = ''] = line.split(': ');
					const key = name === 'Method' ? value : `knob: ${name}`;
					if (name !== 'Seed') expect(Object.keys(data)).toContain(key);
				}
			});

			test('has addresses that World reads without a word', () => {
				const addresses = lesson.planted ? [lesson.run] : addressesOf(lesson);
				const runs = lesson.tries.filter((one) => !one.startsWith('#'));
				for (const page of lesson.tries.filter((one) => one.startsWith('#')))
					expect(pages).toContain(page);
				for (const address of [...runs, ...addresses])
					expect(readAsked(new URLSearchParams(address), catalogue).errors, address).toEqual([]);
			});

			test('reads in its minutes at 200 words a minute, with as much time again to watch', () => {
				const { setting, question, options, why } = wordsOf(lesson);
				const count = [setting, question, ...options, why].join(' ').split(/\s+/).length;
				expect(count / 200).toBeLessThanOrEqual(lesson.minutes / 2 + 0.5);
			});
		},
	);
});
