/** @file The gallery: training items only, right answers judged right, near misses not. */
import { afterAll, describe, expect, it } from 'vitest';
import { abilities, byAbility } from '#environments/environment.ts';
import { environments, openEnvironment } from '#environments/registry.ts';
import { equipped } from '#platform/sandbox/equipped.ts';
import { openNodeSandbox } from '#platform/sandbox/node.ts';
import { exhibitsOf } from '#runs/gallery/exhibit.ts';

const sandbox = openNodeSandbox();
afterAll(sandbox.close);

describe.each(Object.keys(environments))('%s in the gallery', (name) => {
	const environment = equipped(openEnvironment(name), sandbox);

	it('shows training items at an easy and a harder difficulty, with true verdicts', async () => {
		const exhibits = await exhibitsOf(environment);
		const { min, max } = environment.tasks.difficulty;
		expect(exhibits.map(({ difficulty }) => difficulty)).toHaveLength(max > min ? 2 : 1);
		for (const { item, difficulty, prompt, right, miss } of exhibits) {
			expect(environment.tasks.isHeldOut(item)).toBe(false);
			expect(environment.tasks.difficultyOf(item)).toBe(difficulty);
			expect(prompt).not.toBe('');
			if (!right) continue;
			expect(right.verdict.kind).toBe('correct');
			expect(miss?.completion).not.toBe(right.completion);
			expect(miss?.verdict.kind).toMatch(/^(?:wrong|malformed)$/);
		}
	});
});

describe('abilities', () => {
	it('are declared once by every environment, and each environment is found under its own', () => {
		const found = byAbility(Object.values(environments));
		expect(found.flatMap(({ parts }) => parts.map(({ name }) => name)).sort()).toEqual(
			Object.keys(environments).sort(),
		);
		for (const { ability, parts } of found) {
			expect(Object.keys(abilities)).toContain(ability);
			for (const part of parts) expect(part.ability).toBe(ability);
		}
		const order = Object.keys(abilities);
		const shown = found.map(({ ability }) => order.indexOf(ability));
		expect(shown).toEqual([...shown].sort((a, b) => a - b));
	});
});
