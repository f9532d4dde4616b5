/** @file Present mode without a browser: its words in the address, the talk's file, the unattended loop, a teacher's link. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readFile } from 'node:fs/promises';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import type { App } from '#ui/state/app.svelte.ts';
import { World } from '#ui/state/world.svelte.ts';
import { classLink, controls, isSeed } from '#ui/panels/class/class-link.ts';
import { lessons } from '#ui/panels/learn/lessons/index.ts';
import { withSeed, worldsOf } from '#ui/panels/learn/lesson/worlds.ts';
import { readMode, writeMode } from '#ui/panels/present/mode.ts';
import { Show } from '#ui/panels/present/show.svelte.ts';
import { Talk } from '#ui/panels/present/talk/talk.svelte.ts';
import { minutesOf, readTalk, talk } from '#ui/panels/present/talk/talk.ts';
import { latinSentences } from './language/latin.ts';
import { aStoredRun } from './stored-runs.ts';

describe('the words of `present`', () => {
	test('are read and written alike, and unknown ones are passed over', () => {
		for (const text of ['', 'talk', 'loop', 'loop,live,5min', 'loop,10min,30s', '3min'])
			expect(writeMode(readMode(text))).toBe(text);
		expect(writeMode(readMode('yes,999min,loop,0s'))).toBe('loop');
		expect(readMode('loop')).toMatchObject({ loops: true, isLive: false, seconds: 20 });
	});
});

describe('the talk', () => {
	test('takes five minutes, and says each beat in a sentence or two, in three languages', () => {
		expect(minutesOf(talk)).toBe(5);
		for (const words of Object.values(talk.words))
			for (const { says } of words) {
				expect(says.length).toBeLessThanOrEqual(130);
				expect(says.match(/[.!?。？！：]/g)?.length ?? 0).toBeGreaterThan(0);
			}
		for (const tag of ['zh', 'ja'] as const)
			for (const { says, notes } of talk.words[tag])
				expect(latinSentences(`${says} ${notes}`)).toEqual([]);
	});

	test('that is none is answered by the field, and every field is in the document', async () => {
		const { beats, words } = talk;
		expect(() => readTalk({ beats, words: { ...words, ja: words.ja.slice(1) } })).toThrow(
			'words.ja has 11 beats and not 12',
		);
		expect(() => readTalk({ beats: [{ lit: 'moon', seconds: 1 }], words })).toThrow('beats[0].lit');
		const document = await readFile(new URL('../../docs/TALK.md', import.meta.url), 'utf8');
		for (const field of ['lit', 'does', 'until', 'seconds', 'says', 'notes'])
			expect(document).toContain(`\`${field}\``);
	});
});

/** A page as far as present mode asks: the real World, a recording that a test ends, and a session that counts. */
function aPage() {
	const world = new World();
	world.begin('recorded');
	world.apply([{ type: 'run', run: aStoredRun('a') }]);
	const did: string[] = [];
	const replay = {
		state: 'playing',
		recording: {},
		again: () => {
			did.push('again');
			replay.state = 'playing';
		},
		pause: () => {
			did.push('pause');
			replay.state = 'paused';
		},
		resume: () => {
			did.push('resume');
			replay.state = 'playing';
		},
	};
	const app = {
		...{ world, replay, error: null as Error | null },
		can: { evolve: true, stop: false, pause: false },
		setup: {
			asked: { seed: 7 },
			change: ({ seed }: { seed: number }) => {
				app.setup.asked.seed = seed;
			},
		},
		evolve: () => {
			did.push(`evolve ${app.setup.asked.seed}`);
			localStorage.setItem('evolvarium.run', `run ${app.setup.asked.seed}`);
			return Promise.resolve();
		},
		stop: () => {
			did.push('stop');
			return Promise.resolve();
		},
		live: {
			open: () =>
				Promise.resolve({
					delete: (id: string) => {
						did.push(`delete ${id}`);
						return Promise.resolve();
					},
				}),
		},
	};
	return { app, did, replay, seen: app as unknown as App };
}

describe('in time', () => {
	beforeEach(() => {
		vi.useFakeTimers();
		const kept = new Map<string, string>();
		vi.stubGlobal('localStorage', {
			getItem: (key: string) => kept.get(key) ?? null,
			setItem: (key: string, value: string) => kept.set(key, value),
		});
	});
	afterEach(() => {
		vi.useRealTimers();
		vi.unstubAllGlobals();
	});

	test('the ending comes after the chosen minutes, the run waits meanwhile, and goes on from there', async () => {
		const { seen, did } = aPage();
		const show = new Show(seen, readMode('2min'));
		show.arm();
		await vi.advanceTimersByTimeAsync(119_000);
		expect(show.ending).toBe(false);
		await vi.advanceTimersByTimeAsync(2000);
		expect(show.ending).toBe(true);
		show.resume();
		expect([show.ending, did]).toEqual([false, ['pause', 'resume']]);
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(show.ending).toBe(false);
		expect(vi.getTimerCount()).toBe(0);
	});

	test('a loop plays for eight hours with one clock at a time, and a touch ends it for good', async () => {
		const { seen, did } = aPage();
		const show = new Show(seen, readMode('loop,1min,20s'));
		show.startLoop();
		for (let minute = 0; minute < 480; minute++) {
			await vi.advanceTimersByTimeAsync(60_000);
			expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
		}
		// A turn is a minute and the twenty seconds of its ending.
		expect(did.filter((what) => what === 'again').length).toBe(360);
		show.stopLoop();
		const { length } = did;
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(did.slice(length).filter((what) => what === 'again')).toEqual([]);
		show.dispose();
		expect(vi.getTimerCount()).toBe(0);
	});

	test('a live loop begins with the next seed each time, and keeps no more than its last run', async () => {
		const { app, seen, did } = aPage();
		const show = new Show(seen, readMode('loop,live,1min,20s'));
		show.startLoop();
		await vi.advanceTimersByTimeAsync(3 * 80_000 + 1000);
		expect(did.filter((what) => /evolve|delete/.test(what))).toEqual([
			...['evolve 7', 'evolve 8', 'delete run 7', 'evolve 9', 'delete run 8'],
			...['evolve 10', 'delete run 9'],
		]);
		// A machine that cannot run shows the recorded run in its place.
		app.error = new Error('no memory');
		await vi.advanceTimersByTimeAsync(80_000);
		expect(did.at(-1)).toBe('again');
		show.dispose();
	});

	test('a run that does not end its step does not hold a loop up for ever', async () => {
		const { app, seen, did } = aPage();
		app.can.stop = true;
		app.can.evolve = false;
		const show = new Show(seen, readMode('loop,live'));
		show.startLoop();
		await vi.advanceTimersByTimeAsync(5 * 60_000);
		expect(did).toContain('again');
		show.dispose();
	});

	test('the talk goes on by key and by the run’s events, and directs a recorded run only', () => {
		const { app, seen, did } = aPage();
		const show = new Show(seen, readMode('talk'));
		let now = 0;
		const given = new Talk(show, () => now);
		expect([given.press(' '), given.press('PageDown'), given.press('x'), given.at]).toEqual([
			...[true, true, false],
			2,
		]);
		given.press('PageUp');
		expect(given.at).toBe(1);
		for (let i = 0; i < 2; i++) given.step(1);
		// It waits for the filter.
		expect([given.beat?.until, given.isDue]).toEqual(['refine', false]);
		app.world.phase = 'refine';
		app.world.t = 1;
		expect(given.isDue).toBe(true);
		given.step(1);
		expect(did.at(-1)).toBe('pause');
		for (let i = 0; i < 20; i++) given.step(1);
		expect([given.at, show.ending]).toEqual([11, false]);
		given.step(-1);
		expect(show.ending).toBe(true);
		now = 65_000;
		vi.advanceTimersByTime(1000);
		expect(given.elapsedMs).toBe(65_000);
		app.world.source = 'live';
		const { length } = did;
		for (let i = 0; i < 8; i++) given.step(-1);
		expect(did.length).toBe(length);
		given.dispose();
		show.dispose();
		expect(vi.getTimerCount()).toBe(0);
	});
});

describe('a teacher’s link', () => {
	const page = 'https://example.org/';
	test('names what opens, its seed, language and controls', () => {
		const choice = { lesson: 'filter', seed: '', tongue: null, shown: ['live', 'run'] as const };
		expect(classLink(choice, page)).toBe(`${page}?class=live#/learn?lesson=filter`);
		expect(classLink({ ...choice, seed: '007', tongue: 'ja', shown: [] }, page)).toBe(
			`${page}?lang=ja&class=#/learn?lesson=filter&seed=7`,
		);
		expect(classLink({ ...choice, lesson: null, seed: '3' }, page)).toBe(
			`${page}?seed=3&class=run#/`,
		);
		expect(['', '0', '4294967295', '4294967296', '-1', '1.5'].map(isSeed)).toEqual([
			...[true, true, true, false, false, false],
		]);
		expect(Object.keys(controls)).toEqual(['lesson', 'world']);
	});

	test('gives the worlds of every lesson its seed, and nothing else', () => {
		const catalogue = { methods, environments: Object.values(environments) };
		for (const lesson of lessons.filter(({ planted }) => !planted)) {
			const seeded = worldsOf(withSeed(lesson, '5'), catalogue);
			expect(seeded[0]?.seed).toBe(5);
			expect(seeded.length).toBe(worldsOf(lesson, catalogue).length);
			for (const seed of ['2', '4294967295'])
				expect(worldsOf(withSeed(lesson, seed), catalogue).length).toBe(seeded.length);
			expect(withSeed(lesson, 'x')).toBe(lesson);
			expect(withSeed(lesson, '99999999999')).toBe(lesson);
		}
	});
});
