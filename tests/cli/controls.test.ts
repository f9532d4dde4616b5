/** @file A control of `record` comes from a recording or from a bench's figures; anything else is refused with its reason. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readControl } from '../../src/cli/controls.ts';

let folder = '';
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'evolvarium-controls-'));
});
afterAll(() => rm(folder, { recursive: true }));

const written = async (name: string, value: unknown): Promise<string> => {
	const path = join(folder, name);
	await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
	return path;
};

test('right answers by round that the bench has kept are taken as they are, under the given title', async () => {
	const points = [
		{ t: 0, correct: 36, n: 240 },
		{ t: 1, correct: 70, n: 240 },
	];
	const figures = [{ figure: 'demonstrations', seed: 1, points }];
	const path = await written('figures.json', { section: 'english-demonstrations', figures });
	await expect(readControl(`human demonstrations=${path}`)).resolves.toEqual({
		...{ title: 'human demonstrations', points },
	});
});

test('of a recording it keeps the right answers after each round', async () => {
	const { title, points } = await readControl('shipped=public/recordings/default.json');
	expect(title).toBe('shipped');
	expect(points.map(({ t }) => t)).toEqual(points.map((_, t) => t));
	expect(points.length).toBeGreaterThan(5);
	for (const { correct, n } of points) expect(correct).toBeLessThanOrEqual(n);
});

test.each([
	['a title alone', () => 'human', /^--control must be <title>=<file>, not "human"\.$/],
	['no title', () => '=x.json', /^--control must be <title>=<file>/],
	['a file that is not there', () => `x=${folder}/none.json`, /cannot be read; --control names/],
	['a file that is no JSON', () => `x=${folder}/text.json`, /is no control\./],
	[
		'JSON that is something else',
		() => `x=${folder}/other.json`,
		/is no control\. Not a recording/,
	],
])('%s is refused', async (_, given, message) => {
	await written('text.json', 'right: 3 of 4');
	await written('other.json', { points: [{ t: 'one' }] });
	await expect(readControl(given())).rejects.toThrow(message);
});
