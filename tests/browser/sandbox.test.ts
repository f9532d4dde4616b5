/** @file The sandbox in a browser: programs that never end, fill the memory or look for a network, in a real worker. */
import { afterAll, expect, test } from 'vitest';
import { pageSandbox } from '#platform/sandbox/browser.ts';

afterAll(pageSandbox.close);
const run = (source: string, ...calls: (readonly unknown[])[]) =>
	pageSandbox.run({ source, name: 'solve', calls });

test('calls functions, counts steps and bytes, and has nothing of the page', async () => {
	expect(await run('const solve = (n) => n.length', [[1, 2]])).toEqual({
		kind: 'ended',
		results: ['2'],
	});
	expect(await run('for (;;) {}')).toEqual({ kind: 'exhausted', budget: 'steps' });
	expect(await run('const a = []; for (;;) a.push(new Array(1000).fill(1))')).toEqual({
		kind: 'exhausted',
		budget: 'bytes',
	});
	const source = 'const solve = () => [typeof fetch, typeof self, typeof importScripts]';
	expect(await run(source, [])).toMatchObject({
		results: ['["undefined","undefined","undefined"]'],
	});
});
