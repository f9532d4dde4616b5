/** @file The sandbox: what programs come to, what they cannot reach, and a thread that is ended and started anew. */
import { afterAll, describe, expect, it } from 'vitest';
import { openNodeSandbox } from '#platform/sandbox/node.ts';
import { sandboxOn } from '#platform/sandbox/sandbox.ts';

const sandbox = openNodeSandbox();
afterAll(sandbox.close);
const run = (source: string, ...calls: (readonly unknown[])[]) =>
	sandbox.run({ source, name: 'solve', calls });

describe('the sandbox', () => {
	it('calls a function with lists, and gives what JSON can say', async () => {
		expect(await run('const solve = (n) => n.map((x) => x * 2)', [[1, -2]], [[]])).toEqual({
			kind: 'ended',
			results: ['[2,-4]', '[]'],
		});
		expect(await run('function solve() { return () => 1 }', [])).toEqual({
			...{ kind: 'ended', results: [null] },
		});
	});

	it.each([
		['while (true) {}', 'steps'],
		['function solve() { for (;;) {} }', 'steps'],
		['try { for (;;) {} } catch { } finally { for (;;) {} }', 'steps'],
		['const a = []; while (true) a.push(new Array(1000).fill(1))', 'bytes'],
		['"x".repeat(1e9)', 'bytes'],
	])('ends %s when its %s are used up', async (source, budget) => {
		expect(await run(source, [])).toEqual({ kind: 'exhausted', budget });
	});

	it.each([
		['syntax (', 'SyntaxError'],
		['throw new Error("no")', 'Error: no'],
		['const other = 1', 'TypeError'],
		['function solve() { return solve() + 1 }', 'RangeError'],
		['console.assert(1 === 1); console.assert(1 === 2, "sums")', 'Error: Assertion failed: sums'],
	])('says that %s throws', async (source, reason) => {
		const ran = await run(source, []);
		expect(ran).toMatchObject({ kind: 'threw' });
		expect('reason' in ran && ran.reason).toContain(reason);
	});

	it('has no network, no files, no process, no timer, and a clock and chance that stand still', async () => {
		const names = 'fetch XMLHttpRequest WebSocket process require Deno setTimeout Worker navigator';
		const source = `const solve = () => ${JSON.stringify(names.split(' '))}.filter((n) => n in globalThis)`;
		expect(await run(source, [])).toEqual({ kind: 'ended', results: ['[]'] });
		const chance = 'const solve = () => [Math.random(), Date.now()]';
		expect(await run(chance, [])).toEqual(await run(chance, []));
		const loads = 'let z; import("node:fs").then((m) => { z = m; }); const solve = () => typeof z';
		expect(await run(loads, [])).toEqual({ kind: 'ended', results: ['"undefined"'] });
	});

	it('keeps nothing of one program for the next, and is not told what to say by another JSON', async () => {
		await run('globalThis.left = 1; JSON.stringify = () => "[9]"; const solve = () => 1', []);
		expect(await run('const solve = () => typeof left', [])).toMatchObject({
			results: ['"undefined"'],
		});
		expect(await run('JSON.stringify = () => "[9]"; const solve = () => [1]', [])).toMatchObject({
			results: ['[1]'],
		});
	});

	it('rejects when it is stopped before it begins', async () => {
		const signal = AbortSignal.abort(new Error('stopped'));
		const program = { source: '', name: 'solve', calls: [] };
		await expect(sandbox.run(program, signal)).rejects.toThrow('stopped');
	});
});

describe('its thread', () => {
	const program = { source: 'const solve = () => 1', name: 'solve', calls: [[]] };

	it('is ended when a program takes too long, which is lost, and another is started for the next', async () => {
		let [started, ended] = [0, 0];
		const slow = sandboxOn(({ answer }) => {
			started++;
			const isDeaf = started === 1;
			return {
				ask: ({ id }) => {
					if (!isDeaf) answer({ id, ran: { kind: 'ended', results: [] } });
				},
				end: () => ended++,
			};
		}, 30);
		const both = await Promise.all([slow.run(program), slow.run(program)]);
		expect(both).toEqual([
			{ kind: 'lost', reason: 'the program took too long' },
			{ kind: 'ended', results: [] },
		]);
		expect([started, ended]).toEqual([2, 1]);
	});

	it('that cannot be started, or dies, loses the program and nothing else', async () => {
		const none = sandboxOn(() => {
			throw new Error('no thread');
		});
		expect(await none.run(program)).toEqual({ kind: 'lost', reason: 'no thread' });
		const dying = sandboxOn(({ died }) => ({
			ask: () => {
				died('gone');
			},
			end: () => undefined,
		}));
		expect(await dying.run(program)).toEqual({ kind: 'lost', reason: 'gone' });
	});
});
