/** @file What axe objects to on a page as it stands. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

/** One line per element; empty where all is well. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
	await page.evaluate(axeSource);
	const options: RunOptions = { resultTypes: ['violations'] };
	const results = await page.evaluate(
		(given) =>
			(globalThis as unknown as { axe: { run(o: RunOptions): Promise<AxeResults> } }).axe.run(
				given,
			),
		options,
	);
	return results.violations.flatMap(({ id, help, nodes }) =>
		nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`),
	);
}
