/** @file How the tests find their browser. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';

let folder = '';
let program = '';
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'evolvarium-chromium-'));
	program = join(folder, 'chromium');
	await writeFile(program, '#!/bin/sh\n');
	await chmod(program, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('CHROME_PATH comes before anything that is installed', () => {
	expect(findChromium({ CHROME_PATH: process.execPath, PATH: folder })).toBe(process.execPath);
});

test('an installed Chromium is found by its name, in the order of the search path', () => {
	const empty = join(folder, 'empty');
	expect(findChromium({ PATH: [empty, folder].join(delimiter) })).toBe(program);
});

test('a CHROME_PATH that cannot be run is an error that says so, and no other browser is taken', () => {
	const environment = { CHROME_PATH: join(folder, 'nothing'), PATH: folder };
	expect(() => findChromium(environment)).toThrow(/CHROME_PATH .* cannot be run: correct or unset/);
});
