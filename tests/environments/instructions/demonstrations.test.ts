/** @file The human demonstrations of the control in English: two of each kind, right, and none of a held-out task. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { kinds } from '#environments/instructions/constraints.ts';
import { openEnvironment } from '#environments/registry.ts';
import { kindOf } from '#environments/tasks.ts';

interface Demonstration {
	readonly request: string;
	readonly constraints: readonly string[];
	readonly answer: string;
}

const environment = openEnvironment('instructions');
const demonstrations = JSON.parse(
	await readFile('tests/fixtures/demonstrations/demonstrations.json', 'utf8'),
) as readonly Demonstration[];

test('there are two of each kind', () => {
	const shown = demonstrations.map(({ request, constraints }) =>
		kindOf(environment.tasks, { request, constraints }),
	);
	expect(shown.toSorted()).toEqual(
		Object.keys(kinds)
			.flatMap((kind) => [kind, kind])
			.toSorted(),
	);
});

test.each(demonstrations)('$constraints: right, and not held out', async ({ answer, ...item }) => {
	expect(environment.tasks.isHeldOut(item)).toBe(false);
	const read = environment.answers.read(item, {}, answer);
	expect(read).toEqual({ answer });
	expect(environment.reference.isRight?.(item, answer)).toBe(true);
});
